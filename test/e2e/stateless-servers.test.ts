/** Stateless servers over HTTP, to the letter: what they are sent, and what becomes of what they answer. */
import type { ServerResponse } from 'node:http'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { HttpListener } from '../../src/downstream/http.ts'
import { listenOptions } from '../../src/downstream/options.ts'
import { createLog } from '../../src/observe/log.ts'
import { Redactor } from '../../src/std/secret.ts'
import { type Answers, TestClient } from '../support/clients.ts'
import { temporaryFolder } from '../support/gateway.ts'
import { InProcess } from '../support/in-process.ts'
import { until } from '../support/processes.ts'
import {
  type Behaviour,
  complete,
  discovery,
  event,
  type Got,
  listOf,
  type Outcome,
  StatelessPeer,
  stream,
} from '../support/stateless-peer.ts'

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

const TOOL = { name: 'hello', inputSchema: { type: 'object' } }

const state = temporaryFolder()
afterAll(() => state.remove())

/** A server that behaves so, a gateway in front of it in this process, and a client. */
async function served(behaviour: Behaviour, capabilities: object = {}, answers: Answers = {}) {
  const peer = await StatelessPeer.start({
    'server/discover': () => discovery(),
    'tools/list': () => listOf(TOOL),
    'tools/call': () => complete('hi'),
    ...behaviour,
  })
  ends.push(() => peer.close())
  const lines: string[] = []
  const log = createLog('warn', new Redactor(), { terminal: false, write: (line) => void lines.push(line) })
  const servers = { s: { url: peer.url, start_timeout: '3s' } }
  const { engine } = new InProcess({ servers, surface: { mode: 'direct' } }, state.path, log)
  await engine.start()
  const options = { ...listenOptions.parse({}), port: 0 }
  const listener = new HttpListener({ engine, options, log, app: () => Promise.reject(new Error('only MCP is spoken here')) })
  const url = await listener.listen()
  ends.push(async () => {
    listener.stop()
    await engine.close()
    listener.cut()
  })
  const client = await TestClient.http(url, capabilities, answers)
  ends.push(() => client.close())
  const server = engine.place('s').server
  return { peer, client, lines, server, url }
}

describe('the headers of a request', () => {
  it('say what the body says, without a session', async () => {
    const { peer, client } = await served({})
    await client.text('s__hello')
    expect(new Set(peer.got.map(({ verb }) => verb))).toEqual(new Set(['POST']))
    for (const { headers, method, params } of peer.got) {
      const meta = params._meta as Record<string, unknown>
      expect(headers['mcp-method']).toBe(method)
      expect(headers['mcp-protocol-version']).toBe('2026-07-28')
      expect(meta['io.modelcontextprotocol/protocolVersion']).toBe('2026-07-28')
      expect(meta['io.modelcontextprotocol/clientCapabilities']).toEqual({})
      expect(headers).not.toHaveProperty('mcp-session-id')
      expect(headers.accept).toBe('application/json, text/event-stream')
    }
    const [call] = peer.of('tools/call')
    expect(call?.headers['mcp-name']).toBe('hello')
    expect(call?.params._meta).toMatchObject({ 'io.modelcontextprotocol/clientInfo': { name: 'test-client' } })
  })

  it('repeat the arguments that a tool wants to see there', async () => {
    const properties = {
      region: { type: 'string', 'x-mcp-header': 'Region' },
      count: { type: 'integer', 'x-mcp-header': 'Count' },
      dry: { type: 'boolean', 'x-mcp-header': 'Dry' },
      none: { type: 'string', 'x-mcp-header': 'None' },
      deep: { type: 'object', properties: { key: { type: 'string', 'x-mcp-header': 'Deep' } } },
    }
    const { peer, client } = await served({
      'tools/list': () => listOf({ name: 'größe', inputSchema: { type: 'object', properties } }),
    })
    const [name = ''] = await client.toolNames()
    await client.call(name, { region: 'Köln', count: 7, dry: false, none: null, deep: { key: ' padded ' } })
    const encoded = (text: string) => `=?base64?${Buffer.from(text).toString('base64')}?=`
    const { headers } = peer.of('tools/call')[0] ?? {}
    expect(headers).toMatchObject({
      'mcp-name': encoded('größe'),
      'mcp-param-region': encoded('Köln'),
      'mcp-param-count': '7',
      'mcp-param-dry': 'false',
      'mcp-param-deep': encoded(' padded '),
    })
    expect(headers).not.toHaveProperty('mcp-param-none')
  })

  it('cannot be made for some tools, which are left out', async () => {
    const bad = { name: 'bad', inputSchema: { type: 'object', properties: { a: { type: 'number', 'x-mcp-header': 'A' } } } }
    const { lines, client } = await served({ 'tools/list': () => listOf(bad, TOOL) })
    expect(await client.toolNames()).toEqual(['s__hello'])
    expect(lines.filter((line) => line.includes('"bad"'))).toHaveLength(1)
  })

  it('that no longer fit the tool are made anew from its list', async () => {
    let header = 'Old'
    const tool = () => ({
      name: 'hello',
      inputSchema: { type: 'object', properties: { a: { type: 'string', 'x-mcp-header': header } } },
    })
    const { peer, client } = await served({
      'tools/list': () => listOf(tool()),
      'tools/call': ({ headers }) =>
        headers['mcp-param-new'] === 'x'
          ? complete('hi')
          : { error: { code: -32_020, message: 'Mcp-Param-New is missing' }, status: 400 },
    })
    header = 'New'
    expect(await client.text('s__hello', { a: 'x' })).toBe('hi')
    expect(peer.of('tools/call')).toHaveLength(2)
  })
})

