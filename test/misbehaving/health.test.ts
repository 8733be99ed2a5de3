/** Servers that hang without dying are found by the pings that the config asks for, and replaced. */
import { afterEach, describe, expect, test } from 'vitest'
import type { ServerHealth } from '../../src/downstream/health.ts'
import { TestClient } from '../support/clients.ts'
import { fixtureServer, type Gateway, type HttpServer, logLines, mcpGw, startMisbehavingHttp } from '../support/gateway.ts'
import { finish, groupLives, until } from '../support/processes.ts'
import { misbehaving, refusal, startGateway, stopSound } from './misbehaving.ts'

const health = { interval: '1s', timeout: '1s', failures: 2 }
const annotated = { ...fixtureServer('annotated.mjs'), health }

let gateway: Gateway
let client: TestClient | undefined
let http: HttpServer | undefined

afterEach(async () => {
  await client?.close()
  client = undefined
  await stopSound(gateway)
  await http?.stop()
  http = undefined
})

const of = async (name: string): Promise<ServerHealth> => {
  const found = (await gateway.health()).servers.find((server) => server.name === name)
  if (!found) throw new Error(`there is no ${name}`)
  return found
}
const becomes = (name: string, what: Partial<ServerHealth>): Promise<ServerHealth> =>
  until(
    async () => {
      const now = await of(name)
      return Object.entries(what).every(([key, value]) => now[key as keyof ServerHealth] === value) ? now : undefined
    },
    `${name} does not become ${JSON.stringify(what)}`,
    { ms: 15_000, running: gateway.running },
  )

/** The pings that an HTTP server has received. */
async function pings({ url }: HttpServer): Promise<number> {
  const log = (await (await fetch(new URL('/log', url))).json()) as { body?: { method?: string } }[]
  return log.filter(({ body }) => body?.method === 'ping').length
}

describe('a stdio server that hangs', () => {
  test('is replaced: reading calls are answered, others are told the truth, and it is healthy again', async () => {
    gateway = await startGateway({ hung: annotated })
    client = await TestClient.http(gateway.url())
    await client.text('hung__look')
    const before = (await of('hung')).instances.find(({ clients }) => clients === 1)?.pid as number
    process.kill(before, 'SIGSTOP')
    const [looking, changing] = [client.text('hung__look', { text: 'seen' }), refusal(client.call('hung__change'))]
    const missing = await until(
      async () => (await of('hung')).instances.find(({ missedPings }) => missedPings === 1),
      'nobody misses an answer',
    )
    expect(missing).toMatchObject({ pid: before, inFlight: 2 })
    const { stdout } = await finish(mcpGw(['ps', '--url', gateway.origin]))
    expect(stdout).toMatch(/^SERVER .* STATE +HEALTH\nhung +\d+ /)
    expect(await looking).toBe('seen')
    expect(await changing).toMatch(
      /the call may have run: hung has not answered 2 pings in a row within 1s \(servers\.hung\.health\) without a word on stderr$/,
    )
    const after = await becomes('hung', { state: 'ready', health: 'healthy' })
    expect(after.instances.some(({ pid }) => pid === before)).toBe(false)
    await until(() => (groupLives(before) ? undefined : true), 'the hung one lives on', { ms: 10_000 })
    const lines = logLines(gateway.running).map(({ message }) => String(message))
    expect(lines.filter((line) => line.includes('has not answered 2 pings'))).toEqual([
      expect.stringMatching(/without a word on stderr; it is started again$/),
    ])
    expect(lines).toContain('healthy again')
  })

  test('is started again although nobody calls it', async () => {
    gateway = await startGateway({ hung: annotated, other: fixtureServer('tiny.mjs') })
    const [before] = (await of('hung')).instances
    process.kill(before?.pid as number, 'SIGSTOP')
    await until(async () => (await of('hung')).instances.some(({ pid }) => pid && pid !== before?.pid) || undefined, 'it is not')
    expect(await becomes('hung', { health: 'healthy' })).toMatchObject({ state: 'ready' })
    expect((await of('other')).health).toBeUndefined()
  })
})

describe('a server over HTTP that hangs', () => {
  test('counts as failed, and is well again as soon as it answers', async () => {
    http = await startMisbehavingHttp()
    const options = { url: http.url, health, start_timeout: '1s', reconnect: { base: '100ms', max: '500ms' }, required: true }
    gateway = await startGateway({ far: options })
    client = await TestClient.http(gateway.url())
    expect(await client.text('far__echo', { text: 'here' })).toBe('here')
    const call = refusal(client.call('far__silent'))
    http.running.child.kill('SIGSTOP')
    expect(await call).toMatch(/the call may have run: far has not answered 2 pings in a row within 1s \(servers\.far\.health\)$/)
    await becomes('far', { health: 'unhealthy', state: 'failed' })
    expect((await gateway.health()).status).toBe('unhealthy')
    http.running.child.kill('SIGCONT')
    await becomes('far', { health: 'healthy', state: 'ready' })
    expect((await gateway.health()).status).toBe('ok')
    expect(await client.text('far__echo', { text: 'back' })).toBe('back')
  })

  test('is not waked by pings once it sleeps', async () => {
    http = await startMisbehavingHttp()
    gateway = await startGateway({
      sleeper: { url: http.url, health, idle: '1s' },
      awake: misbehaving([], { health, keep: true }),
    })
    await becomes('sleeper', { state: 'asleep' })
    const before = await pings(http)
    // The other one is asked all the while: it says something without being called.
    const heard = new Set<string | undefined>()
    await until(async () => (heard.add((await of('awake')).lastContact).size > 3 ? true : undefined), 'nobody is asked')
    expect([await pings(http), (await of('sleeper')).state, (await of('sleeper')).health]).toEqual([before, 'asleep', 'healthy'])
  })
})
