/** Servers that sleep: listed from what is remembered, woken by their first use, put to sleep when nobody uses them. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { TestClient } from '../support/clients.ts'
import { fixtureServer, Gateway, logLines, packageServer, temporaryFolder } from '../support/gateway.ts'
import { until } from '../support/processes.ts'
import { apply } from '../support/reload.ts'

const memory = packageServer('memory')
const everything = packageServer('everything')

let folder: ReturnType<typeof temporaryFolder>
let gateway: Gateway | undefined
let client: TestClient | undefined

const start = async (servers: Record<string, object>): Promise<Gateway> => {
  gateway = await Gateway.start({ servers }, { env: { XDG_STATE_HOME: join(folder.path, 'state') } })
  return gateway
}
const stop = async (): Promise<void> => {
  await client?.close()
  await gateway?.stop()
  client = undefined
  gateway = undefined
}
const states = async (): Promise<Record<string, string>> =>
  Object.fromEntries(((await gateway?.health())?.servers ?? []).map(({ name, state }) => [name, state]))
const come = (name: string, state: string, ms = 10_000) =>
  until(async () => (await states())[name] === state || undefined, `${name} does not get ${state}`, { ms })
/** Waits until it is kept for the next start what so many servers offer. */
const kept = (count: number) =>
  until(() => {
    const snapshots = join(folder.path, 'state', 'mcp-gw', 'snapshots')
    const files = existsSync(snapshots) ? readdirSync(snapshots).filter((name) => name.endsWith('.json')) : []
    return files.length >= count || undefined
  }, `what ${count} servers offer is not kept`)
const toolsOf = async (url: string): Promise<string> => {
  client = await TestClient.http(url)
  return JSON.stringify(await client.request('tools/list'))
}

beforeEach(() => {
  folder = temporaryFolder()
})

afterEach(async () => {
  await stop()
  folder.remove()
})

describe('a gateway that has seen its servers before', () => {
  test('lists them to the same byte without starting any', async () => {
    const first = await start({ memory, everything })
    await come('memory', 'ready')
    await come('everything', 'ready')
    const listed = await toolsOf(first.url())
    await kept(2)
    await stop()
    const second = await start({ everything, memory })
    expect(await toolsOf(second.url())).toBe(listed)
    expect(await states()).toEqual({ memory: 'asleep', everything: 'asleep' })
    expect(await second.pids()).toEqual([])
  })

  test('tells the instructions and capabilities of a server that sleeps, and wakes it by the first call alone', async () => {
    await start({ everything, memory })
    await kept(2)
    await stop()
    const again = await start({ everything, memory })
    client = await TestClient.http(again.url('everything'))
    expect(client.client.getInstructions()).toContain('Everything Server')
    expect(client.client.getServerCapabilities()).toHaveProperty('prompts')
    expect((await states()).everything).toBe('asleep')
    expect(await client.text('echo', { message: 'awake?' })).toBe('Echo: awake?')
    expect(await states()).toEqual({ everything: 'ready', memory: 'asleep' })
  })

  test('learns a server anew whose entry has changed', async () => {
    await start({ memory })
    await kept(1)
    await stop()
    await start({ memory: { ...memory, env: { ANOTHER: 'variable' } } })
    await come('memory', 'ready')
  })
})

describe('a server that nobody uses', () => {
  test('falls asleep, stays listed, and is woken once by calls that come together', async () => {
    const { url } = { url: (await start({ memory: { ...memory, idle: '1s' } })).url() }
    await come('memory', 'ready')
    const listed = await toolsOf(url)
    await come('memory', 'asleep')
    expect(JSON.stringify(await client?.request('tools/list'))).toBe(listed)
    await Promise.all(Array.from({ length: 10 }, () => client?.call('memory__read_graph')))
    expect((await gateway?.pids())?.length).toBe(1)
    await come('memory', 'asleep')
    expect(client?.count('notifications/tools/list_changed')).toBe(0)
  })

  test('stays awake where its entry says so', async () => {
    await start({ memory: { ...memory, idle: '1s', keep: true }, everything: { ...everything, idle: '1s' } })
    await come('everything', 'asleep')
    expect((await states()).memory).toBe('ready')
  })

  test('stays awake while a client watches one of its resources', async () => {
    const running = await start({ everything: { ...everything, idle: '1s' }, memory: { ...memory, idle: '1s' } })
    await come('everything', 'ready')
    client = await TestClient.http(running.url())
    const { resources } = (await client.request('resources/list')) as { resources: { uri: string }[] }
    const uri = resources.find((one) => one.uri.startsWith('demo://'))?.uri as string
    await client.request('resources/subscribe', { uri })
    await come('memory', 'asleep')
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect((await states()).everything).toBe('ready')
    await client.request('resources/unsubscribe', { uri })
    await come('everything', 'asleep')
  })
})

describe('servers that take more memory than the config allows from a reload on', () => {
  test('sleep, but those that are kept, watched or working, and the log says which and why, once', {
    timeout: 120_000,
  }, async () => {
    const working = fixtureServer('misbehaving.mjs')
    const servers = { memory, everything, working, kept: { ...fixtureServer('tiny.mjs'), keep: true } }
    const running = await start(servers)
    for (const name of Object.keys(servers)) await come(name, 'ready')
    client = await TestClient.http(running.url())
    const { resources } = (await client.request('resources/list')) as { resources: { uri: string }[] }
    const uri = resources.find((one) => one.uri.startsWith('demo://'))?.uri as string
    await client.request('resources/subscribe', { uri })
    const stop = new AbortController()
    const call = client.call('working__silent', {}, { signal: stop.signal }).catch(() => undefined)
    await apply(running, { servers, memory: '1MB' })
    const lines = (text: string) => logLines(running.running).filter(({ message }) => String(message).includes(text))
    await until(() => lines('where memory allows 1.0 MB')[0], 'nobody is warned', { ms: 40_000 })
    expect(await states()).toEqual({ memory: 'asleep', everything: 'ready', working: 'ready', kept: 'ready' })
    expect(lines('put to sleep').filter(({ server }) => server === 'memory')).toHaveLength(1)
    stop.abort()
    await call
    await client.request('resources/unsubscribe', { uri })
    // On a machine that is busy with other things, it is looked at every half minute only.
    await come('working', 'asleep', 40_000)
    await come('everything', 'asleep', 40_000)
    expect(await client.call('memory__read_graph')).toHaveProperty('content')
    expect((await states()).kept).toBe('ready')
    expect(lines('where memory allows')).toHaveLength(1)
  })
})

describe('a call whose server is killed while it works', () => {
  test('is made again where the tool only reads, and says that it may have run where it does not', async () => {
    const running = await start({ memory })
    await come('memory', 'ready')
    client = await TestClient.http(running.url())
    await client.call('memory__read_graph')
    const [pid] = await running.pids()
    process.kill(pid as number, 'SIGSTOP')
    const reading = client.call('memory__read_graph')
    const writing = client.call('memory__create_entities', { entities: [] }).catch((error: Error) => error.message)
    await new Promise((resolve) => setTimeout(resolve, 200))
    process.kill(pid as number, 'SIGKILL')
    expect(await reading).toHaveProperty('content')
    expect(await writing).toMatch(/the call may have run: memory was ended by SIGKILL/)
  })
})
