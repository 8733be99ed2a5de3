/** Streams and sessions over HTTP: resumption, a second stream, what comes while nobody listens, and how sessions end. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fixtureServer, Gateway } from '../support/gateway.ts'
import { until } from '../support/processes.ts'
import { type Event, EventReader, RawSession, send } from '../support/raw-http.ts'

let gateway: Gateway
let brief: Gateway

beforeAll(async () => {
  const servers = { odd: fixtureServer('misbehaving.mjs') }
  ;[gateway, brief] = await Promise.all([
    Gateway.start({ servers }),
    Gateway.start({ servers, sessions: { idle: '1s', max: 3 } }),
  ])
})

afterAll(async () => {
  await Promise.all([gateway?.stop(), brief?.stop()])
})

const MESSAGE = 'notifications/resources/updated'

async function watch(session: RawSession): Promise<void> {
  await session.post('{"jsonrpc":"2.0","id":"w","method":"resources/subscribe","params":{"uri":"mis://one"}}')
}

async function touch(session: RawSession, part: number): Promise<void> {
  await session.call('"t"', 'odd__touch', { uri: `mis://one/${part}` })
}

function parts(events: readonly Event[]): string[] {
  return events.filter(({ data }) => data.includes(MESSAGE)).map(({ data }) => data.slice(-4, -3))
}

async function progress(session: RawSession, steps: number): Promise<EventReader> {
  const params = { name: 'odd__slow-progress', arguments: { steps, intervalMs: 50 }, _meta: { progressToken: 1 } }
  const body = JSON.stringify({ jsonrpc: '2.0', id: 5, method: 'tools/call', params })
  return EventReader.open(gateway.url(), { method: 'POST', headers: session.headers, body })
}

describe('the stream of a session', () => {
  it('is an event stream whose events have ids', async () => {
    const session = await RawSession.open(gateway.url())
    const stream = await session.listen()
    expect(stream.response.statusCode).toBe(200)
    expect(stream.response.headers).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': /no-cache/ })
    await watch(session)
    const texts = await session.call('"t"', 'odd__touch', { uri: 'mis://one/1' })
    // A notification that belongs to no request must not come in the answer to one.
    expect(texts.filter((text) => text.includes(MESSAGE))).toEqual([])
    const { id } = await stream.next((data) => data.includes(MESSAGE))
    expect(id).toMatch(/^\S+$/)
    stream.cut()
    await session.end()
  })

  it('goes on behind the last event that the client has', async () => {
    const session = await RawSession.open(gateway.url())
    await watch(session)
    const first = await session.listen()
    await touch(session, 1)
    const { id } = await first.next((data) => data.includes(MESSAGE))
    first.cut()
    await touch(session, 2)
    await touch(session, 3)
    const second = await session.listen(id)
    await second.next((data) => data.includes('one/3'))
    expect(parts(second.events)).toEqual(['2', '3'])
    // Once more from the same place: what was delivered is delivered again to a client that missed it.
    const third = await session.listen(id)
    await third.next((data) => data.includes('one/3'))
    expect(parts(third.events)).toEqual(['2', '3'])
    third.cut()
    await session.end()
  })

  it('brings what came before it was opened', async () => {
    const session = await RawSession.open(gateway.url())
    await watch(session)
    await touch(session, 1)
    const stream = await session.listen()
    await stream.next((data) => data.includes('one/1'))
    stream.cut()
    await session.end()
  })

  it('moves to the newest connection, so that no message comes twice', async () => {
    const session = await RawSession.open(gateway.url())
    await watch(session)
    const first = await session.listen()
    await touch(session, 1)
    await first.next((data) => data.includes('one/1'))
    const second = await session.listen()
    expect(second.response.statusCode).toBe(200)
    await until(() => first.ended || undefined, 'the first connection stays open')
    await touch(session, 2)
    await second.next((data) => data.includes('one/2'))
    expect(parts(first.events)).toEqual(['1'])
    expect(parts(second.events)).toEqual(['2'])
    second.cut()
    await session.end()
  })

  it('ends with the session', async () => {
    const session = await RawSession.open(gateway.url())
    const stream = await session.listen()
    await session.end()
    await until(() => stream.ended || undefined, 'the stream stays open')
  })

  it('cannot be resumed from an event of a stream that never was; a new one can be opened', async () => {
    const session = await RawSession.open(gateway.url())
    for (const id of ['r99_5', 'nonsense', '../../etc']) {
      const stream = await session.listen(id)
      expect([stream.response.statusCode, stream.response.headers['content-type']]).toEqual([400, 'application/json'])
    }
    const fresh = await session.listen()
    expect(fresh.response.statusCode).toBe(200)
    fresh.cut()
    await session.end()
  })
})

describe('the stream of an answer', () => {
  it('goes on where it broke off, and brings the result', async () => {
    const session = await RawSession.open(gateway.url())
    const first = await progress(session, 6)
    const { id } = await first.next((data) => data.includes('"progress":2'))
    first.cut()
    const second = await session.listen(id)
    await second.next((data) => data.includes('"id":5'))
    const seen = second.events.flatMap(({ data }) => /"progress":(\d)/.exec(data)?.[1] ?? [])
    expect(seen).toEqual(['3', '4', '5', '6'])
    await until(() => second.ended || undefined, 'the stream does not end behind the result')
    await session.end()
  })

  it('can be fetched when all of it came while nobody listened', async () => {
    const session = await RawSession.open(gateway.url())
    const first = await progress(session, 3)
    const { id } = await first.next((data) => data.includes('"progress":1'))
    first.cut()
    await sleep(400)
    const second = await session.listen(id)
    await until(() => second.ended || undefined, 'the stream does not end')
    expect(second.events.at(-1)?.data).toContain('3 steps')
    await session.end()
  })

  it('opens with an event to resume from where the revision knows such', async () => {
    for (const [version, primed] of [
      ['2025-11-25', true],
      ['2025-06-18', false],
    ] as const) {
      const session = await RawSession.open(gateway.url(), { version })
      const stream = await progress(session, 1)
      await stream.next((data) => data.includes('"id":5'))
      expect(stream.events[0]?.data === '').toBe(primed)
      await session.end()
    }
  })

  it('of one session is not given to another', async () => {
    const [mine, other] = await Promise.all([RawSession.open(gateway.url()), RawSession.open(gateway.url())])
    const first = await progress(mine, 4)
    const { id } = await first.next((data) => data.includes('"progress":1'))
    first.cut()
    const stolen = await other.listen(id)
    await sleep(400)
    expect(stolen.events.filter(({ data }) => data !== '')).toEqual([])
    stolen.cut()
    await Promise.all([mine.end(), other.end()])
  })
})

describe('an idle session', () => {
  const PING = '{"jsonrpc":"2.0","id":1,"method":"ping"}'

  it('ends, while one that listens or works goes on', async () => {
    const [idle, listening, working] = await Promise.all([
      RawSession.open(brief.url()),
      RawSession.open(brief.url()),
      RawSession.open(brief.url()),
    ])
    const stream = await listening.listen()
    const work = working.call('1', 'odd__late', { delayMs: 3_000, text: 'done' })
    // A fourth finds no room until one of them has gone.
    const refused = await send(brief.url(), { body: initialize() })
    expect(refused.status).toBe(503)
    expect(refused.text).toContain('too many sessions')
    await until(async () => ((await brief.health()).sessions < 3 ? true : undefined), 'no session ends', { ms: 5_000 })
    expect((await idle.post(PING)).status).toBe(404)
    expect((await send(brief.url(), { body: initialize() })).status).toBe(200)
    expect((await work).join()).toContain('done')
    expect((await working.post(PING)).status).toBe(200)
    expect((await listening.post(PING)).status).toBe(200)
    stream.cut()
    await until(async () => ((await brief.health()).sessions === 0 ? true : undefined), 'the sessions stay', { ms: 6_000 })
  })
})

function initialize(): string {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } }
  return JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })
}
