/** Holds that the load generator counts no wrong answer as a success: a fast wrong one would be the best number of all. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
// @ts-expect-error The bench is plain JavaScript, without types.
import { answerCheck } from './answer-check.mjs'
// @ts-expect-error The bench is plain JavaScript, without types.
import { answerReader } from './answer-reader.mjs'
// @ts-expect-error The bench is plain JavaScript, without types.
import { prose, sizes } from './results.mjs'

const text = prose(0.2)
const problemOf = ({ content }: { content?: { text: string }[] }) => (content?.[0]?.text === text ? undefined : 'another text')
const answer = (id: number, body: object = { result: { content: [{ type: 'text', text }] } }) =>
  JSON.stringify({ jsonrpc: '2.0', id, ...body })

function check(checks: ReturnType<typeof answerCheck>, id: number, body: string, { sse = false } = {}) {
  const one = checks.begin(String(id), sse)
  const bytes = Buffer.from(body)
  one.add(bytes, 0, 50)
  one.add(bytes, 50, bytes.length)
  return one.problem()
}

describe('the check of answers', () => {
  test('right answers pass, in any shape, before and after the template is learned', () => {
    const checks = answerCheck(problemOf)
    expect(check(checks, 100000001, answer(100000001))).toBeUndefined()
    expect(check(checks, 100000002, answer(100000002))).toBeUndefined()
    const turned = JSON.stringify({ result: { content: [{ type: 'text', text }] }, jsonrpc: '2.0', id: 100000003 })
    expect(check(checks, 100000003, turned)).toBeUndefined()
    const stream = `: hello\n\nevent: message\nid: 7\ndata: ${answer(100000004)}\n\n`
    expect(check(checks, 100000004, stream, { sse: true })).toBeUndefined()
  })

  test.each([
    ['the id of another request', answer(100000008), 'the answer has id 100000008'],
    ['a text of the same length', answer(100000009).replace('There', 'Theme'), 'another text'],
    ['a tool error', answer(100000009, { error: { code: -32603, message: 'a long message, long enough' } }), 'is an error'],
    ['half an answer', answer(100000009).slice(0, -30), 'not JSON'],
    ['an HTML page', '<html><body>'.padEnd(80, '-'), 'not JSON'],
  ])('%s is a failure', (_, body, problem) => {
    const checks = answerCheck(problemOf)
    expect(check(checks, 100000009, body)).toContain(problem)
    expect(check(checks, 100000001, answer(100000001))).toBeUndefined()
    expect(check(checks, 100000009, body)).toContain(problem)
  })

  test('an empty answer and a stream without the answer are failures', () => {
    const checks = answerCheck(problemOf)
    expect(checks.begin('100000001', false).problem()).toContain('not JSON')
    expect(check(checks, 100000001, answer(100000001))).toBeUndefined()
    expect(checks.begin('100000002', false).problem()).toContain('not JSON')
    expect(check(checks, 100000002, `data: ${answer(100000001)}\n\n`, { sse: true })).toContain('ended without')
  })
})

describe('the reader of HTTP answers', () => {
  const sized = (body: string) =>
    `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  const chunked = (parts: string[]) =>
    `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n${parts
      .map((part) => `${Buffer.byteLength(part).toString(16)}\r\n${part}\r\n`)
      .join('')}0\r\n\r\n`

  test('answers are the same however the bytes are cut', () => {
    const bytes = Buffer.from(sized('{"grüße":1}') + chunked(['data: ', 'eins\r\n\r\n']) + sized('') + sized('last'))
    const cuts = fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 30 })
    fc.assert(
      fc.property(cuts, (places) => {
        const answers: { status: number; sse: boolean; body: string; ended: boolean }[] = []
        const last = () => answers.at(-1) as (typeof answers)[number]
        const read = answerReader({
          onHead: (head: { status: number; sse: boolean }) => answers.push({ ...head, body: '', ended: false }),
          onBody: (given: Buffer, start: number, end: number) => {
            last().body += given.toString('latin1', start, end)
          },
          onEnd: () => {
            last().ended = true
          },
        })
        const edges = [0, ...places.sort((a, b) => a - b), bytes.length]
        for (let n = 1; n < edges.length; n++) read(Buffer.from(bytes.subarray(edges[n - 1], edges[n])))
        expect(answers.map(({ body, sse }) => [Buffer.from(body, 'latin1').toString(), sse])).toEqual([
          ['{"grüße":1}', false],
          ['data: eins\r\n\r\n', true],
          ['', false],
          ['last', false],
        ])
        expect(answers.every(({ status, ended }) => status === 200 && ended)).toBe(true)
      }),
    )
  })

  test('bytes that are not HTTP are refused', () => {
    const read = answerReader({ onHead: () => undefined, onBody: () => undefined, onEnd: () => undefined })
    expect(() => read(Buffer.from('{"jsonrpc":"2.0"}\r\n\r\n'))).toThrow('no HTTP answer')
  })
})

test.each(sizes as number[])('the prose of %d KB has exactly that many bytes', (size) => {
  expect(Buffer.byteLength(prose(size))).toBe(size * 1000)
})
