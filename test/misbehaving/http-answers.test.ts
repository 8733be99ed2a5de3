/** HTTP servers that answer in odd ways: every shape that the specification allows is read, and the rest is an error that says what came. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestClient } from '../support/clients.ts'
import { type Gateway, type HttpServer, startMisbehavingHttp } from '../support/gateway.ts'
import { until } from '../support/processes.ts'
import { RawSession } from '../support/raw-http.ts'
import { misbehavingAt, refusal, startGateway, stopSound, taking } from './misbehaving.ts'

const TEXT = 'zwölf Boxkämpfer 日本語 🙂'

let servers: HttpServer[]
let gateway: Gateway
let client: TestClient

beforeAll(async () => {
  servers = await Promise.all([
    startMisbehavingHttp(),
    startMisbehavingHttp('--stream', '--shape', 'crlf'),
    startMisbehavingHttp('--close-idle', '50'),
  ])
  const [plain, stream, idle] = servers as [HttpServer, HttpServer, HttpServer]
  gateway = await startGateway({
    mis: misbehavingAt(plain.url),
    lenient: misbehavingAt(plain.url, { quirks: { normalize_sse_events: true } }),
    streams: misbehavingAt(stream.url),
    idle: misbehavingAt(idle.url),
  })
  client = await TestClient.http(gateway.url(), { roots: {} }, { 'roots/list': () => ({ roots: [] }) })
})

afterAll(async () => {
  await client.close()
  await stopSound(gateway)
  await Promise.all(servers.map((server) => server.stop()))
})

describe('an event stream', () => {
  const SHAPES = [
    'lf',
    'crlf',
    'cr',
    'bom',
    'comments',
    'multi-line',
    'no-space',
    'no-event',
    'unknown-between',
    'priming',
    'data-first',
  ]

  test.each(SHAPES)('of the shape "%s" is read, whole or three bytes at a time', async (shape) => {
    expect(await client.text('mis__shape', { shape, text: TEXT })).toBe(TEXT)
    expect(await client.text('mis__shape', { shape, text: TEXT, trickle: true })).toBe(TEXT)
  })

  test.each(['odd-event', 'bare'])(
    'of the shape "%s" is read with a quirk of the config, and otherwise has no answer',
    async (shape) => {
      expect(await client.text('lenient__shape', { shape, text: TEXT, trickle: true })).toBe(TEXT)
      const error = await refusal(client.call('mis__shape', { shape }))
      expect(error).toMatch(
        /^MCP error -32603: (the call may have run: )?mis (closed the stream before it answered|answered 4\d\d|did not answer in 1s)/,
      )
    },
  )

  test('that ends inside its last event is resumed behind the one before', async () => {
    const error = await refusal(client.call('mis__shape', { shape: 'unfinished' }))
    expect(error).toMatch(/^MCP error -32603: the call may have run: mis /)
  })

  test('with ten events before the result brings them first, and in order', async () => {
    const session = await RawSession.open(gateway.url())
    const received = (await session.call('1', 'mis__ten-events')).map((text) => JSON.parse(text))
    expect(received.map(({ params, result }) => params?.data ?? result?.content[0].text)).toEqual([
      ...Array.from({ length: 10 }, (_, at) => `note ${at + 1}`),
      'after 10 events',
    ])
    await session.end()
  })

  test('with strange events before and after the result is read for what is in it', async () => {
    expect(await client.text('mis__stray-events')).toBe('mine')
    expect(await client.text('mis__echo', { text: 'and on' })).toBe('and on')
  })

  test('as the answer to everything is as good as JSON', async () => {
    expect(await client.text('streams__echo', { text: TEXT })).toBe(TEXT)
    expect((await client.text('streams__big', { bytes: 3_000_000 })).length).toBe(3_000_000)
  })

  test('brings progress under the token of the client', async () => {
    const session = await RawSession.open(gateway.url())
    const received = await session.call('"a"', 'mis__progress', { steps: 3, intervalMs: 10 }, '"my token"')
    expect(received.slice(0, 3).map((text) => JSON.parse(text).params.progressToken)).toEqual(Array(3).fill('my token'))
    expect(JSON.parse(received[3] ?? '').id).toBe('a')
    await session.end()
  })
})

describe('JSON', () => {
  test('in pieces of one byte, with and without a length, is put together', async () => {
    expect(await client.text('mis__chunks', { text: TEXT })).toBe(TEXT)
    expect(await client.text('mis__chunks', { text: TEXT, length: true })).toBe(TEXT)
  })

  test('of 10 MB comes whole', async () => {
    expect((await client.text('mis__big')).length).toBe(10_000_000)
  })

  test('in an array of one is the answer', async () => {
    expect(await client.text('mis__batch-answer')).toBe('in an array')
  })
})

describe('what is no answer', () => {
  test.each([
    ['status', { code: 500 }, /mis answered 500 Internal Server Error$/],
    ['status', { code: 502, body: 'html' }, /mis answered 502 Bad Gateway$/],
    ['status', { code: 503, body: 'text' }, /mis answered 503 Service Unavailable: upstream connect error/],
    ['status', { code: 500, body: 'json' }, /mis answered 500 Internal Server Error: .*the database is gone/],
    ['status', { code: 429, body: 'empty' }, /mis answered 429 Too Many Requests$/],
    ['unauthorized', {}, /mis answered 401 Unauthorized.*it wants other credentials: mend servers\.mis\.headers/],
    ['unauthorized', { code: 403 }, /mis answered 403 Forbidden.*it wants other credentials: mend servers\.mis\.headers/],
    ['wrong-type', {}, /mis answered 200 with text\/plain instead of JSON or an event stream/],
    ['no-type', {}, /mis answered 200 with no content type instead of JSON or an event stream/],
    ['wrong-id', {}, /mis answered with JSON that is not the answer to the request/],
    ['not-json', {}, /mis answered with JSON that is not the answer to the request/],
    ['accepted', {}, /mis answered 202 with no content type instead of JSON or an event stream/],
    ['tear', {}, /mis: the connection to http:\/\/127\.0\.0\.1:\d+\/mcp broke off/],
    ['reset', {}, /mis: the connection to http:\/\/127\.0\.0\.1:\d+\/mcp broke off: \w/],
    ['cut', {}, /the call may have run: mis closed the stream before it answered/],
  ])('%s %j is an error that says what came, at once', async (tool, args, said) => {
    const { result, ms } = await taking(refusal(client.call(`mis__${tool}`, args)))
    expect(result).toMatch(said)
    expect(result).not.toContain('<')
    expect(ms).toBeLessThan(900)
  })

  test('a JSON-RPC error under an HTTP error is the answer of the server', async () => {
    await expect(client.call('mis__status', { body: 'rpc' })).rejects.toMatchObject({ code: -32_603, data: { kept: true } })
  })

  test.each(['silent', 'silent-stream'])('%s is given up after the timeout, and the connection closed', async (tool) => {
    const { result, ms } = await taking(refusal(client.call(`mis__${tool}`)))
    expect(result).toContain('mis did not answer in 1s')
    expect(ms).toBeLessThan(2_000)
    const closed = async () => {
      const log = (await (await fetch((servers[0] as HttpServer).url.replace('/mcp', '/log'))).json()) as {
        body?: { params?: { name?: string } }
        closedEarly: boolean
      }[]
      return log.find(({ body }) => body?.params?.name === tool)?.closedEarly || undefined
    }
    await until(closed, 'the connection stays open')
  })
})

describe('a connection', () => {
  test('that the server drops between calls costs no call', async () => {
    for (let i = 0; i < 12; i++) {
      expect(await client.text('idle__echo', { text: String(i) })).toBe(String(i))
      await new Promise((resolve) => setTimeout(resolve, 44 + i))
    }
  })
})
