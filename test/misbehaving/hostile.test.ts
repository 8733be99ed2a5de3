/** Whatever a server or a client sends, in whatever shape, the gateway lives, and everybody else is served. */
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Gateway } from '../support/gateway.ts'
import { RawSession, send } from '../support/raw-http.ts'
import { expectSound, misbehaving, startGateway, stopSound } from './misbehaving.ts'

const SCRIPT = join(import.meta.dirname, 'hostile.mjs')

function hostile(results: Record<string, unknown> = {}): object {
  return {
    command: process.execPath,
    args: [SCRIPT],
    env: { HOSTILE: JSON.stringify(results) },
    timeout: '1s',
    start_timeout: '2s',
  }
}

const odd = (capabilities: unknown, more: object = {}): object =>
  hostile({ initialize: { protocolVersion: '2025-11-25', capabilities, serverInfo: { name: 'x', version: '1' }, ...more } })

let gateway: Gateway
let session: RawSession

beforeAll(async () => {
  gateway = await startGateway({
    good: misbehaving(),
    hostile: hostile(),
    nothing: hostile({ initialize: {} }),
    wordy: odd(
      { tools: 'yes', resources: null, prompts: 7, logging: [] },
      { instructions: { not: 'a text' }, protocolVersion: { a: 1 } },
    ),
    null: odd(null, { instructions: 'x'.repeat(100_000), serverInfo: null }),
    lists: hostile({
      'tools/list': {
        tools: [
          null,
          5,
          'a',
          [],
          {},
          { name: 5 },
          { name: '' },
          { name: 'say', 'a"b\\c': 1, inputSchema: null },
          { name: { name: 'x' } },
        ],
      },
      'prompts/list': { prompts: { not: 'an array' } },
      'resources/list': {
        resources: [{ uri: '' }, { uri: 'mcp-gw://good/mis://one' }, { uri: 'mcp-gw://' }, { uri: 'mis://one' }],
      },
      'resources/templates/list': { resourceTemplates: [{ uriTemplate: '{' }, { uriTemplate: '{+a}'.repeat(50) }] },
    }),
    none: hostile({ 'tools/list': { tools: null, nextCursor: 5 }, 'resources/list': [], 'prompts/list': 5 }),
  })
  session = await RawSession.open(gateway.url(), { capabilities: { sampling: {}, roots: {}, elicitation: {} } })
})

afterAll(() => stopSound(gateway))

let next = 1

/** Sends a request and gives its answer. */
async function ask(method: string, params?: unknown): Promise<Record<string, unknown>> {
  const id = next++
  const answer = await session.post(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
  const texts = answer.text.startsWith('{')
    ? [answer.text]
    : [...answer.text.matchAll(/^data: (\{.*)$/gm)].map((match) => match[1] as string)
  return (
    texts
      .map((text) => JSON.parse(text) as Record<string, unknown>)
      .find((message) => message.id === id && !('method' in message)) ?? {}
  )
}

async function expectServed(): Promise<void> {
  expect(await ask('tools/call', { name: 'good__echo', arguments: { text: 'fine' } })).toMatchObject({
    result: { content: [{ text: 'fine' }] },
  })
  expectSound(gateway)
}

describe('a hostile server', () => {
  test('that says odd things of itself is served as far as that goes', async () => {
    for (const name of ['nothing', 'wordy', 'null']) {
      const single = await RawSession.open(gateway.url(name))
      expect(single.version).toBe('2025-11-25')
      await single.end()
    }
    await expectServed()
  })

  test('that lists nonsense has its one good tool listed, and cannot take the place of another', async () => {
    const { result } = (await ask('tools/list')) as { result: { tools: { name: string }[] } }
    expect(result.tools.map(({ name }) => name).filter((name) => /^(lists|none)__/.test(name))).toEqual(['lists__', 'lists__say'])
    const read = await ask('resources/read', { uri: 'mis://one' })
    expect(JSON.stringify(read)).toContain('the text of mis://one')
    const listed = (await ask('resources/list')) as { result: { resources: { uri: string }[] } }
    const uris = listed.result.resources.map(({ uri }) => uri)
    expect(new Set(uris).size).toBe(uris.length)
    await expectServed()
  })

  const LINES = [
    '{"jsonrpc":"2.0","method":"notifications/resources/updated"}',
    '{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{}}',
    '{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":""}}',
    '{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":{}}}',
    '{"jsonrpc":"2.0","method":"notifications/message"}',
    '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":{"toString":1}}}',
    '{"jsonrpc":"2.0","method":"notifications/progress"}',
    '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":{}}}',
    '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":[$TOKEN]}}',
    '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":$TOKEN}}',
    '{"jsonrpc":"2.0","method":"notifications/cancelled"}',
    '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":$ID}}',
    '{"jsonrpc":"2.0","method":"notifications/initialized"}',
    '{"jsonrpc":"2.0","method":""}',
    '{"jsonrpc":"2.0","id":$ID,"method":"ping"}',
    '{"jsonrpc":"2.0","id":$ID,"method":"sampling/createMessage"}',
    '{"jsonrpc":"2.0","id":$ID,"method":"sampling/createMessage","params":{"_meta":{"progressToken":{}}}}',
    '{"jsonrpc":"2.0","id":"twice","method":"roots/list"}\n{"jsonrpc":"2.0","id":"twice","method":"roots/list"}',
    '{"jsonrpc":"2.0","id":"gone","method":"roots/list"}\n{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"gone"}}',
    '{"jsonrpc":"2.0","id":1e400,"result":{}}',
    '{"jsonrpc":"2.0","id":-1,"error":{}}',
    '{"jsonrpc":"2.0","id":null,"error":null}',
    '{"jsonrpc":"2.0","id":null,"error":{"code":{},"message":[]}}',
    '{"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{"a":1}}',
    `{"jsonrpc":"2.0","method":"x","params":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}`,
  ]

  test.each(LINES)('that says %s changes nothing for anyone', async (line) => {
    await ask('resources/subscribe', { uri: '' })
    await ask('tools/call', { name: 'hostile__say', arguments: { lines: [line] }, _meta: { progressToken: 'mine' } })
    await ask('tools/call', { name: 'hostile__say', arguments: { lines: [line] } })
    await expectServed()
  })

  test('that tells of an update without saying of what finds nobody who watches a resource without a name', async () => {
    const only = await RawSession.open(gateway.url('hostile'))
    const watching = await only.post('{"jsonrpc":"2.0","id":1,"method":"resources/subscribe","params":{"uri":""}}')
    expect(watching.text).toContain('-32602')
    const lines = LINES.filter((line) => line.includes('resources/updated'))
    expect(await only.call('2', 'say', { lines })).not.toHaveLength(0)
    await expectServed()
    await only.end()
  })

  test('that says arbitrary messages changes nothing for anyone', async () => {
    const method = fc.constantFrom(
      'notifications/resources/updated',
      'notifications/message',
      'notifications/progress',
      'notifications/cancelled',
      'roots/list',
      'notifications/resources/list_changed',
      'elicitation/create',
      'notifications/elicitation/complete',
      'ping',
      'initialize',
      'x',
    )
    const key = fc.constantFrom('uri', 'level', 'data', 'progressToken', 'requestId', '_meta', 'name', '__proto__')
    const params = fc.oneof(fc.dictionary(key, fc.jsonValue({ maxDepth: 2 })), fc.jsonValue({ maxDepth: 1 }))
    const id = fc.oneof(fc.constant('$ID'), fc.nat(50), fc.string(), fc.constant(null), fc.constant({}))
    const message = fc.record(
      { jsonrpc: fc.constant('2.0'), id, method, params, result: params, error: params },
      { requiredKeys: ['jsonrpc'] },
    )
    const line = message.map((one) => JSON.stringify(one).replaceAll('"$ID"', '$ID'))
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 20, maxLength: 40 }), async (lines) => {
        await ask('tools/call', { name: 'hostile__say', arguments: { lines }, _meta: { progressToken: 5 } })
        expectSound(gateway)
      }),
      { numRuns: 15 },
    )
    await expectServed()
  })
})

