/** A config that changes while the gateway runs: what goes on, what is replaced, and who hears of it. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TestClient } from '../support/clients.ts'
import { expectGone, fixtureServer, Gateway, temporaryFolder } from '../support/gateway.ts'
import { until } from '../support/processes.ts'
import { RawSession } from '../support/raw-http.ts'
import { apply, reload, settled } from '../support/reload.ts'

const tiny = fixtureServer('tiny.mjs')
const odd = fixtureServer('misbehaving.mjs')
const LIST_CHANGED = 'notifications/tools/list_changed'
/** Long enough for a change that is told to arrive. */
const A_MOMENT_MS = 400

let gateway: Gateway

async function start(servers: Record<string, object>, more: object = {}): Promise<void> {
  gateway = await Gateway.start({ servers, ...more })
}

afterEach(() => gateway?.stop())

async function pidOf(server: string): Promise<number | undefined> {
  const { servers } = await gateway.health()
  return servers.find(({ name }) => name === server)?.instances[0]?.pid
}

const stateOf = async (server: string) => (await gateway.health()).servers.find(({ name }) => name === server)

describe('a server', () => {
  it('that is added starts in the background, and whoever has listed tools hears of it', async () => {
    await start({ tiny })
    const client = await TestClient.http(gateway.url())
    expect(await client.toolNames()).toEqual(['tiny__hello'])
    const late = fixtureServer('misbehaving.mjs', '--start-delay', '1500')
    const begun = Date.now()
    expect(await apply(gateway, { servers: { tiny, late } })).toMatchObject({ added: ['late'], removed: [], changed: [] })
    expect(Date.now() - begun).toBeLessThan(1_400)
    expect((await stateOf('late'))?.state).toBe('starting')
    await client.heard(LIST_CHANGED)
    expect(await client.toolNames()).toContain('late__echo')
    expect(await client.text('late__echo', { text: 'here' })).toBe('here')
    await client.close()
  })

  it('that is removed leaves the catalog at once, and finishes what it works on', async () => {
    await start({ tiny, odd })
    const client = await TestClient.http(gateway.url())
    await client.toolNames()
    const pid = (await pidOf('odd')) as number
    const call = client.text('odd__late', { delayMs: 700, text: 'finished' })
    await until(async () => ((await stateOf('odd'))?.instances[0]?.inFlight === 1 ? true : undefined), 'the call does not start')
    expect(await apply(gateway, { servers: { tiny } })).toMatchObject({ removed: ['odd'] })
    await client.heard(LIST_CHANGED)
    expect(await client.toolNames()).toEqual(['tiny__hello'])
    await expect(client.call('odd__echo', { text: 'x' })).rejects.toThrow(/Unknown tool: odd__echo/)
    expect(await call).toBe('finished')
    await until(() => expectGone([pid]).then(() => true as const), 'the server stays')
    await client.close()
  })

  it('that is removed is not waited for longer than shutdown.grace', async () => {
    await start({ tiny, odd }, { shutdown: { grace: '300ms' } })
    const client = await TestClient.http(gateway.url())
    const call = client.call('odd__silent').catch((error: Error) => error.message)
    await until(async () => ((await stateOf('odd'))?.instances[0]?.inFlight === 1 ? true : undefined), 'the call does not start')
    const begun = Date.now()
    await apply(gateway, { servers: { tiny }, shutdown: { grace: '300ms' } })
    expect(await call).toMatch(/odd was stopped/)
    expect(Date.now() - begun).toBeLessThan(2_000)
    await client.close()
  })

  it('that has changed serves on until the new one answers, and nobody hears of it where the lists are the same', async () => {
    await start({ odd })
    const [one, two] = await Promise.all([TestClient.http(gateway.url(), { roots: {} }), TestClient.http(gateway.url('odd'))])
    await Promise.all([one.toolNames(), two.toolNames()])
    const slow = { ...fixtureServer('misbehaving.mjs', '--start-delay', '1500'), env: { MARK: 'new' } }
    const before = JSON.parse(await one.text('odd__whoami')) as { pid: number }
    const long = one.text('odd__late', { delayMs: 2_500, text: 'from the old one' })
    expect(await apply(gateway, { servers: { odd: slow } })).toMatchObject({ added: [], removed: [], changed: ['odd'] })
    expect(await stateOf('odd')).toMatchObject({ state: 'ready', changing: true })
    expect(JSON.parse(await one.text('odd__whoami')).pid).toBe(before.pid)
    await settled(gateway)
    const after = JSON.parse(await one.text('odd__whoami')) as { pid: number; env: { MARK: string } }
    expect([after.pid === before.pid, after.env.MARK]).toEqual([false, 'new'])
    expect(JSON.parse(await two.text('whoami')).env.MARK).toBe('new')
    expect(await long).toBe('from the old one')
    await sleep(A_MOMENT_MS)
    expect([...one.notifications, ...two.notifications].filter(({ method }) => method.endsWith('list_changed'))).toEqual([])
    await Promise.all([one.close(), two.close()])
  })

  it('that has changed and does not start is shown as failed: what the config no longer says is not served on', async () => {
    await start({ odd, tiny })
    const client = await TestClient.http(gateway.url())
    await client.toolNames()
    const long = client.text('odd__late', { delayMs: 700, text: 'finished' })
    await until(async () => ((await stateOf('odd'))?.instances[0]?.inFlight === 1 ? true : undefined), 'the call does not start')
    await apply(gateway, { servers: { odd: fixtureServer('misbehaving.mjs', '--crash'), tiny } })
    await client.heard(LIST_CHANGED)
    expect(await stateOf('odd')).toMatchObject({
      state: 'failed',
      lastError: { message: expect.stringMatching(/exited with code 7/) },
    })
    expect(await client.toolNames()).toEqual(['tiny__hello'])
    await expect(client.call('odd__echo')).rejects.toThrow(/exited with code 7/)
    expect(await long).toBe('finished')
    await client.close()
  })

  it('that can only run alone comes up once the old one is gone', async () => {
    const folder = temporaryFolder()
    const lock = join(folder.path, 'lock')
    const alone = (mark: string) => ({
      command: process.execPath,
      args: ['-e', ALONE, lock, tiny.args[0] as string],
      env: { MARK: mark },
    })
    await start({ alone: alone('one') })
    const client = await TestClient.http(gateway.url())
    await apply(gateway, { servers: { alone: alone('two') } })
    await until(async () => ((await stateOf('alone'))?.state === 'failed' ? true : undefined), 'two run at once')
    await until(async () => ((await stateOf('alone'))?.state === 'ready' ? true : undefined), 'it does not come up alone')
    expect(await client.text('alone__hello')).toBe('hello')
    await client.close()
    folder.remove()
  })

  it('keeps its process where only our treatment of it changes, and that holds at once', async () => {
    await start({ odd, tiny })
    const client = await TestClient.http(gateway.url())
    await client.toolNames()
    const pid = await pidOf('odd')
    const treated = { ...odd, timeout: '300ms', tools: { deny: ['whoami'] } }
    expect(await apply(gateway, { servers: { odd: treated, tiny } })).toMatchObject({ changed: ['odd'] })
    expect(await pidOf('odd')).toBe(pid)
    await client.heard(LIST_CHANGED)
    expect(await client.toolNames()).not.toContain('odd__whoami')
    await expect(client.call('odd__whoami')).rejects.toThrow(/Unknown tool/)
    await expect(client.call('odd__silent')).rejects.toThrow(/did not answer in 300ms/)
    const count = client.count(LIST_CHANGED)
    await apply(gateway, { servers: { odd: { ...treated, timeout: '2s' }, tiny } })
    await sleep(A_MOMENT_MS)
    expect(client.count(LIST_CHANGED)).toBe(count)
    await client.close()
  })

  it('that is watched is watched on when another one takes its place', async () => {
    await start({ odd })
    const client = await TestClient.http(gateway.url(), { roots: {} })
    await client.request('resources/subscribe', { uri: 'mis://one' })
    await apply(gateway, { servers: { odd: { ...odd, env: { MARK: 'new' } } } })
    await settled(gateway)
    expect(JSON.parse(await client.text('odd__whoami')).env.MARK).toBe('new')
    await client.call('odd__touch', { uri: 'mis://one' })
    await client.heard('notifications/resources/updated')
    await client.close()
  })

  it('that is required and fails on a reload makes the gateway unhealthy, and does not end it', async () => {
    await start({ tiny })
    const broken = { ...fixtureServer('misbehaving.mjs', '--crash'), required: true }
    await apply(gateway, { servers: { tiny, broken } })
    await until(async () => ((await stateOf('broken'))?.state === 'failed' ? true : undefined), 'it does not fail')
    expect((await fetch(`${gateway.origin}/health`)).status).toBe(503)
    expect((await gateway.health()).status).toBe('unhealthy')
    const client = await TestClient.http(gateway.url())
    expect(await client.text('tiny__hello')).toBe('hello')
    await apply(gateway, { servers: { tiny } })
    expect((await gateway.health()).status).toBe('ok')
    await client.close()
  })

  it('that is disabled goes, and comes back under the same name', async () => {
    await start({ tiny, odd })
    expect(await apply(gateway, { servers: { tiny, odd: { ...odd, disabled: true } } })).toMatchObject({ removed: ['odd'] })
    expect(await apply(gateway, { servers: { tiny, odd } })).toMatchObject({ added: ['odd'] })
    await until(async () => /ready|asleep/.test((await stateOf('odd'))?.state ?? '') || undefined, 'odd does not come back')
  })
})