describe('an answer', () => {
  it('that wants the version named again is asked again once', async () => {
    let refusals = 1
    const unsupported = { code: -32_022, message: 'Unsupported', data: { supported: ['2026-07-28'], requested: 'x' } }
    const { peer, client } = await served({
      'tools/call': () => (refusals-- > 0 ? { error: unsupported, status: 400 } : complete('hi')),
    })
    expect(await client.text('s__hello')).toBe('hi')
    refusals = 2
    await expect(client.call('s__hello')).rejects.toMatchObject({ code: -32_603 })
    expect(peer.of('tools/call')).toHaveLength(4)
  })

  it('of a kind that nobody asked for is an error', async () => {
    const { client } = await served({ 'tools/call': () => ({ result: { resultType: 'surprise' } }) })
    await expect(client.call('s__hello')).rejects.toThrow(/s answered tools\/call with a result of the unknown kind surprise/)
  })

  it('that names a capability which is missing says so in words', async () => {
    const error = { code: -32_021, message: 'no', data: { requiredCapabilities: { sampling: {} } } }
    const { client } = await served({ 'tools/call': () => ({ error, status: 400 }) })
    expect(await client.call('s__hello')).toMatchObject({ isError: true })
    expect(await client.text('s__hello')).toMatch(/needs a client that can do sampling/)
  })

  it('that breaks off is an error, and is not asked for again', async () => {
    const { peer, client } = await served({
      'tools/call': () => ({
        raw: (res) => {
          res.writeHead(200, { 'content-type': 'text/event-stream' }).end(': nothing\n\n')
        },
      }),
    })
    await expect(client.call('s__hello')).rejects.toThrow(/closed the stream before it answered/)
    expect(peer.of('tools/call')).toHaveLength(1)
  })

  it('nobody waits for any more is cut off', async () => {
    const { peer, client } = await served({ 'tools/call': () => stream() })
    const abort = new AbortController()
    const call = client.call('s__hello', {}, { signal: abort.signal }).catch(() => undefined)
    const got = await until(() => peer.of('tools/call')[0], 'the call does not arrive')
    abort.abort()
    await call
    await until(() => got.gone || undefined, 'the connection stays open')
    expect(peer.got.map(({ method }) => method)).not.toContain('notifications/cancelled')
  })
})

describe('a list', () => {
  const META = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
  }

  async function list(url: string): Promise<Record<string, unknown>> {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: META } })
    const mirrored = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' }
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...mirrored }
    return ((await (await fetch(url, { method: 'POST', headers, body })).json()) as { result: Record<string, unknown> }).result
  }

  it('may be kept as long as its server says, by the client that it was made for', async () => {
    const kept = { result: { resultType: 'complete', tools: [TOOL], ttlMs: 3_600_000, cacheScope: 'public' } }
    const { url } = await served({ 'tools/list': () => kept })
    const { ttlMs, cacheScope } = await list(url)
    expect(cacheScope).toBe('private')
    expect(ttlMs).toBeGreaterThan(3_500_000)
    expect(ttlMs).toBeLessThanOrEqual(3_600_000)
  })

  it('may not be kept where its server does not say so', async () => {
    const { url } = await served({ 'tools/list': () => ({ result: { resultType: 'complete', tools: [TOOL] } }) })
    expect(await list(url)).toMatchObject({ ttlMs: 0, cacheScope: 'private' })
  })
})