describe('a hostile client', () => {
  test('that sends arbitrary params to every method gets an answer to each request', async () => {
    const method = fc.constantFrom(
      'tools/call',
      'tools/list',
      'prompts/get',
      'prompts/list',
      'resources/read',
      'resources/subscribe',
      'resources/unsubscribe',
      'ping',
      'x',
      'resources/list',
      'completion/complete',
      'logging/setLevel',
      'initialize',
      'server/discover',
      'resources/templates/list',
      '__proto__',
    )
    const key = fc.constantFrom(
      'name',
      'uri',
      'cursor',
      'level',
      'ref',
      'argument',
      'arguments',
      '_meta',
      '__proto__',
      'protocolVersion',
    )
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom('good__echo', 'mis://one', 'debug', 'hostile__say'),
      fc.constant({ type: 'ref/prompt', name: 5 }),
    )
    await fc.assert(
      fc.asyncProperty(method, fc.option(fc.dictionary(key, value), { nil: undefined }), async (one, params) => {
        const answer = await ask(one, params)
        expect('result' in answer || 'error' in answer || one === 'initialize').toBe(true)
      }),
      { numRuns: 200 },
    )
    await expectServed()
  })

  test('that sends arbitrary notifications and answers disturbs nobody', async () => {
    const method = fc.constantFrom(
      'notifications/cancelled',
      'notifications/progress',
      'notifications/initialized',
      'notifications/roots/list_changed',
      'x',
    )
    const key = fc.constantFrom('requestId', 'progressToken', 'reason', '_meta')
    const params = fc.dictionary(key, fc.jsonValue({ maxDepth: 1 }))
    const body = fc.oneof(
      fc.record({ jsonrpc: fc.constant('2.0'), method, params }),
      fc.record({ jsonrpc: fc.constant('2.0'), id: fc.nat(3), result: params }),
      fc.record({ jsonrpc: fc.constant('2.0'), id: fc.nat(3), error: params }),
    )
    await fc.assert(
      fc.asyncProperty(body, async (one) => {
        expect((await session.post(JSON.stringify(one))).status).toBe(202)
      }),
      { numRuns: 60 },
    )
    await expectServed()
  })

  test('that sends arbitrary bytes is refused as the protocol says, never with 500', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
        expect((await session.post(Buffer.from(bytes))).status).toBe(400)
      }),
      { numRuns: 60 },
    )
    await expectServed()
  })

  test('that opens sessions oddly gets one or an error', async () => {
    for (const params of [
      undefined,
      {},
      { capabilities: 5 },
      { clientInfo: null, capabilities: { a: { b: [] } } },
      { protocolVersion: {} },
    ]) {
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })
      const { status, headers } = await send(gateway.url(), { body })
      expect(status).toBe(200)
      await send(gateway.url(), { method: 'DELETE', headers: { 'mcp-session-id': String(headers['mcp-session-id']) } })
    }
    await expectServed()
  })
})
