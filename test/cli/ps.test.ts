/** `mcp-gw ps` shows each process of the running gateway, and says plainly where there is none. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ProcessRow, processTable } from '../../src/cli/commands/ps.ts'
import type { Health, InstanceHealth, ServerHealth } from '../../src/downstream/health.ts'
import { TestClient } from '../support/clients.ts'
import { fixtureServer, Gateway, mcpGw, temporaryFolder, writeConfig } from '../support/gateway.ts'
import { finish, until } from '../support/processes.ts'

const NOW = Date.parse('2026-01-02T03:04:05Z')
const MB = 1_048_576
const folder = temporaryFolder()
afterAll(() => folder.remove())

function instance(pid: number | undefined, ageSeconds: number, more: Partial<InstanceHealth> = {}): InstanceHealth {
  const startedAt = new Date(NOW - ageSeconds * 1_000).toISOString()
  return { pid, state: 'ready', clients: 1, inFlight: 0, startedAt, idleSeconds: 0, ...more }
}

function server(name: string, state: ServerHealth['state'], ...instances: InstanceHealth[]): ServerHealth {
  return { name, state, instances } as Partial<ServerHealth> as ServerHealth
}

const report = (...servers: ServerHealth[]): Health => ({ servers }) as Partial<Health> as Health

describe('the table of mcp-gw ps', () => {
  test('shows server, memory, age, idle time, sessions and state, and the servers without a process', async () => {
    const text = processTable(
      report(
        server(
          'browser',
          'ready',
          instance(4_711, 42, { state: 'starting', clients: 0 }),
          instance(812, 97_265, { inFlight: 2, rssBytes: 1_181.4 * MB }),
        ),
        server('filesystem', 'ready', instance(39_000, 3_600, { clients: 12, idleSeconds: 185, rssBytes: 66.6 * MB })),
        server('github', 'stopped'),
        server('sentry', 'ready', instance(undefined, 10)),
        server('shell', 'failed'),
      ),
      NOW,
    )
    await expect(`${text}\n`).toMatchFileSnapshot('golden/ps.golden.txt')
  })

  test('shows health where that is checked', async () => {
    const checked = (one: ServerHealth, health: ServerHealth['health']): ServerHealth => ({ ...one, health })
    const text = processTable(
      report(
        checked(
          server('browser', 'ready', instance(812, 60, { missedPings: 2 }), instance(813, 60, { missedPings: 0 })),
          'healthy',
        ),
        server('filesystem', 'ready', instance(39_000, 3_600)),
        checked(server('github', 'ready', instance(39_001, 3, { missedPings: 0 })), 'unhealthy'),
        checked(server('sentry', 'ready', instance(undefined, 10)), 'healthy'),
      ),
      NOW,
    )
    await expect(`${text}\n`).toMatchFileSnapshot('golden/ps-health.golden.txt')
  })

  test('says so where nothing runs', async () => {
    await expect(`${processTable(report(server('github', 'stopped')), NOW)}\n`).toMatchFileSnapshot('golden/ps-none.golden.txt')
    expect(processTable(report(), NOW)).toBe('The gateway runs, and no server has a process.')
  })
})

describe('mcp-gw ps', () => {
  let gateway: Gateway
  let client: TestClient

  beforeAll(async () => {
    gateway = await Gateway.start({
      servers: { one: fixtureServer('misbehaving.mjs', '--grandchild'), tiny: fixtureServer('tiny.mjs') },
    })
    client = await TestClient.http(gateway.url())
    await client.text('one__echo', { text: 'here' })
    await client.text('tiny__hello')
  })
  afterAll(async () => {
    await client.close()
    await gateway.stop()
  })

  const rows = async (): Promise<ProcessRow[]> => {
    const { code, stdout } = await finish(mcpGw(['ps', '--url', gateway.origin, '--json']))
    expect(code).toBe(0)
    return (JSON.parse(stdout) as { processes: ProcessRow[] }).processes
  }

  test('knows the pid, the memory of the whole tree, and the sessions of each', async () => {
    const all = await rows()
    const { servers } = await gateway.health()
    expect(all.map(({ server: name, pid }) => [name, pid])).toEqual(
      servers.flatMap(({ name, instances }) => instances.map(({ pid }) => [name, pid])),
    )
    const [one, tiny] = ['one', 'tiny'].map((name) => all.find((row) => row.server === name && row.sessions === 1))
    expect(one).toMatchObject({ state: 'idle' })
    // It has a grandchild, which is a Node process too.
    expect(one?.rssBytes).toBeGreaterThan((tiny?.rssBytes ?? 0) * 1.5)
    expect(tiny?.rssBytes).toBeGreaterThan(20 * MB)
    expect(all.every(({ ageSeconds }) => ageSeconds >= 0 && ageSeconds < 60)).toBe(true)
  })

  test('shows a call that is under way', async () => {
    const stop = new AbortController()
    const call = client.call('one__silent', {}, { signal: stop.signal }).catch(() => undefined)
    await until(async () => (await rows()).find(({ state }) => state === 'busy'), 'nothing is busy')
    stop.abort()
    await call
    await until(async () => ((await rows()).every(({ state }) => state === 'idle') ? true : undefined), 'it stays busy')
  })

  test('prints a table for people', async () => {
    const { code, stdout } = await finish(mcpGw(['ps', '--url', `${gateway.origin}/mcp`]))
    expect(code).toBe(0)
    expect(stdout).toMatch(/^SERVER +PID +MEMORY +AGE +IDLE +SESSIONS +STATE\none +\d+ +\d+ MB +/)
  })

  test('finds the gateway by the address in the config', async () => {
    const port = Number(new URL(gateway.origin).port)
    const config = writeConfig(folder.path, { listen: { port }, servers: {} })
    const { stdout } = await finish(mcpGw(['ps', '--config', config, '--json']))
    expect((JSON.parse(stdout) as { url: string }).url).toBe(gateway.origin)
  })
})

describe('mcp-gw ps fails', () => {
  test('where no gateway runs', async () => {
    const { code, stdout, stderr } = await finish(mcpGw(['ps', '--url', 'http://127.0.0.1:9']))
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toBe(
      'mcp-gw: no gateway runs at http://127.0.0.1:9; start one with mcp-gw serve, or say where it listens with --url\n',
    )
  })

  test.each(['<h1>hello</h1>', '{"name":"other"}', 'null'])('where something else answers: %s', async (body) => {
    const other = createServer((_req, res) => res.end(body)).listen(0, '127.0.0.1')
    await until(() => (other.listening ? true : undefined), 'it does not listen')
    const { port } = other.address() as AddressInfo
    const { code, stderr } = await finish(mcpGw(['ps', '--url', `http://127.0.0.1:${port}`]))
    other.close()
    expect(code).toBe(1)
    expect(stderr).toBe(`mcp-gw: what answers at http://127.0.0.1:${port} is no mcp-gw; say where it listens with --url\n`)
  })

  test('as a wrong use where the address is none', async () => {
    const { code, stderr } = await finish(mcpGw(['ps', '--url', 'localhost']))
    expect(code).toBe(2)
    expect(stderr).toContain('--url: expected an address such as http://127.0.0.1:39400, got "localhost"')
  })
})