describe('questions', () => {
  const ask = (more: object) => ({ result: { resultType: 'input_required', ...more } })
  const form = { method: 'elicitation/create', params: { message: 'Sure?', requestedSchema: { type: 'object', properties: {} } } }

  it('go back with the state as it came, under a new id', async () => {
    const state = 'v1."é\\u0000/='
    const { peer, client } = await served(
      {
        'tools/call': ({ params }) =>
          params.requestState === state
            ? complete(JSON.stringify(params.inputResponses))
            : ask({ inputRequests: { k: form }, requestState: state }),
      },
      { elicitation: {} },
      { 'elicitation/create': () => ({ action: 'accept', content: { a: 1 } }) },
    )
    expect(JSON.parse(await client.text('s__hello', { x: 1 }))).toEqual({ k: { action: 'accept', content: { a: 1 } } })
    const [first, second] = peer.of('tools/call')
    expect(second?.id).not.toBe(first?.id)
    expect(second?.params.arguments).toEqual({ x: 1 })
    // The state was for that one call.
    await client.call('s__hello')
    expect(peer.of('tools/call')[2]?.params).not.toHaveProperty('requestState')
  })

  it('that are none are only asked again', async () => {
    let rounds = 0
    const { client } = await served({ 'tools/call': () => (++rounds < 3 ? ask({ requestState: `${rounds}` }) : complete('hi')) })
    expect(await client.text('s__hello')).toBe('hi')
  })

  it('end after ten rounds', async () => {
    const { peer, client } = await served(
      { 'tools/call': () => ask({ inputRequests: { k: form } }) },
      { elicitation: {} },
      { 'elicitation/create': () => ({ action: 'accept', content: {} }) },
    )
    expect(await client.text('s__hello')).toMatch(/still asks for input after 10 rounds/)
    expect(peer.of('tools/call')).toHaveLength(11)
  })

  it.each([
    [
      'a URL, to a client that shows forms only',
      { method: 'elicitation/create', params: { mode: 'url', url: 'https://x' } },
      /elicitation\.url/,
    ],
    ['something that no client is asked', { method: 'tools/list' }, /asks for "tools\/list", which no client is asked/],
    ['nothing at all', undefined, /asks for input without saying which/],
  ])('for %s are refused in words', async (_what, question, words) => {
    const { client } = await served(
      { 'tools/call': () => ask(question ? { inputRequests: { k: question } } : {}) },
      { elicitation: {} },
    )
    expect(await client.text('s__hello')).toMatch(words)
  })

  it('withdrawn by the client end the call', async () => {
    const { client, peer } = await served(
      { 'tools/call': () => ask({ inputRequests: { k: form } }) },
      { elicitation: {} },
      { 'elicitation/create': () => new Promise(() => undefined) },
    )
    const abort = new AbortController()
    const call = client.call('s__hello', {}, { signal: abort.signal }).catch(() => undefined)
    await until(() => client.asked[0], 'the client is not asked')
    abort.abort()
    await call
    await client.request('ping')
    expect(peer.of('tools/call')).toHaveLength(1)
  })
})

