/** The gateway in the background: one for each config, found and ended by our commands, and never the wrong process. */
import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readRecord, recordFile } from '../../src/cli/gateway-record.ts'
import { processStart } from '../../src/std/process-start.ts'
import { Machine, RawBridge } from '../support/bridge.ts'
import { expectGone, fixtureServer } from '../support/gateway.ts'
import { finish, groupLives, stop, until } from '../support/processes.ts'

const SERVERS = { odd: fixtureServer('misbehaving.mjs') }

let machine: Machine

beforeEach(async () => {
  machine = await Machine.with({ servers: SERVERS })
})

afterEach(() => machine.remove())

const folder = () => join(machine.state, 'mcp-gw', 'gateways')
const record = () => recordFile(machine.config, machine.env)
const pidOf = (text: string) => Number(/\(pid (\d+)\)/.exec(text)?.[1])

describe('mcp-gw serve --background', () => {
  it('returns once the gateway listens, which then goes on by itself, and says where it is', async () => {
    const { code, stdout } = await machine.command('serve', '--background')
    expect(code).toBe(0)
    expect(stdout).toMatch(new RegExp(`^mcp-gw listens at http://127.0.0.1:${machine.port}/mcp \\(pid \\d+\\)\n$`))
    const again = await machine.command('serve', '--background')
    expect(again).toMatchObject({ code: 0, stdout: stdout.replace('listens', 'is running already') })
    expect(groupLives(pidOf(stdout))).toBe(true)
  })

  it('keeps its log and its record where only their owner can read them', async () => {
    await machine.command('serve', '--background')
    const names = readdirSync(folder())
    expect(names.map((name) => name.replace(/-[0-9a-f]{16}/, '')).sort()).toEqual(['mcp-gw.yaml.json', 'mcp-gw.yaml.log'])
    for (const name of names) expect(statSync(join(folder(), name)).mode & 0o777).toBe(0o600)
    expect(statSync(folder()).mode & 0o777).toBe(0o700)
    const log = names.find((name) => name.endsWith('.log')) as string
    const look = () => (readFileSync(join(folder(), log), 'utf8').includes('"listening"') ? true : undefined)
    await until(look, 'the log does not say that the gateway listens')
  })

  it('says why the gateway does not start, and leaves nothing behind', async () => {
    machine.configure({ servers: { odd: { ...fixtureServer('misbehaving.mjs', '--crash'), required: true } } })
    const { code, stdout, stderr } = await machine.command('serve', '--background')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('a required server did not start')
    expect(readdirSync(folder()).filter((name) => name.endsWith('.json'))).toEqual([])
  })

  it('shows the problems of a config instead of starting', async () => {
    writeFileSync(machine.config, 'listen: { prot: 1 }')
    const { code, stderr } = await machine.command('serve', '--background')
    expect(code).toBe(2)
    expect(stderr).toContain('did you mean port?')
  })

  it('takes a gateway in the foreground for what it is', async () => {
    const gateway = await machine.serve()
    const { code, stdout } = await machine.command('serve', '--background')
    expect(code).toBe(0)
    expect(pidOf(stdout)).toBe(gateway.child.pid)
    await stop(gateway)
  })

  it('finds a gateway that keeps its record elsewhere', async () => {
    const gateway = await machine.serve()
    const other = { XDG_STATE_HOME: join(machine.folder.path, 'other') }
    const { code, stdout } = await finish(machine.runWith(other, 'serve', '--background'))
    expect({ code, stdout }).toEqual({ code: 0, stdout: `mcp-gw is running already at http://127.0.0.1:${machine.port}/mcp\n` })
    const client = await machine.connect(undefined, undefined, [], other)
    expect(await client.text('odd__echo', { text: 'found' })).toBe('found')
    await client.close()
    expect(readdirSync(join(other.XDG_STATE_HOME, 'mcp-gw', 'gateways'))).toEqual([])
    await stop(gateway)
  })

  it.each([0, undefined])('gives way to a gateway that a person starts meanwhile (port %s)', async (port) => {
    const listen = { port: port ?? machine.port }
    const slow = { ...fixtureServer('misbehaving.mjs', '--start-delay', '2000'), required: true }
    machine.configure({ listen, servers: { slow } })
    const background = machine.run('serve', '--background')
    // From the moment at which the record is its own, it has read the config.
    const starting = () => gatewaysOf(machine.config).find((pid) => pid === readRecord(record())?.pid)
    await until(starting, 'no gateway starts')
    machine.configure({ listen, servers: SERVERS })
    const gateway = await machine.serve()
    const { code, stdout } = await finish(background)
    expect({ code, pid: pidOf(stdout) }).toEqual({ code: 0, pid: gateway.child.pid })
    await until(() => (gatewaysOf(machine.config).length === 1 ? true : undefined), 'two gateways run', { ms: 8_000 })
    expect((await machine.status()).pid).toBe(gateway.child.pid)
    await stop(gateway)
  })

  it('goes on where a gateway was killed: its record is known to be stale', async () => {
    const first = await machine.command('serve', '--background')
    const pid = pidOf(first.stdout)
    process.kill(pid, 'SIGKILL')
    await expectGone([pid])
    const second = await machine.command('serve', '--background')
    expect(second.stdout).toMatch(/^mcp-gw listens at/)
    expect(pidOf(second.stdout)).not.toBe(pid)
  })

  it.each(['', '{', '[]', '{"pid":"no"}'])('takes a record that is no record (%s) for stale', async (text) => {
    mkdirSync(folder(), { recursive: true })
    writeFileSync(record(), text)
    const { code, stdout } = await machine.command('serve', '--background')
    expect({ code, listens: stdout.startsWith('mcp-gw listens at') }).toEqual({ code: 0, listens: true })
  })
})