/** Fails while another one of its kind runs, and is tiny.mjs otherwise. */
const ALONE = `
  const fs = require('node:fs')
  const [lock, program] = process.argv.slice(1)
  try { fs.writeFileSync(lock, '', { flag: 'wx' }) } catch { console.error('locked'); process.exit(5) }
  process.on('exit', () => fs.rmSync(lock))
  import(program)
`

describe('the endpoint of one server', () => {
  it('says that its server is gone, goes on when it is back, and can be opened no longer meanwhile', async () => {
    await start({ tiny, odd })
    const session = await RawSession.open(gateway.url('odd'))
    const list = '{"jsonrpc":"2.0","id":7,"method":"tools/list"}'
    expect((await session.post(list)).text).toContain('"whoami"')
    await apply(gateway, { servers: { tiny } })
    const { status, text } = await session.post(list)
    expect([status, JSON.parse(text)]).toEqual([
      200,
      { jsonrpc: '2.0', id: 7, error: { code: -32600, message: 'there is no server "odd"; configured are: tiny' } },
    ])
    await expect(RawSession.open(gateway.url('odd'))).rejects.toThrow(/404 .*no server .*odd/)
    await apply(gateway, { servers: { tiny, odd } })
    expect((await session.post(list)).text).toContain('"whoami"')
    await session.end()
  })

  it('hears of nothing that happens to other servers', async () => {
    await start({ tiny, odd })
    const alone = await TestClient.http(gateway.url('tiny'))
    await alone.toolNames()
    await apply(gateway, { servers: { tiny } })
    await apply(gateway, { servers: { tiny, more: odd } })
    await settled(gateway)
    await sleep(A_MOMENT_MS)
    expect(alone.notifications).toEqual([])
    await alone.close()
  })
})

