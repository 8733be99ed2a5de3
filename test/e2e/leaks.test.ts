/** However the gateway ends, nothing that it started is left: no child, no grandchild, no watchdog, no file. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { processStart } from '../../src/std/process-start.ts'
import { Children } from '../../src/upstream/children.ts'
import { serverOptions } from '../../src/upstream/options.ts'
import { fixtureServer, Gateway, logLines, temporaryFolder } from '../support/gateway.ts'
import { childrenOf, groupLives, stop, until } from '../support/processes.ts'
import { quietLog } from '../support/quiet-log.ts'

const MISBEHAVING = 'misbehaving.mjs'
const folder = temporaryFolder()
let state: string
let number = 0

beforeEach(() => {
  state = join(folder.path, `state-${number++}`)
})
afterAll(() => folder.remove())

const ledgers = (): string[] => {
  const dir = join(state, 'mcp-gw', 'children')
  return existsSync(dir) ? readdirSync(dir) : []
}

/** The grandchildren that the fixtures have announced. */
function grandchildren(gateway: Gateway): number[] {
  return logLines(gateway.running).flatMap(({ stderr }) => Number(/^grandchild (\d+)$/.exec(String(stderr))?.[1]) || [])
}

const alive = (pids: number[]): number[] => pids.filter((pid) => existsSync(`/proc/${pid}/exe`) && groupOrProcessLives(pid))

function groupOrProcessLives(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

function startGateway(servers: Record<string, object>): Promise<Gateway> {
  return Gateway.start({ servers, log: { level: 'debug' } }, { env: { XDG_STATE_HOME: state } })
}

/** Twenty servers that ignore the end of stdin and SIGTERM, five of which have started something themselves. */
function twentyStubborn(): Record<string, object> {
  const names = Array.from({ length: 20 }, (_, i) => i)
  return Object.fromEntries(
    names.map((i) => [`s${i}`, fixtureServer(MISBEHAVING, '--stubborn', ...(i % 4 === 0 ? ['--grandchild'] : []))]),
  )
}

/** Kills a gateway of twenty stubborn servers; nothing of it may be left after three seconds. */
async function killWithTwenty(gateway: Gateway): Promise<void> {
  const pid = gateway.running.child.pid as number
  const direct = childrenOf(pid)
  // The watchdog is one of them.
  expect(direct).toHaveLength(21)
  const below = grandchildren(gateway)
  expect(below).toHaveLength(5)
  expect(alive([...direct, ...below])).toHaveLength(26)
  process.kill(pid, 'SIGKILL')
  await until(() => (alive([...direct, ...below]).length === 0 ? true : undefined), 'something is left', { ms: 3_000 })
}

/** A process, and its group, that has nothing to do with any gateway. */
async function innocent(): Promise<number> {
  const script = 'console.log(1); setInterval(() => {}, 1000)'
  const child = spawn(process.execPath, ['-e', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] })
  await once(child.stdout, 'data')
  return child.pid as number
}

describe('kill -9 of the gateway', () => {
  test('with twenty children that ignore the end of stdin and SIGTERM leaves nothing after 3 s', {
    timeout: 60_000,
  }, async () => {
    await killWithTwenty(await startGateway(twentyStubborn()))
  })

  test('and the next start spare an innocent process whose pid a ledger holds', { timeout: 60_000 }, async () => {
    const pid = await innocent()
    const [boot, ticks] = ((await processStart(pid)) as string).split(' ')
    const dir = join(state, 'mcp-gw', 'children')
    mkdirSync(dir, { recursive: true })
    const child = { pid, group: pid, start: `${boot} ${Number(ticks) - 100}`, server: 'one', fingerprint: 'f' }
    const content = { host: hostname(), gateway: { pid: 2 ** 22 + 1, start: `${boot} 1` }, children: [child] }
    writeFileSync(join(dir, 'old.json'), JSON.stringify(content))
    await killWithTwenty(await startGateway(twentyStubborn()))
    expect(groupLives(pid)).toBe(true)
    // What the killed gateway has left, as it reads when the pid of one of its children was given away since.
    const [name] = ledgers() as [string]
    const left = JSON.parse(readFileSync(join(dir, name), 'utf8')) as typeof content
    expect(left.children).toHaveLength(20)
    Object.assign(left.children[7] as object, { pid, group: pid })
    writeFileSync(join(dir, name), JSON.stringify(left))
    const gateway = await startGateway({})
    await until(() => (ledgers().length === 0 ? true : undefined), 'the ledger is still there', { ms: 3_000 })
    expect(groupLives(pid)).toBe(true)
    await gateway.stop()
    process.kill(pid, 'SIGKILL')
  })

  test('leaves a server that ends by itself the time to do so', async () => {
    const gateway = await startGateway({ calm: fixtureServer(MISBEHAVING), lively: fixtureServer(MISBEHAVING, '--grandchild') })
    const pids = [...childrenOf(gateway.running.child.pid as number), ...grandchildren(gateway)]
    expect(pids).toHaveLength(4)
    await stop(gateway.running, 'SIGKILL')
    await until(() => (alive(pids).length === 0 ? true : undefined), 'something is left', { ms: 3_000 })
  })
})

