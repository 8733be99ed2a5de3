/** Rubbish of both eras at once, and clients that leave in the middle: every request gets its answer, and nothing stays behind. */
import { Agent, request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fixtureServer, Gateway, type HttpServer, logLines, startReference } from '../support/gateway.ts'
import { until } from '../support/processes.ts'
import { EventReader, RawSession, type Sent, send } from '../support/raw-http.ts'
import { ask, call, type Page, page, read, type Said, textOf, VERSION } from '../support/stateless.ts'

/** How many streams may listen at once. */
const STREAMS_MAX = 10

let reference: HttpServer
let gateway: Gateway
let url: string

beforeAll(async () => {
  reference = await startReference()
  const servers = {
    odd: fixtureServer('misbehaving.mjs'),
    tiny: fixtureServer('tiny.mjs'),
    older: { url: reference.url, protocol: 'session' },
    newer: { url: reference.url, protocol: 'stateless' },
  }
  gateway = await Gateway.start({ servers, stateless: { answer: '1s', streams: STREAMS_MAX } })
  url = gateway.url()
})

afterAll(async () => {
  const wrong = logLines(gateway.running).filter(
    ({ level, message }) => Number(level) >= 50 || /unhandled/i.test(String(message)),
  )
  await gateway?.stop()
  await reference?.stop()
  expect(wrong).toEqual([])
})

const META = 'io.modelcontextprotocol/'
const EVERYTHING = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} }

/** Status and error code of what comes back; the code of a success is 0. */
async function outcome(sent: Sent): Promise<[number, number | undefined]> {
  const { status, text, headers } = await send(url, sent)
  if (text === '') return [status, undefined]
  const last = read({ status, text, headers }).last as Said
  return [status, last.error?.code ?? 0]
}

describe('one connection for both eras and rubbish', () => {
  it('gives each request its own answer, whatever stood before it', async () => {
    const session = await RawSession.open(url)
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const old = (body: unknown): Sent => ({ body: JSON.stringify(body), headers: session.headers })
    const tool = { name: 'tiny__hello', arguments: {} }
    const bare = (params: object): Sent => ({ body: JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'tools/call', params }) })
    const stateless = { 'mcp-protocol-version': VERSION, 'mcp-method': 'tools/call', 'mcp-name': 'tiny__hello' }
    const right = page('tools/call', tool, { id: 7 })
    const cases: [string, Sent, [number, number | undefined]][] = [
      ['a call in the session', old({ jsonrpc: '2.0', id: 7, method: 'tools/call', params: tool }), [200, 0]],
      ['a stateless call', right, [200, 0]],
      [
        'a stateless call that names a session',
        { ...right, headers: { ...right.headers, 'mcp-session-id': session.id } },
        [200, 0],
      ],
      ['half a message', { body: right.body.slice(0, -9), headers: right.headers }, [400, -32700]],
      ['a word', { body: '"hello"', headers: right.headers }, [400, -32600]],
      ['nothing at all', { body: '', headers: right.headers }, [400, -32700]],
      ['an empty batch', { body: '[]', headers: session.headers }, [400, -32600]],
      ['a batch of both eras', { body: `[${right.body},${old({ id: 1 }).body}]`, headers: session.headers }, [400, -32600]],
      [
        'an envelope of capabilities alone',
        { ...bare({ ...tool, _meta: { [`${META}clientCapabilities`]: {} } }), headers: stateless },
        [400, -32602],
      ],
      ['no envelope', { ...bare(tool), headers: stateless }, [400, -32602]],
      ['neither session nor envelope', bare(tool), [400, -32600]],
      ['a version of null', page('tools/call', tool, { meta: { [`${META}protocolVersion`]: null } }), [400, -32602]],
      [
        'an old version in an envelope',
        page('tools/call', tool, {
          meta: { [`${META}protocolVersion`]: '2025-11-25' },
          headers: { 'mcp-protocol-version': '2025-11-25' },
        }),
        [400, -32022],
      ],
      ['the session header beside an envelope', { body: right.body, headers: session.headers }, [400, -32020]],
      ['another name in the header', { ...right, headers: { ...right.headers, 'mcp-name': 'tiny__bye' } }, [400, -32020]],
      ['base64 that is none', { ...right, headers: { ...right.headers, 'mcp-name': '=?base64?!!!?=' } }, [400, -32020]],
      [
        'an answer to a question that nobody asked',
        { body: '{"jsonrpc":"2.0","id":"q","result":{}}', headers: { 'mcp-protocol-version': VERSION } },
        [400, -32600],
      ],
      ['an id of null', { body: right.body.replace('"id":7', '"id":null'), headers: right.headers }, [400, -32600]],
      ['an initialize with an envelope', page('initialize', {}, { id: 7 }), [404, -32601]],
    ]
    for (let round = 0; round < 3; round++) {
      const found = await Promise.all(cases.map(async ([name, sent]) => [name, await outcome({ ...sent, agent })]))
      expect(found).toEqual(cases.map(([name, , wanted]) => [name, wanted]))
    }
    agent.destroy()
    await session.end()
  })

  it('refuses headers of a hundred kilobytes and goes on', async () => {
    const { body, headers } = page('tools/call', { name: 'tiny__hello', arguments: {} })
    // Whether the status is read before the connection is cut is a matter of luck.
    const status = await send(url, { body, headers: { ...headers, 'x-much': 'x'.repeat(100_000) } }).then(
      (answer) => answer.status,
      () => 431,
    )
    expect(status).toBe(431)
    expect(textOf(await call(url, 'tiny__hello'))).not.toBe('')
  })

  it('keeps the same id apart in both eras', async () => {
    const session = await RawSession.open(url)
    const [old, ...young] = await Promise.all([
      session.call('9', 'odd__echo', { text: 'old' }),
      ...['one', 'two', 'three'].map((text) => call(url, 'odd__echo', { text }, {}, { id: 9 })),
    ])
    expect(JSON.parse(old?.at(-1) as string)).toMatchObject({ id: 9, result: { content: [{ text: 'old' }] } })
    expect(young.map((reply) => [reply.last.id, textOf(reply)])).toEqual([
      [9, 'one'],
      [9, 'two'],
      [9, 'three'],
    ])
    await session.end()
  })
})