describe('a secret in a file', () => {
  let folder: ReturnType<typeof temporaryFolder>
  beforeEach(() => {
    folder = temporaryFolder()
  })
  afterEach(() => folder.remove())

  it('that has changed is noticed on a reload, restarts who knows it, and is told by the name of its key only', async () => {
    const secret = join(folder.path, 'secret')
    writeFileSync(secret, 'first-secret-value\n')
    await start({ odd: { ...odd, env: { TOKEN: `\${file:${secret}}` } }, tiny })
    const client = await TestClient.http(gateway.url())
    const pid = await pidOf('tiny')
    writeFileSync(secret, 'second-secret-value\n')
    const report = await reload(gateway)
    expect(report.servers).toEqual({
      added: [],
      removed: [],
      changed: [{ name: 'odd', keys: ['env.TOKEN'], restarts: true }],
      unchanged: ['tiny'],
    })
    expect([report.listen, report.keys, report.config]).toEqual([null, [], gateway.file])
    await settled(gateway)
    expect(JSON.parse(await client.text('odd__whoami')).env.TOKEN).toBe('second-secret-value')
    expect(await pidOf('tiny')).toBe(pid)
    const again = await reload(gateway)
    expect([again.servers.unchanged, again.last]).toEqual([
      ['odd', 'tiny'],
      'changed odd (env.TOKEN; starts anew); left 1 unchanged',
    ])
    rmSync(secret)
    await expect(reload(gateway)).rejects.toThrow(/422.*there is no such file/)
    expect(gateway.running.stderr()).not.toMatch(/(first|second)-secret-value/)
    expect(JSON.stringify(await gateway.health())).not.toMatch(/(first|second)-secret-value/)
    await client.close()
  })
})