describe('the next start', () => {
  test('ends what a gateway and its watchdog left behind when both were killed', async () => {
    const first = await startGateway({ one: fixtureServer(MISBEHAVING, '--stubborn', '--grandchild') })
    const pids = await first.pids()
    const all = [...pids, ...grandchildren(first)]
    const [watchdog] = childrenOf(first.running.child.pid as number).filter((pid) => !pids.includes(pid))
    first.running.child.kill('SIGSTOP')
    process.kill(watchdog as number, 'SIGKILL')
    await stop(first.running, 'SIGKILL')
    expect(alive(all)).toHaveLength(2)
    expect(ledgers()).toHaveLength(1)
    const second = await startGateway({})
    await until(() => (alive(all).length === 0 ? true : undefined), 'it lives on', { ms: 3_000 })
    await until(() => (ledgers().length === 0 ? true : undefined), 'the ledger is still there', { ms: 3_000 })
    expect(logLines(second.running).some(({ server, pid }) => server === 'one' && pid === pids[0])).toBe(true)
    await second.stop()
  })
})

describe('an orderly end', () => {
  test('leaves neither child nor watchdog nor ledger', { timeout: 30_000 }, async () => {
    const gateway = await startGateway({
      calm: fixtureServer(MISBEHAVING, '--grandchild'),
      stubborn: fixtureServer(MISBEHAVING, '--stubborn', '--grandchild'),
    })
    const pids = [...childrenOf(gateway.running.child.pid as number), ...grandchildren(gateway)]
    expect(pids).toHaveLength(5)
    expect(ledgers()).toHaveLength(1)
    await gateway.stop()
    await until(() => (alive(pids).length === 0 ? true : undefined), 'something is left', { ms: 500 })
    expect(ledgers()).toEqual([])
  })

  test('by two signals, which waits for nobody, leaves nothing either', async () => {
    const gateway = await startGateway({ stubborn: fixtureServer(MISBEHAVING, '--stubborn', '--grandchild') })
    const pids = [...childrenOf(gateway.running.child.pid as number), ...grandchildren(gateway)]
    gateway.running.child.kill('SIGTERM')
    await until(() => logLines(gateway.running).find(({ message }) => String(message).startsWith('shutting down')), 'no end')
    gateway.running.child.kill('SIGTERM')
    expect(await gateway.running.exited).toBe(130)
    // The watchdog looks until the system has buried the dead.
    await until(() => (alive(pids).length === 0 ? true : undefined), 'something is left', { ms: 2_000 })
    expect(ledgers()).toEqual([])
  })

  test('of a child that crashes takes along what it started', async () => {
    const gateway = await startGateway({ one: fixtureServer(MISBEHAVING, '--grandchild') })
    const [pid] = await gateway.pids()
    const [below] = grandchildren(gateway)
    process.kill(pid as number, 'SIGKILL')
    await until(() => (alive([below as number]).length === 0 ? true : undefined), 'the grandchild lives on', { ms: 2_500 })
    await until(() => (ledgers().length === 0 ? true : undefined), 'the ledger still names it', { ms: 2_500 })
    await gateway.stop()
  })
})

describe('a server that is started and stopped a hundred times', () => {
  test('leaves no process and no file descriptor', { timeout: 60_000 }, async () => {
    const children = new Children({ env: process.env, stateDir: state, log: quietLog() })
    const command = join(folder.path, 'server.sh')
    writeFileSync(command, '#!/bin/sh\nexec cat\n', { mode: 0o755 })
    const options = serverOptions.parse({ command })
    const fds = (): number => readdirSync('/proc/self/fd').length
    const cycle = async (): Promise<number> => {
      const child = await children.start('one', options)
      await child.stop()
      return child.process.pid
    }
    // The first rounds open what stays open once.
    for (let i = 0; i < 5; i++) await cycle()
    const before = { fds: fds(), children: childrenOf(process.pid).length }
    const pids: number[] = []
    for (let i = 0; i < 100; i++) pids.push(await cycle())
    expect(new Set(pids).size).toBe(100)
    expect(alive(pids)).toEqual([])
    await until(() => (childrenOf(process.pid).length <= before.children ? true : undefined), 'processes are left', { ms: 2_000 })
    await until(() => (fds() <= before.fds + 2 ? true : undefined), `descriptors grew from ${before.fds}`, { ms: 2_000 })
    expect(existsSync(join(state, 'children')) ? readdirSync(join(state, 'children')) : []).toEqual([])
    await children.close()
  })
})