describe('mcp-gw status and stop', () => {
  it('show and end the gateway with its servers', async () => {
    const { stdout } = await machine.command('serve', '--background')
    const health = await until(async () => {
      const status = await machine.status()
      return status.health?.servers.some(({ state }) => state === 'ready') ? status.health : undefined
    }, 'the server does not start')
    const pids = health.servers.flatMap(({ instances }) => instances.map(({ pid }) => pid))
    const shown = await machine.command('status')
    expect(shown.code).toBe(0)
    expect(shown.stdout).toMatch(/^mcp-gw \d\S+ is running at http:\S+ \(pid \d+\)\nup \d+s, 0 sessions\n/)
    expect(shown.stdout).toMatch(/^odd +ready +\d+$/m)
    const stopped = await machine.command('stop')
    expect(stopped).toMatchObject({ code: 0, stdout: `mcp-gw is stopped (pid ${pidOf(stdout)})\n` })
    expect([pidOf(stdout), ...pids].some((pid) => groupLives(pid as number))).toBe(false)
    expect(await machine.status()).toMatchObject({ running: false })
  })

  it('say by their exit codes that nothing runs', async () => {
    const status = await machine.command('status')
    expect(status.code).toBe(1)
    expect(status.stdout).toBe(`mcp-gw is not running; it would listen at http://127.0.0.1:${machine.port}/mcp\n`)
    expect(await machine.command('stop')).toMatchObject({ code: 1, stdout: '', stderr: 'mcp-gw: mcp-gw is not running\n' })
  })

  it('never take another process that has the pid for the gateway', async () => {
    const innocent = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
    const pid = innocent.pid as number
    const start = `${await processStart(pid)}0`
    mkdirSync(folder(), { recursive: true })
    const stale = { pid, start, config: machine.config, startedAt: '', background: true, url: 'http://127.0.0.1:9/mcp' }
    writeFileSync(record(), JSON.stringify(stale))
    expect(await machine.command('stop')).toMatchObject({ code: 1 })
    expect((await machine.status()).running).toBe(false)
    const bridge = new RawBridge(machine)
    expect((await bridge.open()).result).toBeDefined()
    await bridge.close()
    expect(innocent.exitCode ?? innocent.signalCode).toBeNull()
    innocent.kill('SIGKILL')
  })
})

describe('bridges without a gateway', () => {
  it('ten at once start exactly one, also over the remains of another', async () => {
    mkdirSync(folder(), { recursive: true })
    writeFileSync(
      record(),
      JSON.stringify({ pid: 2 ** 22 - 1, start: 'long ago', background: true, url: 'http://127.0.0.1:9/mcp' }),
    )
    const bridges = Array.from({ length: 10 }, () => new RawBridge(machine))
    const opened = await Promise.all(bridges.map((bridge) => bridge.open()))
    expect(opened.every(({ result }) => result !== undefined)).toBe(true)
    const { pid, health } = await machine.status()
    expect(health?.sessions).toBe(10)
    expect(gatewaysOf(machine.config)).toEqual([pid])
    expect(await Promise.all(bridges.map((bridge) => bridge.close()))).toEqual(bridges.map(() => 0))
    expect(bridges.some(({ running }) => groupLives(running.child.pid as number))).toBe(false)
    expect(readdirSync(folder()).length).toBe(2)
  }, 60_000)

  it('start it again when it was stopped and somebody calls', async () => {
    const bridge = new RawBridge(machine)
    await bridge.open()
    const { pid } = await machine.status()
    await machine.command('stop')
    expect((await machine.status()).running).toBe(false)
    expect((await bridge.call('1', 'odd__echo', { text: 'a' })).result).toBeDefined()
    expect((await machine.status()).pid).not.toBe(pid)
    await bridge.close()
  })

  it('tell the client why there is none', async () => {
    writeFileSync(machine.config, 'listen: { prot: 1 }')
    const bridge = new RawBridge(machine)
    const { error } = (await bridge.open()) as { error: { message: string } }
    expect(error.message).toMatch(/^the gateway did not start: the config has a problem:\n.*did you mean port\?/)
    writeFileSync(machine.config, JSON.stringify({ listen: { port: machine.port }, servers: SERVERS }))
    bridge.write(
      '{"jsonrpc":"2.0","id":"again","method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"raw","version":"1"}}}',
    )
    expect((await bridge.answer('"again"')).result).toBeDefined()
    await bridge.close()
  })

  it('with --no-start wait for one that somebody else starts', async () => {
    const bridge = new RawBridge(machine, '--no-start')
    const opened = bridge.open()
    await until(async () => ((await machine.status()).running ? undefined : true), 'a gateway runs')
    const gateway = await machine.serve()
    expect((await opened).result).toBeDefined()
    expect(gatewaysOf(machine.config)).toEqual([gateway.child.pid])
    await bridge.close()
    await stop(gateway)
  })

  it('start none when the client goes before it has said anything', async () => {
    const bridge = new RawBridge(machine)
    expect(await bridge.close()).toBe(0)
    expect((await machine.status()).running).toBe(false)
  })
})

/** The pids of every gateway that serves this config, by their command lines. */
function gatewaysOf(config: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const args = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0')
        return args.includes('serve') && !args.includes('--background') && args.includes(config)
      } catch {
        // It has ended while we looked.
        return false
      }
    })
    .map(Number)
}
