/** The stateless era on the wire of HTTP: what a request must be, what it gets, and what is refused in which words. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fixtureServer, Gateway } from '../support/gateway.ts'
import { until } from '../support/processes.ts'
import { EventReader, send } from '../support/raw-http.ts'
import { ask, call, page, read, textOf, VERSION } from '../support/stateless.ts'

let gateway: Gateway
let url: string

beforeAll(async () => {
  gateway = await Gateway.start({ servers: { odd: fixtureServer('misbehaving.mjs'), tiny: fixtureServer('tiny.mjs') } })
  url = gateway.url()
})

afterAll(() => gateway?.stop())

const KEY = 'io.modelcontextprotocol/'

describe('a request', () => {
  it('needs no session, gets none, and none is opened for it', async () => {
    const reply = await call(url, 'tiny__hello', {}, {}, { id: 'x', headers: { 'mcp-session-id': 'whatever' } })
    expect(reply.status).toBe(200)
    expect(reply.headers['mcp-session-id']).toBeUndefined()
    expect(reply.headers['content-type']).toBe('application/json')
    expect(reply.last).toMatchObject({ id: 'x', result: { resultType: 'complete' } })
    expect(reply.last.result._meta[`${KEY}serverInfo`]).toMatchObject({ name: 'mcp-gw' })
    expect((await gateway.health()).sessions).toBe(0)
  })

  it('reaches the server without its envelope', async () => {
    const params = textOf(await call(url, 'odd__echo-raw', { n: 1 }, {}, { meta: { 'io.example/trace': 'kept' } }))
    expect(params).toContain('io.example/trace')
    expect(params).not.toContain(`${KEY}clientCapabilities`)
  })

  it('gets an error of the server in band', async () => {
    const reply = await call(url, 'odd__rpc-error', { code: -32050, message: 'no', data: { a: 1 } })
    expect([reply.status, reply.last.error]).toEqual([200, { code: -32050, message: 'no', data: { a: 1 } }])
  })

  it('is told of an unknown tool in band, and of an unknown method by 404', async () => {
    const unknown = await call(url, 'odd__nothing')
    expect([unknown.status, unknown.last.error?.code]).toEqual([200, -32602])
    const method = await ask(url, 'made/up')
    expect([method.status, method.last.error?.code, method.last.id]).toEqual([404, -32601, 1])
  })

  it.each(['initialize', 'ping', 'logging/setLevel', 'resources/subscribe', 'resources/unsubscribe'])(
    '%s ended with the session era, at both endpoints',
    async (method) => {
      for (const at of [url, gateway.url('odd')]) {
        const { status, last } = await ask(at, method, { uri: 'mis://one', level: 'info' })
        expect([status, last.error?.code]).toEqual([404, -32601])
      }
    },
  )

  it('gets no code that ended with the session era', async () => {
    const { status, last } = await call(url, 'odd__rpc-error', { code: -32002, message: 'not here', data: { uri: 'a:b' } })
    expect([status, last.error]).toEqual([200, { code: -32602, message: 'not here', data: { uri: 'a:b' } }])
  })

  it('a notification is taken and does nothing', async () => {
    const body = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } })
    expect((await send(url, { body, headers: { 'mcp-protocol-version': VERSION } })).status).toBe(202)
  })
})

describe('lists and reads say how long they may be kept', () => {
  it.each([
    ['server/discover', {}],
    ['tools/list', {}],
    ['prompts/list', {}],
    ['resources/list', {}],
    ['resources/templates/list', {}],
    ['resources/read', { uri: 'mis://one' }],
  ])('%s', async (method, params) => {
    for (const at of [url, gateway.url('odd')]) {
      const { status, last } = await ask(at, method, params)
      expect(status).toBe(200)
      expect(last.result).toMatchObject({ resultType: 'complete', ttlMs: expect.any(Number), cacheScope: 'private' })
    }
  })

  it('a call does not', async () => {
    expect((await call(url, 'tiny__hello')).last.result.ttlMs).toBeUndefined()
  })
})

describe('server/discover', () => {
  it('offers what the servers can do, in the revisions that an unknown one is told too', async () => {
    const { last } = await ask(url, 'server/discover')
    expect(last.result).toMatchObject({ supportedVersions: [VERSION], capabilities: { tools: { listChanged: true } } })
    const refused = await ask(
      url,
      'server/discover',
      {},
      { meta: { [`${KEY}protocolVersion`]: '2099-01-01' }, headers: { 'mcp-protocol-version': '2099-01-01' } },
    )
    expect(refused.status).toBe(400)
    expect(refused.last.error).toMatchObject({
      code: -32022,
      data: { supported: last.result.supportedVersions, requested: '2099-01-01' },
    })
  })

  it('is that of the one server at its own endpoint', async () => {
    const { last } = await ask(gateway.url('odd'), 'server/discover')
    expect(last.result._meta[`${KEY}serverInfo`]).toMatchObject({ name: 'misbehaving' })
    expect(last.result.capabilities.tools).toBeDefined()
  })
})

describe('the envelope', () => {
  it.each([
    ['no capabilities', { [`${KEY}clientCapabilities`]: undefined }],
    ['capabilities that are no object', { [`${KEY}clientCapabilities`]: 7 }],
    ['a version that is no text', { [`${KEY}protocolVersion`]: 7 }],
    ['client info that is no object', { [`${KEY}clientInfo`]: 'me' }],
  ])('with %s is refused', async (_, meta) => {
    const { status, last } = await ask(url, 'tools/list', {}, { meta, id: 'e' })
    expect([status, last.error?.code, last.id]).toEqual([400, -32602, 'e'])
  })

  it('must be there where the header names the stateless era', async () => {
    const body = '{"jsonrpc":"2.0","id":4,"method":"tools/list","params":{}}'
    const { status, last } = read(await send(url, { body, headers: { 'mcp-protocol-version': VERSION } }))
    expect([status, last.error?.code, last.id]).toEqual([400, -32602, 4])
  })

  it('is not what initialize has: a header that names the stateless era contradicts it', async () => {
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } }
    const body = JSON.stringify({ jsonrpc: '2.0', id: 5, method: 'initialize', params })
    const { status, last } = read(await send(url, { body, headers: { 'mcp-protocol-version': VERSION } }))
    expect([status, last.error?.code, last.id]).toEqual([400, -32020, 5])
    expect((await send(url, { body })).headers['mcp-session-id']).toBeDefined()
  })

  it('must not be part of a batch', async () => {
    const { body } = page('tools/list')
    const { status, last } = read(await send(url, { body: `[${body}]` }))
    expect([status, last.error?.code]).toEqual([400, -32600])
  })

  it('with a log level that is none is refused', async () => {
    const { last } = await ask(url, 'tools/list', {}, { logLevel: 'loud' })
    expect(last.error?.code).toBe(-32602)
  })
})

describe('headers that contradict the body are refused', () => {
  it.each([
    ['another version', { 'mcp-protocol-version': '2025-11-25' }],
    ['no version', { 'mcp-protocol-version': '' }],
    ['another method', { 'mcp-method': 'tools/list' }],
    ['a method in another case', { 'mcp-method': 'Tools/call' }],
    ['no method', { 'mcp-method': '' }],
    ['another name', { 'mcp-name': 'odd__echo' }],
    ['no name', { 'mcp-name': '' }],
    ['a name that is encoded wrongly', { 'mcp-name': '=?base64?dGlueV9faGVsbG8?=' }],
  ])('%s', async (_, headers) => {
    const { status, last } = await call(url, 'tiny__hello', {}, {}, { headers, id: 'h' })
    expect([status, last.error?.code, last.id]).toEqual([400, -32020, 'h'])
  })

  it('but not where they say the same in base64, or between spaces', async () => {
    const encoded = `=?base64?${Buffer.from('tiny__hello').toString('base64')}?=`
    for (const name of [encoded, '  tiny__hello  ']) {
      expect((await call(url, 'tiny__hello', {}, {}, { headers: { 'mcp-name': name } })).status).toBe(200)
    }
  })
})

describe('the stream of a call', () => {
  it('brings progress under the token of the client, then the answer, and no event ids', async () => {
    const reply = await call(url, 'odd__slow-progress', { steps: 2, intervalMs: 1 }, {}, { meta: { progressToken: 'tok' } })
    expect(reply.headers['content-type']).toBe('text/event-stream')
    expect(reply.headers['x-accel-buffering']).toBe('no')
    expect(reply.text).not.toMatch(/^id:/m)
    expect(reply.all.slice(0, -1).map(({ params }) => params?.progressToken)).toEqual(['tok', 'tok'])
    expect(reply.last.result.resultType).toBe('complete')
  })

  it('brings logs to who names a level, from that level on, and to nobody else', async () => {
    const logs = async (level: string, logLevel?: string) =>
      (await call(url, 'odd__log', { level, text: 'hi' }, {}, logLevel ? { logLevel } : {})).all.length - 1
    expect(await logs('error')).toBe(0)
    expect(await logs('error', 'warning')).toBe(1)
    expect(await logs('info', 'warning')).toBe(0)
  })

  it('is the only way to take a call back: who closes it has cancelled', async () => {
    const reader = await EventReader.open(gateway.url(), {
      method: 'POST',
      ...page('tools/call', { name: 'odd__slow-progress', arguments: { intervalMs: 5 } }, { meta: { progressToken: 1 } }),
    })
    await reader.next((data) => data.includes('progress'))
    reader.cut()
    const look = async () => {
      const { servers } = await gateway.health()
      return servers.every(({ instances }) => instances.every(({ inFlight }) => inFlight === 0)) ? true : undefined
    }
    await until(look, 'the server still works on the call')
    expect(textOf(await call(url, 'odd__seen'))).toContain('notifications/cancelled')
  })
})
