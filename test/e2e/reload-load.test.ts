/** Reloads under load, and very many of them: nobody else notices, and nothing is left behind. */
import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { TestClient } from '../support/clients.ts'
import { fixtureServer, Gateway, startMisbehavingHttp } from '../support/gateway.ts'
import { until } from '../support/processes.ts'
import { apply, childrenOf, descriptorsOf, reload, settled } from '../support/reload.ts'

const tiny = fixtureServer('tiny.mjs')
const odd = fixtureServer('misbehaving.mjs')
const CALLS_A_SECOND = 50

let gateway: Gateway

afterEach(() => gateway?.stop())

it('50 calls a second on servers that stay see nothing of others that are added, changed and removed', async () => {
  const remote = await startMisbehavingHttp()
  const stay = { steady: odd, remote: { url: remote.url } }
  gateway = await Gateway.start({ servers: { ...stay, other: tiny } })
  const clients = await Promise.all([
    TestClient.http(gateway.url()),
    TestClient.http(gateway.url(), { roots: {} }),
    TestClient.http(gateway.url('steady')),
  ])
  const [, , alone] = clients
  await Promise.all(clients.map((client) => client.toolNames()))
  const pids = await Promise.all(clients.map((client) => pidOf(client)))
  const load = startLoad(clients)
  const RELOADS = 24
  for (let i = 0; i < RELOADS; i++) {
    await apply(gateway, { servers: { ...stay, ...OTHERS[i % OTHERS.length] } })
    await sleep(150)
  }
  const { calls, failures, slowestMs } = await load.stop()
  expect(failures).toEqual([])
  expect(calls).toBeGreaterThan((RELOADS * 0.15 * CALLS_A_SECOND) / 2)
  expect(slowestMs).toBeLessThan(3_000)
  expect(await Promise.all(clients.map((client) => pidOf(client)))).toEqual(pids)
  expect(alone.notifications).toEqual([])
  // Only tools came and went: the servers that changed have nothing else.
  for (const client of clients) expect(client.count('notifications/prompts/list_changed')).toBe(0)
  expect(clients[0].count('notifications/tools/list_changed')).toBeGreaterThan(0)
  await Promise.all(clients.map((client) => client.close()))
  await gateway.stop()
  await remote.stop()
  gateway = undefined as unknown as Gateway
}, 60_000)

/** What stands beside the servers that stay, one state after the other. */
const OTHERS: Record<string, object>[] = [
  { other: tiny, more: tiny },
  { other: { ...tiny, env: { MARK: '1' } }, more: tiny },
  { other: { ...tiny, env: { MARK: '1' }, timeout: '2s' } },
  { third: fixtureServer('misbehaving.mjs', '--crash') },
  { third: tiny, other: { ...tiny, tools: { deny: ['*'] } } },
  {},
]

async function pidOf(client: TestClient): Promise<number> {
  const name = (await client.toolNames()).includes('whoami') ? 'whoami' : 'steady__whoami'
  return (JSON.parse(await client.text(name)) as { pid: number }).pid
}

/** Calls the servers that stay, turn by turn, and checks every answer. */
function startLoad(clients: TestClient[]) {
  const failures: unknown[] = []
  const pending = new Set<Promise<void>>()
  let calls = 0
  let slowestMs = 0
  const call = async (n: number): Promise<void> => {
    const turn = n % (clients.length + 1)
    const client = clients[turn % clients.length] as TestClient
    const tool = ['steady__echo', 'steady__echo', 'echo', 'remote__echo'][turn] as string
    const begun = Date.now()
    const answer = await client.text(tool, { text: `call ${n}` }).catch((error: Error) => error.message)
    slowestMs = Math.max(slowestMs, Date.now() - begun)
    if (answer !== `call ${n}`) failures.push({ n, tool, answer })
  }
  const timer = setInterval(() => {
    const one = call(calls++).finally(() => pending.delete(one))
    pending.add(one)
  }, 1_000 / CALLS_A_SECOND)
  const stop = async () => {
    clearInterval(timer)
    await Promise.all(pending)
    return { calls, failures, slowestMs }
  }
  return { stop }
}

it('200 rewrites in a row end in the last state and leave no process, listener or descriptor behind', async () => {
  const slow = fixtureServer('misbehaving.mjs', '--start-delay', '400')
  gateway = await Gateway.start({ servers: { steady: tiny, restless: slow } })
  const client = await TestClient.http(gateway.url())
  const states = (i: number): Record<string, object> => ({
    steady: tiny,
    // Another process so often that most never come to serve, another treatment in between, and a server that comes and goes.
    restless: { ...slow, env: { MARK: String(Math.floor(i / 4)) }, timeout: `${i + 1}s` },
    ...(i % 4 === 0 && { guest: tiny }),
  })
  const before = { steady: await pidsOf('steady'), descriptors: descriptorsOf(gateway) }
  for (let i = 0; i < 200; i++) {
    writeFileSync(gateway.file, JSON.stringify({ listen: { port: 0 }, servers: states(i) }))
    // Some by the route, the others by whatever the watch makes of them.
    if (i % 2 === 0) await reload(gateway)
    else if (i % 20 === 19) await sleep(150)
  }
  const last = states(199)
  const { changed } = await reload(gateway).then(({ servers }) => servers)
  await settled(gateway)
  expect((await reload(gateway)).servers).toEqual({ added: [], removed: [], changed: [], unchanged: Object.keys(last) })
  expect(changed.length).toBeLessThanOrEqual(1)
  expect((await gateway.health()).servers.map(({ name, state }) => [name, state])).toEqual([
    ['restless', 'ready'],
    ['steady', 'ready'],
  ])
  expect(await pidsOf('steady')).toEqual(before.steady)
  expect(JSON.parse(await client.text('restless__whoami')).env.MARK).toBe('49')
  await until(() => (childrenOf(gateway).length === 2 ? true : undefined), 'children are left')
  expect(childrenOf(gateway).sort()).toEqual((await gateway.pids()).sort())
  // Two servers run as before; connections of this test may still be open.
  const look = () => ((descriptorsOf(gateway) ?? 0) <= (before.descriptors ?? 0) + 4 ? true : undefined)
  await until(look, `descriptors are left: ${before.descriptors} before, ${descriptorsOf(gateway)} after`)
  expect(gateway.running.stderr()).not.toContain('MaxListenersExceeded')
  await client.close()
}, 90_000)

async function pidsOf(server: string): Promise<(number | undefined)[]> {
  const { servers } = await gateway.health()
  return servers.find(({ name }) => name === server)?.instances.map(({ pid }) => pid) ?? []
}
