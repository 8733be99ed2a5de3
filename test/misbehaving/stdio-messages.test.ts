/** Servers that write wrong or strange messages on stdout: each client still gets its own answer, or a clear error. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestClient } from '../support/clients.ts'
import { type Gateway, logLines } from '../support/gateway.ts'
import { RawSession } from '../support/raw-http.ts'
import { misbehaving, refusal, startGateway, stopSound } from './misbehaving.ts'

let gateway: Gateway
let client: TestClient

beforeAll(async () => {
  gateway = await startGateway({
    mis: misbehaving(),
    garbage: misbehaving(['--garbage']),
    early: misbehaving(['--early']),
    crlf: misbehaving(['--crlf']),
    bom: misbehaving(['--bom'], { start_timeout: '2s' }),
    eager: misbehaving(['--eager']),
    bare: misbehaving(['--bare']),
    odd: misbehaving(['--version', '1999-01-01']),
  })
  client = await TestClient.http(
    gateway.url(),
    { roots: {}, sampling: {} },
    { 'roots/list': () => ({ roots: [{ uri: 'file:///home' }] }) },
  )
})

afterAll(async () => {
  await client.close()
  await stopSound(gateway)
})

describe('a server that starts oddly', () => {
  test.each([
    ['writes garbage before its first answer', 'garbage'],
    ['sends notifications before its first answer', 'early'],
    ['ends its lines with CR LF', 'crlf'],
    ['begins with a byte order mark', 'bom'],
    ['asks the client before anything else', 'eager'],
    ['answers in a protocol version that nobody knows', 'odd'],
  ])('and %s works', async (_what, name) => {
    expect(await client.text(`${name}__echo`, { text: 'zwölf' })).toBe('zwölf')
  })

  test('and declares nothing lists nothing, and its tools are unknown', async () => {
    const names = await client.toolNames()
    expect(names.filter((name) => name.startsWith('bare__'))).toEqual([])
    expect(await refusal(client.call('bare__echo'))).toContain('Unknown tool: bare__echo')
  })

  test('leaves a line in the log for each line that was no message', () => {
    const skipped = logLines(gateway.running).filter(
      ({ server, message }) => server === 'garbage' && /no JSON-RPC/.test(String(message)),
    )
    expect(skipped.map(({ line }) => line)).toContain('Server listening on stdio...')
  })
})

describe('answers', () => {
  test('that come out of order reach those who asked', async () => {
    const calls = ['a', 'b', 'c'].map((text) => client.text('mis__batchy', { size: 3, text }))
    expect(await Promise.all(calls)).toEqual(['a', 'b', 'c'])
  })

  test('that come twice count once: the first', async () => {
    expect(await client.text('mis__twice')).toBe('first')
    expect(await client.text('mis__echo', { text: 'and on' })).toBe('and on')
  })

  test('under ids that nobody used reach nobody', async () => {
    expect(await client.text('mis__unknown-ids')).toBe('mine')
  })

  test('under the id as a text are none: "1" is not 1', async () => {
    expect(await client.text('mis__string-id')).toBe('right')
    expect(await refusal(client.call('mis__string-id', { only: true }))).toContain('mis did not answer in 1s')
  })

  test('with id and result twice mean the last, for us and for the client', async () => {
    const session = await RawSession.open(gateway.url())
    const [answer = ''] = await session.call('5', 'mis__duplicate-keys')
    expect(JSON.parse(answer)).toMatchObject({ id: 5, result: { content: [{ text: 'last' }] } })
    expect(answer).not.toContain('first')
    await session.end()
  })

  test('that are broken JSON are skipped', async () => {
    expect(await client.text('mis__broken-json')).toBe('whole')
    expect(await refusal(client.call('mis__broken-json', { only: true }))).toContain('mis did not answer in 1s')
  })

  test('that are a result and an error at once are none', async () => {
    expect(await refusal(client.call('mis__both'))).toContain('mis did not answer in 1s')
  })

  test('between garbage are found', async () => {
    expect(await client.text('mis__garbage')).toBe('after the garbage')
  })

  test('of 10 MB come whole, and several at once', async () => {
    const texts = await Promise.all([client.text('mis__big'), client.text('crlf__big', { bytes: 3_000_000, unit: '日本' })])
    expect(texts.map(({ length }) => length)).toEqual([10_000_000, 1_000_000])
    expect(texts[1]?.replaceAll('日本', '')).toBe('')
  })

  test('in writes of one byte lose no character', async () => {
    expect(await client.text('mis__chunked')).toBe('zwölf Boxkämpfer 日本語 🙂')
  })

  test('keep what a parser would lose', async () => {
    const session = await RawSession.open(gateway.url())
    const raw =
      '{"content":[],"structuredContent":{"n":123456789012345678901234567890,"f":1.10,"e":"\\u00e9"},"x-unknown":{"b":1,"a":-0}}'
    const [answer = ''] = await session.call('"id-1"', 'mis__raw-result', { json: raw })
    expect(answer).toBe(`{"jsonrpc":"2.0","id":"id-1","result":${raw}}`)
    await session.end()
  })

  test('that are errors keep code, message and data', async () => {
    await expect(client.call('mis__rpc-error')).rejects.toMatchObject({ code: -32_000, data: { detail: 'kept' } })
    expect(await client.call('mis__tool-error')).toMatchObject({ isError: true })
  })
})

describe('requests of the server', () => {
  test.each(['same', 'text', 'zero', 'own'])('under an id of the kind "%s" are answered, and the call as well', async (ids) => {
    expect(JSON.parse(await client.text('mis__ask', { method: 'ping', ids }))).toEqual({ result: {} })
    const roots = await client.text('mis__ask', { method: 'roots/list', ids })
    expect(JSON.parse(roots)).toEqual({ result: { roots: [{ uri: 'file:///home' }] } })
  })

  test('that the client cannot answer are refused, and the call goes on', async () => {
    const answer = JSON.parse(await client.text('mis__ask', { method: 'elicitation/create', params: { message: 'Well?' } }))
    expect(answer.error).toMatchObject({ code: -32_601, message: 'the client does not support elicitation/create' })
  })
})

describe('notifications', () => {
  test('of progress for nobody, or after the answer, disturb nobody', async () => {
    expect(await client.text('mis__stray-progress')).toBe('answered')
    expect(await client.text('mis__echo', { text: 'fine' })).toBe('fine')
  })
})
