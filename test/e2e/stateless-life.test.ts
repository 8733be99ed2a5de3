/** The life of a stateless server behind the gateway: it sleeps, is asked whether it is well, dies, and is told what nobody wants any more. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ServerHealth } from '../../src/downstream/health.ts'
import { TestClient } from '../support/clients.ts'
import { fixtureServer, Gateway, type HttpServer, temporaryFolder } from '../support/gateway.ts'
import { until } from '../support/processes.ts'
import { referenceServer, startReference } from '../support/reference.ts'

const WATCHED = 'test://watched-resource'
const folder = temporaryFolder()
const log = join(folder.path, 'eras.log')
const health = { interval: '1s', timeout: '1s', failures: 2 }

let remote: HttpServer
let gateway: Gateway

beforeAll(async () => {
  remote = await startReference()
  gateway = await Gateway.start({
    servers: {
      sleepy: { ...referenceServer(), idle: '1s' },
      mortal: referenceServer(),
      remote: { url: remote.url },
      checked: { ...referenceServer(), health },
      placed: { ...referenceServer(), instances: 'workspace' },
      eras: fixtureServer('eras.mjs', 'stateless', log),
    },
  })
})

afterAll(async () => {
  await gateway?.stop()
  await remote?.stop()
})

const of = async (name: string): Promise<ServerHealth | undefined> =>
  (await gateway.health()).servers.find((server) => server.name === name)

async function watching(server: string): Promise<TestClient> {
  const client = await TestClient.http(gateway.url(server))
  await client.request('resources/subscribe', { uri: WATCHED })
  return client
}

/** Changes the resource until the watcher hears of it: a server that has just come up may not be listened to yet. */
async function hearsAgain(watcher: TestClient, server: string): Promise<void> {
  const before = watcher.count('notifications/resources/updated')
  const other = await TestClient.http(gateway.url(server))
  const heard = async (): Promise<true | undefined> => {
    await other.call('test_trigger_resource_update').catch(() => undefined)
    return watcher.count('notifications/resources/updated') > before || undefined
  }
  await until(heard, 'nothing is heard', { ms: 15_000, running: gateway.running })
  await other.close()
}

it('sleeps although it is listened to, and wakes for a call', async () => {
  const client = await TestClient.http(gateway.url('sleepy'))
  await client.text('test_simple_text')
  await until(async () => (await of('sleepy'))?.state === 'asleep' || undefined, 'it does not fall asleep', { ms: 10_000 })
  expect(await client.text('test_simple_text')).toMatch(/^This is a simple text/)
  expect((await of('sleepy'))?.era).toBe('stateless')
  await client.close()
})

it('that is watched does not sleep', async () => {
  const client = await watching('sleepy')
  const { instances } = (await of('sleepy')) as ServerHealth
  await until(async () => ((await of('sleepy'))?.instances[0]?.idleSeconds ?? 0) >= 2 || undefined, 'it is not idle', {
    ms: 10_000,
  })
  expect((await of('sleepy'))?.instances[0]?.pid).toBe(instances[0]?.pid)
  await client.close()
})

it('that dies is listened to again for those who watch something', async () => {
  const watcher = await watching('mortal')
  await hearsAgain(watcher, 'mortal')
  const pid = (await of('mortal'))?.instances[0]?.pid as number
  process.kill(pid, 'SIGKILL')
  await until(async () => (await of('mortal'))?.instances.some((one) => one.pid !== pid) || undefined, 'it does not come back', {
    ms: 10_000,
  })
  await hearsAgain(watcher, 'mortal')
  await watcher.close()
})

it('that is started anew over HTTP is listened to again', async () => {
  const watcher = await watching('remote')
  await hearsAgain(watcher, 'remote')
  await remote.stop()
  remote = await startReference(Number(new URL(remote.url).port))
  await hearsAgain(watcher, 'remote')
  await watcher.close()
})

it('that hangs is found by its health checks, and replaced', async () => {
  const client = await TestClient.http(gateway.url('checked'))
  await client.text('test_simple_text')
  const pid = (await of('checked'))?.instances[0]?.pid as number
  await until(async () => (await of('checked'))?.health === 'healthy' || undefined, 'it is never healthy')
  process.kill(pid, 'SIGSTOP')
  const replaced = async () =>
    (await of('checked'))?.instances.some((one) => one.pid !== pid && one.state === 'ready') || undefined
  await until(replaced, 'it is not replaced', { ms: 15_000, running: gateway.running })
  expect(await client.text('test_simple_text')).toMatch(/^This is a simple text/)
  await client.close()
})

it('over stdio is told of a call that nobody waits for any more', async () => {
  const client = await TestClient.http(gateway.url('eras'))
  const abort = new AbortController()
  const call = client.call('endless', {}, { signal: abort.signal }).catch(() => undefined)
  const got = (): string => readFileSync(log, 'utf8')
  await until(() => got().includes('tools/call') || undefined, 'the call does not arrive')
  abort.abort()
  await call
  await until(() => got().includes('notifications/cancelled') || undefined, 'the server is not told')
  await client.request('ping')
  expect(got()).not.toContain('notifications/initialized')
  await client.close()
})

it('with an instance for each workspace is told the roots by us, and is one for clients that work in the same place', async () => {
  const roots = { 'roots/list': () => ({ roots: [{ uri: `file://${folder.path}`, name: 'here' }] }) }
  const clients = await Promise.all([
    TestClient.http(gateway.url('placed'), { roots: {} }, roots),
    TestClient.http(gateway.url('placed'), { roots: {}, elicitation: {} }, roots),
  ])
  for (const client of clients) {
    expect(await client.text('test_input_required_result_list_roots')).toBe(`Roots: file://${folder.path}`)
    // Once, by us: the server's question is not passed on.
    expect(client.asked.map(({ method }) => method)).toEqual(['roots/list'])
  }
  const { instances } = (await of('placed')) as ServerHealth
  expect(instances.filter((one) => one.clients > 0)).toMatchObject([{ clients: 2 }])
  await Promise.all(clients.map((client) => client.close()))
})
