/** A person has one server started anew, or put to sleep: who may, what becomes of calls, and what is told. */
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ServerReport } from '../../src/downstream/server-routes.ts'
import { TestClient } from '../support/clients.ts'
import { expectGone, fixtureServer, Gateway, type GatewayConfig, logLines, mcpGw, temporaryFolder } from '../support/gateway.ts'
import { finish, until } from '../support/processes.ts'
import { type Answer, send } from '../support/raw-http.ts'
import { apply, tokenOf } from '../support/reload.ts'

const odd = fixtureServer('misbehaving.mjs')
const tiny = fixtureServer('tiny.mjs')

let gateway: Gateway
let client: TestClient | undefined

afterEach(async () => {
  await client?.close()
  client = undefined
  await gateway.stop()
})

async function start(servers: GatewayConfig['servers'], more: Partial<GatewayConfig> = {}): Promise<void> {
  gateway = await Gateway.start({ servers, ...more })
  client = await TestClient.http(gateway.url())
}

const post = (path: string, headers: Record<string, string> = {}, method = 'POST'): Promise<Answer> =>
  send(`${gateway.origin}/api/servers/${path}`, { method, headers: { authorization: `Bearer ${tokenOf(gateway)}`, ...headers } })
const report = async (path: string): Promise<ServerReport> => JSON.parse((await post(path)).text) as ServerReport
const cli = (...args: string[]) => finish(mcpGw([...args, '--config', gateway.file], { env: gateway.env }))
const server = async (name: string) => (await gateway.health()).servers.find((one) => one.name === name)
const pid = async (): Promise<number> => (JSON.parse((await client?.text('odd__whoami')) ?? '') as { pid: number }).pid
const message = (call: Promise<unknown> | undefined): Promise<string> =>
  (call ?? Promise.resolve()).then(
    () => 'no error',
    (error: Error) => error.message,
  )

describe('a server that is started anew', () => {
  test('answers before the old one goes, the session goes on, and the answer says what happened', async () => {
    await start({ odd, tiny })
    const before = await pid()
    const unchanged = (await server('tiny'))?.instances
    const told = await report('odd/reconnect')
    expect(told).toEqual({
      server: 'odd',
      ok: true,
      state: 'ready',
      ended: expect.arrayContaining([before]),
      pids: [expect.any(Number)],
      transport: 'stdio',
      protocol: '2025-11-25',
      tools: (await server('odd'))?.tools,
      ms: expect.any(Number),
    })
    expect(told.tools).toBeGreaterThan(10)
    expect(await pid()).not.toBe(before)
    expect((await server('tiny'))?.instances).toEqual(unchanged?.map((one) => ({ ...one, idleSeconds: expect.any(Number) })))
    expect(client?.count('notifications/tools/list_changed')).toBe(0)
    await expectGone([before])
  })

  test('finishes the calls that it works on, and takes watched resources along', async () => {
    await start({ odd })
    const before = await pid()
    await client?.request('resources/subscribe', { uri: 'mem://one' })
    const call = client?.text('odd__late', { delayMs: 1_500, text: 'finished' })
    await until(
      async () => (await server('odd'))?.instances.some(({ inFlight }) => inFlight > 0) || undefined,
      'it is not called',
    )
    const [told, other] = await Promise.all([report('odd/reconnect'), report('odd/reconnect')])
    // Who asks twice gets one new process.
    expect(other.pids).toEqual(told.pids)
    expect(await call).toBe('finished')
    await client?.text('odd__touch', { uri: 'mem://one' })
    await client?.heard('notifications/resources/updated', ({ uri }) => uri === 'mem://one')
    await until(async () => ((await gateway.pids()).includes(before) ? undefined : true), 'the old one stays')
  })

  test.each(['reconnect', 'stop'])('costs no call where it is called all the time: %s', { timeout: 60_000 }, async (action) => {
    await start({ odd })
    let calling = true
    const wrong: string[] = []
    let answered = 0
    const caller = async (name: number): Promise<void> => {
      for (let i = 0; calling; i++) {
        const text = `${name} ${i}`
        const said = await client?.text('odd__echo', { text }).catch((error: Error) => error.message)
        if (said === text) answered++
        else wrong.push(`${text}: ${said}`)
      }
    }
    const callers = [1, 2, 3, 4].map(caller)
    const pids = new Set<number>()
    for (let i = 0; i < 6; i++) {
      const before = answered
      const told = await report(`odd/${action}`)
      expect(told.ok).toBe(true)
      for (const ended of told.ended) pids.add(ended)
      await until(() => (answered > before + 8 || wrong.length > 0 ? true : undefined), 'nobody is answered')
    }
    calling = false
    await Promise.all(callers)
    expect(wrong).toEqual([])
    expect(pids.size).toBeGreaterThan(5)
  })

  test('takes away the calls of a hung one after the grace, with the honest error', async () => {
    await start({ odd }, { shutdown: { grace: '1s' } })
    const before = await pid()
    const call = message(client?.call('odd__silent'))
    await until(
      async () => (await server('odd'))?.instances.some(({ inFlight }) => inFlight > 0) || undefined,
      'it is not called',
    )
    process.kill(before, 'SIGSTOP')
    expect(await report('odd/reconnect')).toMatchObject({ ok: true, state: 'ready' })
    expect(await pid()).not.toBe(before)
    expect(await call).toMatch(/the call may have run: odd was stopped/)
    await until(async () => (existsSync(`/proc/${before}`) ? undefined : true), 'it lives', { ms: 10_000 })
  })

  test('is tried at once although it was given up', async () => {
    const folder = temporaryFolder()
    const key = join(folder.path, 'key')
    const script = `const fs = require('fs'); if (!fs.existsSync(${JSON.stringify(key)})) { console.error('no key'); process.exit(4) }`
    writeFileSync(
      join(folder.path, 'server.cjs'),
      `${script}\nimport(${JSON.stringify(join(import.meta.dirname, '../fixtures/tiny.mjs'))})\n`,
    )
    const entry = { command: process.execPath, args: [join(folder.path, 'server.cjs')], reconnect: { attempts: 1 } }
    await start({ picky: entry })
    expect(await message(client?.call('picky__hello'))).toMatch(
      /given up after 1 failures in a row, until mcp-gw reconnect .*no key/s,
    )
    const refused = await post('picky/reconnect')
    expect([refused.status, JSON.parse(refused.text)]).toEqual([
      502,
      expect.objectContaining({
        server: 'picky',
        ok: false,
        state: 'failed',
        error: expect.stringMatching(/^picky exited with code 4; its last words on stderr:\s+no key$/),
        stderr: ['no key'],
      }),
    ])
    const said = await cli('reconnect', 'picky')
    expect([said.code, said.stdout]).toEqual([1, ''])
    expect(said.stderr).toMatch(/^mcp-gw: picky did not come up: exited with code 4; its last words on stderr:\s+no key\n$/)
    writeFileSync(key, '')
    expect(await cli('reconnect', 'picky')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^picky is up \(pid \d+, stdio, 2025-11-25, 1 tool\) after \d+ ms\n$/),
    })
    expect(await client?.text('picky__hello')).toContain('hello')
    // It works now, but cannot start again: its tools stay listed, and the reason is shown.
    rmSync(key)
    expect((await cli('reconnect', 'picky', '--json')).stdout).toContain('"ok": false')
    expect(await client?.toolNames()).toEqual(['picky__hello'])
    expect(await server('picky')).toMatchObject({ state: 'failed', stderr: ['no key'] })
    folder.remove()
  })

  test('may be overtaken by the config', async () => {
    await start({ odd: { ...odd, args: [...odd.args, '--start-delay', '1500'] } })
    const asked = post('odd/reconnect')
    await until(async () => (await server('odd'))?.changing || undefined, 'it does not start')
    await apply(gateway, { servers: { tiny } })
    const { status, text } = await asked
    expect([status, text]).toEqual([404, expect.stringContaining('there is no server')])
    await until(async () => ((await gateway.pids()).length === 1 ? true : undefined), 'something of it is left', { ms: 10_000 })
  })
})

