/** What a client gets that breaks the rules of Streamable HTTP, and one that only seems to. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fixtureServer, Gateway } from '../support/gateway.ts'
import { messages, RawSession, send } from '../support/raw-http.ts'

let gateway: Gateway
let url: string

beforeAll(async () => {
  gateway = await Gateway.start({
    listen: { port: 0, body: '64KB', hosts: ['mcp.example'], origins: ['https://app.example'] },
    servers: { tiny: fixtureServer('tiny.mjs'), odd: fixtureServer('misbehaving.mjs') },
  })
  url = gateway.url()
})

afterAll(() => gateway?.stop())

const INITIALIZE = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
})
const LIST = '{"jsonrpc":"2.0","id":7,"method":"tools/list"}'

interface RpcError {
  id: unknown
  error: { code: number; message: string }
}

function rpcError(text: string): RpcError {
  const { jsonrpc, ...rest } = JSON.parse(text) as RpcError & { jsonrpc: string }
  expect(jsonrpc).toBe('2.0')
  return rest
}

describe('a body that is no message', () => {
  it.each([
    ['nothing at all', ''],
    ['half a message', '{"jsonrpc":"2.0","id":1,"method":"tools/l'],
    ['words', 'hello'],
    ['two messages', `${LIST}${LIST}`],
    ['half an array', `[${LIST},`],
    ['bytes that are no UTF-8', Buffer.from([0xff, 0xfe, 0x00, 0x7b])],
    ['a byte order mark and words', '\ufeffhello'],
  ])('%s is answered with 400 and -32700 as JSON, with and without a session', async (_what, body) => {
    const session = await RawSession.open(url)
    for (const answer of [await send(url, { body }), await session.post(body)]) {
      expect(answer.status).toBe(400)
      expect(answer.headers['content-type']).toBe('application/json')
      expect(rpcError(answer.text)).toEqual({
        id: null,
        error: { code: -32700, message: expect.stringContaining('Parse error') },
      })
    }
    await session.end()
  })

  it.each([
    ['a number', '42', null],
    ['null', 'null', null],
    ['an object without anything', '{}', null],
    ['another version', '{"jsonrpc":"1.0","id":5,"method":"ping"}', 5],
    ['an id that is an object', '{"jsonrpc":"2.0","id":{},"method":"ping"}', null],
    ['a method that is a number', '{"jsonrpc":"2.0","id":"a","method":1}', 'a'],
    ['a method and a result', '{"jsonrpc":"2.0","id":6,"method":"ping","result":{}}', 6],
    ['params that are a list', '{"jsonrpc":"2.0","id":6,"method":"ping","params":[]}', 6],
  ])('%s is answered with 400 and -32600 under the id it has', async (_what, body, id) => {
    const session = await RawSession.open(url)
    const answer = await session.post(body)
    expect(answer.status).toBe(400)
    expect(rpcError(answer.text)).toMatchObject({ id, error: { code: -32600 } })
    await session.end()
  })

  it('a session goes on after any of that', async () => {
    const session = await RawSession.open(url)
    await session.post('{"jsonrpc')
    expect((await session.post(LIST)).status).toBe(200)
    await session.end()
  })
})

describe('a request that HTTP refuses', () => {
  it('has another content type: 415', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/jsonp',
      'multipart/form-data; boundary=x',
    ]) {
      const answer = await send(url, { body: INITIALIZE, headers: { 'content-type': type } })
      expect([answer.status, answer.headers['content-type']]).toEqual([415, 'application/json'])
      expect(rpcError(answer.text).error.message).toContain('application/json')
    }
    expect((await send(url, { method: 'POST' })).status).toBe(415)
  })

  it('names a charset: that is fine', async () => {
    const answer = await send(url, { body: INITIALIZE, headers: { 'content-type': 'application/json; charset=utf-8' } })
    expect(answer.status).toBe(200)
  })

  it('names a session that never was: 404', async () => {
    for (const method of ['POST', 'GET', 'DELETE']) {
      const headers = { 'mcp-session-id': 'nobody' }
      const answer = await send(url, { method, headers, ...(method === 'POST' && { body: LIST }) })
      expect(answer.status).toBe(404)
      expect(rpcError(answer.text)).toMatchObject({ id: method === 'POST' ? 7 : null, error: { code: -32001 } })
    }
  })

  it('names a session of another endpoint: 404', async () => {
    const session = await RawSession.open(gateway.url('tiny'))
    expect((await send(url, { body: LIST, headers: session.headers })).status).toBe(404)
    await session.end()
  })

  it('names no session: 400 for POST and DELETE, 405 for GET', async () => {
    expect((await send(url, { body: LIST })).status).toBe(400)
    expect((await send(url, { method: 'DELETE' })).status).toBe(400)
    const get = await send(url, { method: 'GET', headers: { accept: 'text/event-stream' } })
    expect([get.status, get.headers.allow]).toEqual([405, 'POST'])
  })

  it('uses another method: 405 with what is allowed', async () => {
    for (const method of ['PUT', 'PATCH']) {
      const answer = await send(url, { method })
      expect([answer.status, answer.headers.allow]).toEqual([405, 'GET, POST, DELETE'])
    }
  })

  it('names a revision that does not exist: 400 that says which do', async () => {
    const session = await RawSession.open(url)
    const answer = await session.post(LIST, { 'mcp-protocol-version': '1999-01-01' })
    expect(answer.status).toBe(400)
    expect(rpcError(answer.text).error.message).toContain('2025-11-25, 2025-06-18, 2025-03-26, 2024-11-05')
    await session.end()
  })

  it('is too large, by its length or by its chunks: 413, and the next request is taken', async () => {
    const session = await RawSession.open(url)
    const big = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping', params: { x: 'x'.repeat(70_000) } })
    for (const headers of [{ 'content-length': String(big.length) }, { 'transfer-encoding': 'chunked' }] as Record<
      string,
      string
    >[]) {
      const answer = await session.post(big, headers)
      expect([answer.status, answer.headers['content-type']]).toEqual([413, 'application/json'])
      expect(rpcError(answer.text).error.message).toContain('listen.body')
    }
    expect((await session.post(LIST)).status).toBe(200)
    await session.end()
  })

  it('asks for a server that does not exist: 404 that names those that do', async () => {
    const answer = await send(gateway.url('nobody'), { body: INITIALIZE })
    expect(answer.status).toBe(404)
    expect(rpcError(answer.text).error.message).toMatch(/no server "nobody".*odd, tiny|no server "nobody".*tiny, odd/)
    expect((await send(`${gateway.url()}/%E0%A4%A`, { body: INITIALIZE })).status).toBe(404)
  })

  it('comes for an ended session: 404 after DELETE', async () => {
    const session = await RawSession.open(url)
    expect((await session.end()).status).toBe(204)
    expect((await session.post(LIST)).status).toBe(404)
    expect((await session.end()).status).toBe(404)
    expect((await session.listen()).response.statusCode).toBe(404)
  })
})

describe('a foreign host or origin is refused on every route', () => {
  const routes = ['/mcp', '/mcp/tiny', '/mcp/nobody', '/health', '/sse', '/messages?sessionId=x', '/nowhere', '/']

  it.each(routes)('%s', async (path) => {
    const at = gateway.origin + path
    const evil = [
      { host: 'evil.example' },
      { host: 'evil.example:39400' },
      { host: '127.0.0.1.evil.example' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: 'http://127.0.0.1.evil.example' },
    ] as Record<string, string>[]
    for (const headers of evil) {
      for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS']) {
        const answer = await send(at, { method, headers, ...(method === 'POST' && { body: INITIALIZE }) })
        expect([method, headers, answer.status]).toEqual([method, headers, 403])
        expect(answer.headers['access-control-allow-origin']).toBeUndefined()
      }
    }
  })

  it('those that the config names may pass, and a page of theirs may read the answer', async () => {
    const headers = { host: 'mcp.example', origin: 'https://app.example' }
    const answer = await send(url, { body: INITIALIZE, headers })
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([200, 'https://app.example'])
    expect(String(answer.headers['access-control-expose-headers'])).toMatch(/mcp-session-id/i)
    const asked = { ...headers, 'access-control-request-method': 'POST', 'access-control-request-headers': 'mcp-session-id' }
    const preflight = await send(url, { method: 'OPTIONS', headers: asked })
    expect([preflight.status, preflight.headers['access-control-allow-methods']]).toEqual([204, 'GET, POST, DELETE, OPTIONS'])
    expect(String(preflight.headers['access-control-allow-headers'])).toMatch(/mcp-session-id/i)
  })

  it('loopback has several names', async () => {
    for (const host of ['localhost', 'LOCALHOST:1', '[::1]:39400', '127.0.0.1'])
      expect((await send(url, { body: INITIALIZE, headers: { host, origin: 'http://localhost:6274' } })).status).toBe(200)
  })

  it('an unknown path is 404 as JSON', async () => {
    const answer = await send(`${gateway.origin}/nowhere`, { method: 'GET' })
    expect([answer.status, String(answer.headers['content-type']).split(';')[0]]).toEqual([404, 'application/json'])
    expect(answer.text).toContain('/mcp')
  })
})

describe('batches', () => {
  const batch = `[${LIST},{"jsonrpc":"2.0","method":"notifications/initialized"},{"jsonrpc":"2.0","id":"8","method":"ping"},{"jsonrpc":"2.0","id":9,"method":"no/such"}]`

  it('are answered together in 2025-03-26', async () => {
    const session = await RawSession.open(url, { version: '2025-03-26' })
    const answer = await session.post(batch)
    expect(answer.status).toBe(200)
    const answers = JSON.parse(messages(answer)[0] as string) as { id: unknown; error?: { code: number } }[]
    expect(answers.map(({ id }) => id)).toEqual([7, '8', 9])
    expect(answers[2]?.error?.code).toBe(-32601)
    await session.end()
  })

  it('of notifications alone are accepted without an answer', async () => {
    const session = await RawSession.open(url, { version: '2025-03-26' })
    const answer = await session.post('[{"jsonrpc":"2.0","method":"notifications/initialized"}]')
    expect([answer.status, answer.text]).toEqual([202, ''])
    await session.end()
  })

  it('tell of each broken part, and are refused when empty', async () => {
    const session = await RawSession.open(url, { version: '2025-03-26' })
    const answers = JSON.parse((await session.post('[1,{"jsonrpc":"2.0","id":2,"method":"ping"}]')).text) as RpcError[]
    expect(answers.map(({ id, error }) => [id, error?.code])).toEqual([
      [null, -32600],
      [2, undefined],
    ])
    expect((await session.post('[]')).status).toBe(400)
    await session.end()
  })

  it.each(['2025-06-18', '2025-11-25'])('are refused in %s', async (version) => {
    const session = await RawSession.open(url, { version })
    const answer = await session.post(batch)
    expect(answer.status).toBe(400)
    expect(rpcError(answer.text)).toMatchObject({ id: null, error: { code: -32600 } })
    await session.end()
  })

  it('cannot open a session', async () => {
    expect((await send(url, { body: `[${INITIALIZE}]` })).status).toBe(400)
  })
})

describe('methods', () => {
  it('server/discover is not known, with a session and without', async () => {
    const body = '{"jsonrpc":"2.0","id":3,"method":"server/discover","params":{}}'
    const bare = await send(url, { body })
    expect(rpcError(bare.text)).toMatchObject({ id: 3, error: { code: -32601 } })
    for (const at of [url, gateway.url('odd')]) {
      const session = await RawSession.open(at)
      expect(rpcError((await session.post(body)).text)).toMatchObject({ id: 3, error: { code: -32601 } })
      await session.end()
    }
  })

  it('an unknown method and a call without a name are errors under the id', async () => {
    const session = await RawSession.open(url)
    const unknown = rpcError((await session.post('{"jsonrpc":"2.0","id":"x","method":"tools/unknown"}')).text)
    expect(unknown).toEqual({ id: 'x', error: { code: -32601, message: 'Method not found: tools/unknown' } })
    const call = '{"jsonrpc":"2.0","id":4,"method":"tools/call"}'
    expect(rpcError((await session.post(call)).text)).toMatchObject({ id: 4, error: { code: -32602 } })
    await session.end()
  })

  it.each(['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'])('a client of %s gets that revision', async (version) => {
    const session = await RawSession.open(url, { version })
    expect(session.initialized.protocolVersion).toBe(version)
    expect((await session.post(LIST)).status).toBe(200)
    await session.end()
  })

  it('a client of an unknown revision gets the latest of the session era', async () => {
    const session = await RawSession.open(url, { version: '2099-01-01' })
    expect(session.initialized.protocolVersion).toBe('2025-11-25')
    await session.end()
  })
})
