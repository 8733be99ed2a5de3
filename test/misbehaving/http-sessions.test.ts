/** HTTP servers that forget sessions, refuse what they get, send us elsewhere, or speak only the transport of 2024-11-05. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestClient } from '../support/clients.ts'
import { type Gateway, type HttpServer, startMisbehavingHttp } from '../support/gateway.ts'
import { until } from '../support/processes.ts'
import { misbehavingAt, refusal, startGateway, stopSound } from './misbehaving.ts'

const FLAGS = {
  mis: [],
  short: ['--sessions', '6'],
  once: ['--sessions', '0'],
  stateless: ['--no-session', '--no-get', '--no-delete'],
  strict: ['--strict-version', '--strict-accept'],
  picky: ['--refuse-accept-pair'],
  quirky: ['--refuse-accept-pair'],
  noisy: ['--noise'],
  locked: ['--token', 'right'],
  opened: ['--token', 'right'],
  moved: ['--redirect', 'same'],
  abducted: ['--redirect', 'foreign'],
  html: ['--status', '502', '--body', 'html'],
  silent: ['--silent'],
  sse: ['--sse'],
  sse404: ['--sse', '--sse-status', '404', '--sse-endpoint', 'relative'],
  sse400: ['--sse', '--sse-status', '400', '--sse-endpoint', 'absolute', '--shape', 'crlf'],
  sseforeign: ['--sse', '--sse-endpoint', 'foreign'],
} as const

type Name = keyof typeof FLAGS

const OPTIONS: Partial<Record<Name, object>> = {
  quirky: { quirks: { inject_accept_header: 'application/json' } },
  locked: { headers: { Authorization: 'Bearer wrong' } },
  opened: { headers: { Authorization: 'Bearer right' } },
  abducted: { headers: { Authorization: 'Bearer very-secret' } },
  sseforeign: { headers: { Authorization: 'Bearer very-secret' } },
}

interface Logged {
  method: string
  path: string
  headers: Record<string, string>
  body?: { method?: string; params?: Record<string, unknown> }
  status?: number
}

let servers: Record<string, HttpServer>
let gateway: Gateway
let client: TestClient

beforeAll(async () => {
  const started = await Promise.all(
    Object.entries(FLAGS).map(async ([name, flags]) => [name, await startMisbehavingHttp(...flags)] as const),
  )
  servers = Object.fromEntries(started)
  const entries = started.map(([name, { url }]) => [name, misbehavingAt(url, { start_timeout: '2s', ...OPTIONS[name as Name] })])
  gateway = await startGateway(Object.fromEntries(entries))
  client = await TestClient.http(gateway.url())
  await client.toolNames()
})

afterAll(async () => {
  await client.close()
  await stopSound(gateway)
  await Promise.all(Object.values(servers).map((server) => server.stop()))
})

async function log(name: Name): Promise<Logged[]> {
  const url = servers[name]?.url.replace('/mcp', '/log') as string
  return (await (await fetch(url)).json()) as Logged[]
}

const count = (entries: Logged[], method: string): number => entries.filter(({ body }) => body?.method === method).length

describe('a session that the server forgets', () => {
  test('is opened again, once for all who meet it, and no client notices', async () => {
    const before = count(await log('mis'), 'initialize')
    expect(await client.text('mis__expire')).toBe('this session is gone')
    const texts = ['a', 'b', 'c', 'd', 'e']
    expect(await Promise.all(texts.map((text) => client.text('mis__late', { text, delayMs: 20 })))).toEqual(texts)
    expect(count(await log('mis'), 'initialize')).toBe(before + 1)
  })

  test('every few requests costs no call', async () => {
    for (let i = 0; i < 20; i++) expect(await client.text('short__echo', { text: String(i) })).toBe(String(i))
  })

  test('at once is an error that says so, not an endless loop', async () => {
    expect(await refusal(client.call('once__echo'))).toMatch(/once|Unknown tool/)
    // Each attempt to read its lists or to call it renews the session a few times; a loop would do so thousands of times.
    expect(count(await log('once'), 'initialize')).toBeLessThan(60)
  })
})

describe('a server with rules of its own', () => {
  test.each(['stateless', 'strict', 'quirky', 'noisy', 'opened', 'moved'] as const)('%s is served', async (name) => {
    expect(await client.text(`${name}__echo`, { text: name })).toBe(name)
  })

  test('gets the version from the first request after the handshake, and our whole Accept', async () => {
    // What finds out the era says its own.
    const posts = (await log('strict')).filter(({ method, body }) => method === 'POST' && body?.method !== 'server/discover')
    expect(posts.length).toBeGreaterThan(4)
    for (const { headers, body } of posts) {
      expect(headers.accept).toBe('application/json, text/event-stream')
      expect(headers['mcp-protocol-version']).toBe(body?.method === 'initialize' ? undefined : '2025-11-25')
    }
  })

  test.each([
    ['picky', /picky answered 406 Not Acceptable/],
    ['locked', /locked answered 401 Unauthorized.*mend servers\.locked\.headers/],
    ['html', /html answered 502 Bad Gateway$/],
    ['silent', /silent did not answer initialize in 2s \(servers\.silent\.start_timeout\)/],
  ] as const)('%s says why it cannot be used', async (name, why) => {
    expect(await refusal(client.call(`${name}__echo`))).toMatch(why)
  })
})

describe('a server that sends us elsewhere', () => {
  test('on its own origin is followed, with the body', async () => {
    const paths = (await log('moved'))
      .filter(({ body }) => body?.method === 'initialize')
      .map(({ path, status }) => [path, status])
    expect(paths.slice(0, 2)).toEqual([
      ['/mcp', 307],
      ['/moved', 200],
    ])
  })

  test('to another origin is not followed, and gets no credentials there', async () => {
    expect(await refusal(client.call('abducted__echo'))).toMatch(/abducted answered 307 Temporary Redirect/)
    expect((await log('abducted')).filter(({ path }) => path !== '/mcp')).toEqual([])
  })
})

describe('a server of 2024-11-05', () => {
  test.each(['sse', 'sse404', 'sse400'] as const)('%s is found out and served', async (name) => {
    expect(await client.text(`${name}__echo`, { text: 'zwölf' })).toBe('zwölf')
    const { servers: all } = await gateway.health()
    expect(all.find((server) => server.name === name)).toMatchObject({ state: 'ready', transport: 'sse' })
  })

  test('answers large and late', async () => {
    expect((await client.text('sse__big', { bytes: 2_000_000 })).length).toBe(2_000_000)
    expect(await Promise.all(['a', 'b'].map((text) => client.text('sse__late', { text })))).toEqual(['a', 'b'])
    expect(await refusal(client.call('sse__silent'))).toContain('sse did not answer in 1s')
  })

  test('whose stream ends is connected again for the next call', async () => {
    const error = await refusal(client.call('sse__end-get'))
    expect(error).toMatch(/no error but .*ended|sse closed its event stream/)
    const again = async () =>
      (await refusal(client.call('sse__echo', { text: 'again' }))).includes('"again"') ? true : undefined
    await until(again, 'it is not connected again', { ms: 3_000 })
  })

  test('that names an endpoint on another origin gets nothing there', async () => {
    expect(await refusal(client.call('sseforeign__echo'))).toMatch(/sseforeign/)
    expect((await log('sseforeign')).filter(({ path }) => path.startsWith('/messages'))).toEqual([])
  })
})