describe('a server that is put to sleep', () => {
  test('finishes what it does, stays listed, and is woken by its next use', async () => {
    await start({ odd: { ...odd, keep: true } })
    const before = await pid()
    const names = await client?.toolNames()
    const call = client?.text('odd__late', { delayMs: 500, text: 'finished' })
    await until(
      async () => (await server('odd'))?.instances.some(({ inFlight }) => inFlight > 0) || undefined,
      'it is not called',
    )
    expect(await report('odd/stop')).toMatchObject({ server: 'odd', ok: true, state: 'asleep', pids: [] })
    expect(await call).toBe('finished')
    expect(await client?.toolNames()).toEqual(names)
    await expectGone([before])
    expect(await server('odd')).toMatchObject({ state: 'asleep', instances: [] })
    expect(await pid()).not.toBe(before)
  })

  test('is so by a command too, which leaves the gateway alone', async () => {
    await start({ odd, tiny })
    expect((await cli('stop', 'tiny')).stdout).toMatch(/^tiny sleeps; ended: pid \d+\n$/)
    expect((await cli('stop', 'tiny')).stdout).toBe('tiny has no process\n')
    expect((await server('odd'))?.state).toBe('ready')
  })
})

describe('who may', () => {
  beforeEach(() => start({ everything: tiny, off: { ...tiny, disabled: true } }))

  test.each(['reconnect', 'stop'])('%s: only who has the token, from a host and an origin that are allowed', async (action) => {
    const before = await gateway.pids()
    for (const authorization of ['', 'Bearer', 'Bearer wrong', `Basic ${tokenOf(gateway)}`]) {
      expect((await post(`everything/${action}`, { authorization })).status).toBe(401)
      // Nor is it told which servers there are.
      expect((await post(`nothing/${action}`, { authorization })).status).toBe(401)
    }
    expect((await post(`everything/${action}`, { origin: 'https://evil.example' })).status).toBe(403)
    expect((await post(`everything/${action}`, { host: 'evil.example' })).status).toBe(403)
    expect((await post(`everything/${action}`, {}, 'GET')).status).toBe(405)
    expect(await gateway.pids()).toEqual(before)
    expect(logLines(gateway.running).some(({ message: line }) => String(line).includes('somebody wants'))).toBe(false)
  })

  test.each([
    ['evrything', 404, 'there is no server "evrything"; did you mean everything?'],
    ['xyz', 404, 'there is no server "xyz"; configured are: everything'],
    ['off', 404, 'off is disabled; remove servers.off.disabled to use it'],
    ['%E0%A4%A', 400, "Failed to decode param '%E0%A4%A'"],
  ])('%s is refused clearly', async (name, status, error) => {
    const answer = await post(`${name}/reconnect`)
    expect([answer.status, JSON.parse(answer.text)]).toEqual([status, { error }])
  })

  test('the command says so too', async () => {
    const { code, stderr } = await cli('reconnect', 'evrything')
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('refused: there is no server "evrything"; did you mean everything?'),
    ])
  })
})