/** How far a client comes that leaves: so many rounds it answers; then it closes its connection at some moment, or never comes back. */
const LEAVING = [0, 1, 2].flatMap((answered) => [
  ...[0, 1, 2, 4, 8, 16, 32].map((turns) => ({ answered, turns })),
  ...(answered < 2 ? [{ answered, turns: undefined }] : []),
])

/** Sends a request and closes its connection after so many turns of the event loop. */
function leave({ body, headers }: Page, turns: number): Promise<void> {
  return new Promise((resolve) => {
    const sent = request(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, agent: false })
    // That the connection ends is what this is about.
    sent.once('error', () => undefined).once('close', resolve)
    const wait = (left: number): unknown => (left === 0 ? sent.destroy() : setImmediate(wait, left - 1))
    sent.end(body, () => wait(turns))
  })
}

describe.each(['older', 'newer'])('a client of %s', (server) => {
  const tool = `${server}__test_input_required_result_multi_round`
  const round = (more: object) => page('tools/call', { name: tool, arguments: {}, ...more }, { capabilities: EVERYTHING })

  it('that leaves at any moment of a call in rounds leaves nothing behind', async () => {
    await Promise.all(
      LEAVING.map(async ({ answered, turns }) => {
        let next: object = {}
        for (let n = 0; n < answered; n++) next = answersTo(read(await send(url, round(next))).last)
        if (turns === undefined) await send(url, round(next))
        else await leave(round(next), turns)
      }),
    )
    await idle()
  })

  it('gets through the rounds where it stays', async () => {
    let last = read(await send(url, round({}))).last
    for (let n = 0; n < 2; n++) last = read(await send(url, round(answersTo(last)))).last
    expect(last.result.content[0].text).toBe('Ada likes Ada.')
    await idle()
  })

  it.each([
    ['made up', 'v1.e30.e30'],
    ['of a hundred kilobytes', 'x'.repeat(100_000)],
    ['that is empty', ''],
    ['that is no text', { a: 1 }],
  ])('that brings a requestState %s is told so', async (_, requestState) => {
    const { status, last } = read(await send(url, round({ inputResponses: {}, requestState })))
    expect([status, last.error?.code]).toEqual([200, -32602])
    expect(last.error?.message).toMatch(/requestState/)
  })

  it('that answers what was not asked is asked', async () => {
    const { last } = read(await send(url, round({ inputResponses: { nobody: { action: 'accept', content: {} } } })))
    expect(last.result.resultType).toBe('input_required')
  })
})

it('streams that are opened and cut, many times as many as may be open, leave nothing behind', async () => {
  const wanted = page('subscriptions/listen', { notifications: { toolsListChanged: true, resourceSubscriptions: ['mis://one'] } })
  for (let n = 0; n < 5; n++) {
    const opened = await Promise.all(
      Array.from({ length: STREAMS_MAX }, () => EventReader.open(url, { method: 'POST', ...wanted })),
    )
    expect(opened.map(({ response }) => response.statusCode)).toEqual(opened.map(() => 200))
    for (const stream of opened) stream.cut()
    await until(async () => ((await gateway.health()).stateless.streams === 0 ? true : undefined), 'a stream stays')
  }
})

it('a call given up for want of an answer is over at the server too, and its retry is told', async () => {
  const asked = (await call(url, 'older__test_elicitation', { message: 'm' }, {}, { capabilities: EVERYTHING })).last
  await idle()
  const late = await call(url, 'older__test_elicitation', { message: 'm' }, answersTo(asked), { capabilities: EVERYTHING })
  expect(late.last.error?.code).toBe(-32602)
  expect(late.last.error?.message).toMatch(/expired|given up/)
})

it('a client that says neither who it is nor what it can do is served like any other', async () => {
  for (const capabilities of [{}, EVERYTHING]) {
    const meta = { [`${META}clientInfo`]: undefined }
    const { last } = await ask(url, 'tools/call', { name: 'older__test_simple_text', arguments: {} }, { capabilities, meta })
    expect(last.result).toMatchObject({ resultType: 'complete', content: [{ type: 'text' }] })
    expect(last.result.isError).toBeUndefined()
  }
})

/** What answers every question of a result, with the state that came with them. */
function answersTo({ result }: Said): { inputResponses: object; requestState?: string } {
  const answer = { action: 'accept', content: { name: 'Ada', color: 'Ada' } }
  const inputResponses = Object.fromEntries(Object.keys(result.inputRequests ?? {}).map((key) => [key, answer]))
  return { inputResponses, ...(result.requestState && { requestState: result.requestState }) }
}

/** Waits until no call is parked and none is under way at a server. */
async function idle(): Promise<void> {
  await until(async () => {
    const { stateless, servers } = await gateway.health()
    const busy = servers.some(({ instances }) => instances.some(({ inFlight }) => inFlight > 0))
    return stateless.parked === 0 && !busy ? true : undefined
  }, 'something stays behind')
}
