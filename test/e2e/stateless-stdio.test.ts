/** The stateless era over stdio: each message says which era it is in, so both are spoken on one line. */
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { afterAll, expect, it } from 'vitest'
import { fixtureServer, packageServer, temporaryFolder, writeConfig } from '../support/gateway.ts'
import { until } from '../support/processes.ts'
import { page } from '../support/stateless.ts'
import { Line } from '../support/stdio-line.ts'
import { v2Client } from '../support/v2-client.ts'

const folder = temporaryFolder()
const config = writeConfig(folder.path, {
  servers: { odd: fixtureServer('misbehaving.mjs'), everything: packageServer('everything') },
})

afterAll(() => folder.remove())

const ABLE = { elicitation: { form: {} } }
const question = { method: 'elicitation/create', params: { message: 'ok?', requestedSchema: { type: 'object', properties: {} } } }

it('a request of either era is answered in its own words, before, during and after a session', async () => {
  const line = new Line(config)
  line.write(page('tools/list', {}, { id: 'before' }).body)
  expect(await line.answer('"before"')).toMatchObject({ result: { resultType: 'complete' } })
  await line.open()
  line.write(page('tools/call', { name: 'odd__echo', arguments: { text: 'modern' } }, { id: 1 }).body)
  const session = (await line.call('2', 'odd__echo', { text: 'session' })) as { result: Record<string, unknown> }
  expect(session.result.resultType).toBeUndefined()
  expect(await line.answer('1')).toMatchObject({ result: { resultType: 'complete', content: [{ text: 'modern' }] } })
  line.write(page('ping', {}, { id: 3 }).body)
  expect(await line.answer('3')).toMatchObject({ error: { code: -32601 } })
  expect(await line.close()).toBe(0)
})

it('a question of a server is the result of the call, and the retry goes on with it', async () => {
  const line = new Line(config)
  const ask = (id: string, more = {}) =>
    line.write(page('tools/call', { name: 'odd__ask', arguments: question, ...more }, { id, capabilities: ABLE }).body)
  ask('a')
  const first = (await line.answer('"a"')) as { result: { inputRequests: object; requestState: string } }
  expect(first.result.inputRequests).toEqual({ r1: question })
  ask('b', { inputResponses: { r1: { action: 'decline' } }, requestState: first.result.requestState })
  const { result } = (await line.answer('"b"')) as { result: { content: [{ text: string }] } }
  expect(JSON.parse(result.content[0].text)).toMatchObject({ result: { action: 'decline' } })
  expect(await line.close()).toBe(0)
})

it('a request that is taken back gets no answer, and its server hears of it; its id is free again', async () => {
  const line = new Line(config)
  const silent = page(
    'tools/call',
    { name: 'odd__slow-progress', arguments: { intervalMs: 5 } },
    { id: 7, meta: { progressToken: 't' } },
  )
  line.write(silent.body)
  await until(() => line.lines.some((one) => one.includes('notifications/progress')) || undefined, 'no progress')
  line.write(page('tools/list', {}, { id: 7 }).body)
  expect(await line.answer('7')).toMatchObject({ error: { code: -32600 } })
  line.write('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7,"reason":"enough"}}')
  line.write(page('tools/call', { name: 'odd__seen', arguments: {} }, { id: 8 }).body)
  expect(JSON.stringify(await line.answer('8'))).toContain('notifications/cancelled')
  expect(line.lines.filter((one) => one.includes('"id":7'))).toHaveLength(1)
  expect(await line.close()).toBe(0)
})

it('rubbish of both eras on one pipe is told so, and the same id in both eras is two requests', async () => {
  const line = new Line(config)
  await line.open()
  const right = page('tools/call', { name: 'odd__echo', arguments: { text: 'modern' } }, { id: 5 }).body
  const rubbish = [
    right.slice(0, -20),
    '[]',
    'null',
    right.replace('"id":5', '"id":null'),
    right.replace('"2026-07-28"', '"2099-01-01"').replace('"id":5', '"id":"far"'),
    right.replace('"2026-07-28"', '7').replace('"id":5', '"id":"seven"'),
    `{"jsonrpc":"2.0","id":"nobody","result":{}}`,
    'x'.repeat(100_000),
  ]
  for (let round = 0; round < 3; round++) for (const one of rubbish) line.write(one)
  line.write(right)
  line.write('{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"odd__echo","arguments":{"text":"session"}}}')
  const fives = () => line.lines.map((one) => JSON.parse(one)).filter(({ id }) => id === 5)
  await until(() => (fives().length === 2 ? true : undefined), 'not both requests are answered')
  expect(new Set(fives().map(({ result }) => `${result.resultType} ${result.content[0].text}`))).toEqual(
    new Set(['complete modern', 'undefined session']),
  )
  expect(await line.answer('"far"')).toMatchObject({ error: { code: -32022 } })
  expect(await line.answer('"seven"')).toMatchObject({ error: { code: -32602 } })
  expect(await line.close()).toBe(0)
})

it('a client of the v2 SDK finds the era by itself and is asked', async () => {
  const bin = new URL('../../bin/mcp-gw.js', import.meta.url).pathname
  const server = { command: process.execPath, args: [bin, 'serve', '--stdio', '--config', config] }
  const answers = { 'elicitation/create': () => ({ action: 'accept', content: { name: 'Ada' } }) }
  const { client, asked } = await v2Client(new StdioClientTransport(server), { mode: 'auto', answers })
  const { content } = await client.callTool({ name: 'everything__trigger-elicitation-request', arguments: {} })
  expect(JSON.stringify(content)).toContain('Name: Ada')
  expect(asked).toHaveLength(1)
  await client.close()
})