describe('a stream of changes', () => {
  const capabilities = { tools: { listChanged: true }, resources: { subscribe: true } }
  const notifications = (uris: string[]) => ({ toolsListChanged: true, resourceSubscriptions: uris })
  const streams: ServerResponse[] = []
  const resource = { uri: 'x://a', name: 'a' }
  const behaviour: Behaviour = {
    'server/discover': () => discovery(capabilities),
    'resources/list': () => ({ result: { resultType: 'complete', resources: [resource], ttlMs: 0, cacheScope: 'public' } }),
    'resources/templates/list': () => ({
      result: { resultType: 'complete', resourceTemplates: [], ttlMs: 0, cacheScope: 'public' },
    }),
    'subscriptions/listen': ({ params }) => ({
      raw: (res) => {
        streams.push(res)
        res.writeHead(200, { 'content-type': 'text/event-stream' })
        const { resourceSubscriptions = [] } = params.notifications as { resourceSubscriptions?: string[] }
        event(res, {
          method: 'notifications/subscriptions/acknowledged',
          params: { notifications: notifications(resourceSubscriptions) },
        })
      },
    }),
  }

  it('is one for everything; another takes its place before it ends where more is to be heard', async () => {
    const { peer, client } = await served(behaviour)
    await client.request('resources/subscribe', { uri: 'x://a' })
    const [first, second] = peer.of('subscriptions/listen')
    expect(first?.params.notifications).toEqual({ toolsListChanged: true })
    expect(second?.params.notifications).toEqual({ toolsListChanged: true, resourceSubscriptions: ['x://a'] })
    await until(() => first?.gone || undefined, 'the first stream stays open')
    expect(second?.gone).toBe(false)
    await client.request('resources/unsubscribe', { uri: 'x://a' })
    await until(() => second?.gone || undefined, 'the second stream stays open')
  })

  it('that broke off is opened again, and what may have been missed is read', async () => {
    const { peer, client } = await served(behaviour)
    await client.request('resources/subscribe', { uri: 'x://a' })
    const before = peer.of('tools/list').length
    streams.at(-1)?.destroy()
    expect((await client.heard('notifications/resources/updated')).params).toEqual({ uri: 'x://a' })
    await until(() => peer.of('tools/list').length > before || undefined, 'the list is not read again')
  })

  it('that does not honour a resource says so to whoever wants to watch it', async () => {
    const { client } = await served({
      ...behaviour,
      'subscriptions/listen': () => stream({ method: 'notifications/subscriptions/acknowledged', params: { notifications: {} } }),
    })
    await expect(client.request('resources/subscribe', { uri: 'x://a' })).rejects.toThrow(
      /was asked to watch x:\/\/a and says that it does not/,
    )
  })
})

describe('a server that does not answer the question for its era', () => {
  const initialize = () => ({
    result: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'old', version: '1' } },
  })
  const accepted = () => ({ raw: (res: ServerResponse) => void res.writeHead(202).end() })
  const session: Behaviour = { initialize, 'notifications/initialized': accepted, 'tools/call': () => complete('hi') }
  const status = (code: number) => () => ({ raw: (res: ServerResponse) => void res.writeHead(code).end('<html>no</html>') })

  it.each([
    ['404', status(404)],
    ['405', status(405)],
    ['400', status(400)],
    ['500', status(500)],
    ['an error', () => ({ error: { code: -32_000, message: 'no session' }, status: 400 })],
    [
      'another page',
      () => ({ raw: (res: ServerResponse) => void res.writeHead(200, { 'content-type': 'text/html' }).end('hi') }),
    ],
    ['silence', () => ({ raw: () => undefined })],
  ])('but with %s is asked for a session', async (_what, discover) => {
    const { peer, client, server } = await served({ ...session, 'server/discover': discover })
    expect(await client.text('s__hello')).toBe('hi')
    expect(server.shown.last?.identity.version).toBe('2025-11-25')
    expect(peer.of('tools/call')[0]?.params).not.toHaveProperty('_meta')
  })

  it('any more, or answers it now, is spoken to in its new era without a call being lost', async () => {
    const { peer, client, server } = await served({})
    const stateless = peer.behaviour
    const version = () => server.shown.last?.identity.version
    expect(await client.text('s__hello')).toBe('hi')
    peer.behaviour = { ...session, 'tools/list': () => listOf(TOOL), 'server/discover': status(404) }
    const strict = (got: Got): Outcome =>
      got.params._meta === undefined
        ? complete('with sessions')
        : { error: { code: -32_000, message: 'no session' }, status: 400 }
    peer.behaviour['tools/call'] = strict
    expect(await client.text('s__hello')).toBe('with sessions')
    await until(() => version() === '2025-11-25' || undefined, 'it still counts as stateless')
    const unsupported = { code: -32_022, message: 'Unsupported', data: { supported: ['2026-07-28'] } }
    const modern =
      (answer: (got: Got) => Outcome) =>
      (got: Got): Outcome =>
        got.params._meta === undefined ? { error: unsupported, status: 400 } : answer(got)
    peer.behaviour = Object.fromEntries(Object.entries(stateless).map(([method, answer]) => [method, modern(answer)]))
    peer.behaviour.initialize = () => ({ error: unsupported, status: 400 })
    expect(await client.text('s__hello')).toBe('hi')
    await until(() => version() === '2026-07-28' || undefined, 'it still counts as one with sessions')
  })

  it.each([401, 403])('but with %s has said nothing of its era', async (code) => {
    const { peer, server } = await served({ ...session, 'server/discover': status(code) })
    expect(server.supervision.failures.last?.message).toMatch(`s answered ${code}`)
    expect(peer.of('initialize')).toHaveLength(0)
  })
})
