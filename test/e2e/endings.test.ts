/** How things end: the gateway in the middle of a call, a server in the middle of a call, and what is left of either. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestClient } from '../support/clients.ts'
import { expectGone, fixtureServer, Gateway, type HttpServer, logLines, startMisbehavingHttp } from '../support/gateway.ts'
import { until } from '../support/processes.ts'
import { RawSession } from '../support/raw-http.ts'

let remote: HttpServer

beforeAll(async () => {
  remote = await startMisbehavingHttp()
})

afterAll(() => remote?.stop())

describe('SIGTERM', () => {
  it('lets calls finish, takes no new connection, and leaves nothing behind', async () => {
    const gateway = await Gateway.start({ servers: { odd: fixtureServer('misbehaving.mjs'), remote: { url: remote.url } } })
    const session = await RawSession.open(gateway.url(), { capabilities: { roots: {} } })
    const calls = ['odd', 'remote'].map((server) =>
      session.call(`"${server}"`, `${server}__late`, { delayMs: 800, text: 'finished' }),
    )
    await until(async () => ((await inFlight(gateway)) === 2 ? true : undefined), 'the calls do not start')
    const pids = await gateway.pids()
    gateway.running.child.kill('SIGTERM')
    await sleep(200)
    await expect(RawSession.open(gateway.url())).rejects.toThrow(/ECONNREFUSED/)
    for (const call of await Promise.all(calls)) expect(call.at(-1)).toContain('finished')
    expect(await gateway.running.exited).toBe(0)
    await expectGone(pids)
    expect(remoteMethods(await remoteLog())).toContain('DELETE')
  })

  it('waits no longer than shutdown.grace for a call that does not end', async () => {
    const gateway = await Gateway.start({ servers: { odd: fixtureServer('misbehaving.mjs') }, shutdown: { grace: '300ms' } })
    const session = await RawSession.open(gateway.url())
    const call = session.call('1', 'odd__silent').catch((error: Error) => [error.message])
    await until(async () => ((await inFlight(gateway)) === 1 ? true : undefined), 'the call does not start')
    const begun = Date.now()
    gateway.running.child.kill('SIGTERM')
    expect(await gateway.running.exited).toBe(0)
    expect(Date.now() - begun).toBeLessThan(4_000)
    await call
  })

  it.each(['http', 'sse'] as const)(
    'tells whoever still waits over %s that its call may have run, also where it listens on a stream',
    async (way) => {
      const gateway = await Gateway.start({ servers: { odd: fixtureServer('misbehaving.mjs') }, shutdown: { grace: '100ms' } })
      const client = await TestClient[way](way === 'http' ? gateway.url() : `${gateway.origin}/sse`)
      let steps = 0
      const onprogress = () => steps++
      const call = (name: string, options = {}) =>
        expect(client.client.callTool({ name, arguments: { intervalMs: 20 } }, undefined, options)).rejects.toThrow(
          /may have run/,
        )
      const calls = [call('odd__slow-progress', { onprogress }), call('odd__silent')]
      await until(() => (steps > 1 ? true : undefined), 'no progress comes')
      gateway.running.child.kill('SIGTERM')
      await Promise.all(calls)
      expect(await gateway.running.exited).toBe(0)
      await client.client.close()
    },
  )

  it('ends servers that ignore it, with the processes they started, held by a session or not', async () => {
    const stubborn = fixtureServer('misbehaving.mjs', '--stubborn', '--grandchild')
    const gateway = await Gateway.start({ servers: { shared: stubborn, own: { ...stubborn, instances: 'session' } } })
    const client = await TestClient.http(gateway.url(), { roots: {} })
    const who = await Promise.all(['shared', 'own'].map((server) => client.text(`${server}__whoami`)))
    const pids = who.flatMap((text) => {
      const { pid, grandchild } = JSON.parse(text) as { pid: number; grandchild: number }
      return [pid, grandchild]
    })
    expect(pids.every((pid) => pid > 0)).toBe(true)
    await gateway.stop()
    await expectGone(pids)
    await client.client.close()
  })

  it('twice ends at once, and still leaves no child', async () => {
    const gateway = await Gateway.start({ servers: { odd: fixtureServer('misbehaving.mjs', '--stubborn') } })
    const session = await RawSession.open(gateway.url())
    void session.call('1', 'odd__silent').catch(() => [])
    await until(async () => ((await inFlight(gateway)) === 1 ? true : undefined), 'the call does not start')
    const pids = await gateway.pids()
    gateway.running.child.kill('SIGTERM')
    await sleep(200)
    gateway.running.child.kill('SIGTERM')
    expect(await gateway.running.exited).toBe(130)
    await expectGone(pids)
  })

  it('during the start ends what has begun to start', async () => {
    const servers = {
      mute: fixtureServer('misbehaving.mjs', '--mute', '--stubborn'),
      slow: fixtureServer('misbehaving.mjs', '--start-delay', '5000'),
    }
    const gateway = await Gateway.start({ servers }, { ready: false })
    const pids = await until(async () => ((await gateway.pids()).length === 2 ? gateway.pids() : undefined), 'nothing starts')
    gateway.running.child.kill('SIGTERM')
    expect(await gateway.running.exited).toBe(0)
    await expectGone(pids)
  })
})

describe('a stdio server', () => {
  let gateway: Gateway
  let client: TestClient

  beforeAll(async () => {
    gateway = await Gateway.start({
      servers: { odd: fixtureServer('misbehaving.mjs'), other: fixtureServer('misbehaving.mjs') },
    })
    client = await TestClient.http(gateway.url())
  })

  afterAll(async () => {
    await client?.close()
    await gateway?.stop()
  })

  const pid = async () => (JSON.parse(await client.text('odd__whoami')) as { pid: number }).pid

  it.each([false, true])(
    'that dies in mid-call fails the call with its last words, and the next call finds it restarted (half an answer: %s)',
    async (partial) => {
      const before = await pid()
      const lines = ['loading the model', 'fatal: out of memory']
      const died = client.call('odd__die', { code: 5, lines, partial })
      await expect(died).rejects.toThrow(
        /odd exited with code 5; its last words on stderr:\n\s+.*loading the model\n\s+fatal: out of memory/s,
      )
      expect(await client.text('odd__echo', { text: 'again' })).toBe('again')
      expect(await pid()).not.toBe(before)
      expect((await gateway.health()).status).toBe('ok')
    },
  )

  it('that is killed in mid-call fails every call under way, and none of another server', async () => {
    const before = await pid()
    const lost = [1, 2, 3].map(() => client.call('odd__silent').then(String, (error: Error) => error.message))
    const kept = client.text('other__late', { delayMs: 500, text: 'kept' })
    await until(async () => ((await inFlight(gateway)) === 4 ? true : undefined), 'the calls do not start')
    process.kill(before, 'SIGKILL')
    for (const message of await Promise.all(lost)) expect(message).toMatch(/odd was ended by SIGKILL/)
    expect(await kept).toBe('kept')
    expect(await client.text('odd__echo', { text: 'up' })).toBe('up')
    await expectGone([before])
  })

  it('that is killed while nobody calls is up again at the next call, with its subscriptions', async () => {
    await client.request('resources/subscribe', { uri: 'mis://two' })
    const before = await pid()
    process.kill(before, 'SIGKILL')
    await expectGone([before])
    await until(async () => ((await gateway.pids()).includes(before) ? undefined : true), 'it is not missed')
    expect(await client.text('odd__echo', { text: 'up' })).toBe('up')
    await client.call('odd__touch', { uri: 'mis://two' })
    await client.heard('notifications/resources/updated')
  })

  it('that closes its stdout is not waited for until the timeout', async () => {
    const before = await pid()
    await client.call('odd__hang-up')
    await until(async () => ((await gateway.pids()).includes(before) ? undefined : true), 'it is waited for')
    await expectGone([before])
    expect(await client.text('odd__echo', { text: 'after' })).toBe('after')
  })

  it('is said to have ended in the log, once, with its words', () => {
    const lines = logLines(gateway.running).filter(({ message }) => String(message).includes('exited with code 5'))
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatchObject({ server: 'odd', level: 40 })
  })
})

describe('a client that leaves while its instance of a server starts', () => {
  it('is no failure of the server: the next client is served, and the health is good', async () => {
    const slow = { ...fixtureServer('misbehaving.mjs', '--start-delay', '300'), instances: 'session' }
    const gateway = await Gateway.start({ servers: { slow } })
    for (const _ of [1, 2]) await (await RawSession.open(gateway.url())).end()
    await sleep(100)
    const session = await RawSession.open(gateway.url())
    const [answer] = await session.call('1', 'slow__echo', { text: 'served' })
    expect(answer).toContain('"served"')
    const { status, servers } = await gateway.health()
    expect([status, servers[0]?.lastError]).toEqual(['ok', undefined])
    await session.end()
    await gateway.stop()
  })
})

async function inFlight(gateway: Gateway): Promise<number> {
  const { servers } = await gateway.health()
  return servers.flatMap(({ instances }) => instances).reduce((sum, one) => sum + one.inFlight, 0)
}

interface Received {
  method: string
}

async function remoteLog(): Promise<Received[]> {
  return (await (await fetch(new URL('/log', remote.url))).json()) as Received[]
}

function remoteMethods(log: Received[]): string[] {
  return log.map(({ method }) => method)
}
