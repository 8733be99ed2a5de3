/** What a gateway that is gone has left behind is ended at the next start, and nothing else is. */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { processStart } from '../../src/std/process-start.ts'
import { Ledger, type LedgerEntry, reapLedgers } from '../../src/upstream/ledger.ts'
import { temporaryFolder } from '../support/gateway.ts'
import { type Running, run, stop } from '../support/processes.ts'
import { quietLog } from '../support/quiet-log.ts'

const folder = temporaryFolder()
const dir = join(folder.path, 'children')
const running: Running[] = []

afterEach(async () => {
  for (const one of running.splice(0)) await stop(one, 'SIGKILL')
  rmSync(dir, { recursive: true, force: true })
})
afterAll(() => folder.remove())

/** A process that has nothing to do with any gateway. */
function innocent(): number {
  const one = run(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  running.push(one)
  return one.child.pid as number
}

/** The pid of a process that has ended. */
async function deadPid(): Promise<number> {
  const one = run(process.execPath, ['-e', ''])
  await one.exited
  return one.child.pid as number
}

interface Written {
  host?: string
  gateway?: { pid: number; start: string }
  children: Partial<LedgerEntry>[]
}

async function write({ host = hostname(), gateway, children }: Written): Promise<string> {
  const file = join(dir, `${gateway?.pid ?? 'x'}-${Math.random().toString(36).slice(2)}.json`)
  const content = {
    host,
    gateway: gateway ?? { pid: await deadPid(), start: 'long ago' },
    children: children.map((child) => ({ group: child.pid, server: 'github', fingerprint: 'f', ...child })),
  }
  mkdirSync(dir, { recursive: true })
  writeFileSync(file, JSON.stringify(content))
  return file
}

/** Reaps, and tells which processes it would have ended. */
async function reap(): Promise<number[]> {
  const ended: number[] = []
  await reapLedgers(dir, async ({ pid }) => void ended.push(pid), quietLog())
  return ended
}

const files = (): string[] => readdirSync(dir, { recursive: false }).map(String)

describe('a ledger of a gateway that is gone', () => {
  test('leads to the process that it left behind, once', async () => {
    const pid = innocent()
    await write({ children: [{ pid, start: (await processStart(pid)) as string }] })
    expect(await reap()).toEqual([pid])
    expect(files()).toEqual([])
    expect(await reap()).toEqual([])
  })

  test('does not lead to a process that was given the pid later', async () => {
    const pid = innocent()
    const start = (await processStart(pid)) as string
    // The same moment after another boot, and another moment after the same boot.
    await write({ children: [{ pid, start: start.replace(/^\S+/, '00000000-0000-0000-0000-000000000000') }] })
    await write({ children: [{ pid, start: start.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10)) }] })
    expect(await reap()).toEqual([])
    expect(files()).toEqual([])
  })

  test('is recognised although its own pid is in use again', async () => {
    const pid = innocent()
    await write({
      gateway: { pid: process.pid, start: 'before' },
      children: [{ pid, start: (await processStart(pid)) as string }],
    })
    expect(await reap()).toEqual([pid])
  })

  test('names processes that are gone too', async () => {
    await write({ children: [{ pid: await deadPid(), start: 'before' }] })
    expect(await reap()).toEqual([])
    expect(files()).toEqual([])
  })
})

describe('a ledger is left alone', () => {
  test('while its gateway lives', async () => {
    const pid = innocent()
    const start = (await processStart(pid)) as string
    await write({ gateway: { pid: process.pid, start: (await processStart(process.pid)) as string }, children: [{ pid, start }] })
    expect(await reap()).toEqual([])
    expect(files()).toHaveLength(1)
  })

  test('on a disk that machines share, where another one wrote it', async () => {
    const pid = innocent()
    await write({ host: 'another', children: [{ pid, start: (await processStart(pid)) as string }] })
    expect(await reap()).toEqual([])
    expect(files()).toHaveLength(1)
  })

  test('while it is half written, but not after the writer is gone', async () => {
    mkdirSync(dir, { recursive: true })
    writeFileSync(join(dir, `${process.pid}-x.json.tmp`), '{"host":')
    writeFileSync(join(dir, `${await deadPid()}-x.json.tmp`), '{"host":')
    expect(await reap()).toEqual([])
    expect(files()).toEqual([`${process.pid}-x.json.tmp`])
  })
})

describe('the ledger of this gateway', () => {
  test('holds what runs, for nobody else to read, and is gone with the last of it', async () => {
    const ledger = new Ledger(dir, quietLog())
    const pids = [innocent(), innocent()]
    for (const pid of pids) await ledger.add({ pid, group: pid, server: 'github', fingerprint: 'f' }, () => true)
    const [name] = files()
    const file = join(dir, String(name))
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const { gateway, children } = JSON.parse(readFileSync(file, 'utf8')) as Written
    expect(gateway).toEqual({ pid: process.pid, start: await processStart(process.pid) })
    expect(children.map(({ pid, start }) => [pid, start])).toEqual(
      await Promise.all(pids.map(async (pid) => [pid, await processStart(pid)])),
    )
    for (const pid of pids) ledger.remove(pid)
    expect(files()).toEqual([])
  })

  test('does not take a process that ended before its start was known', async () => {
    const ledger = new Ledger(dir, quietLog())
    await ledger.add({ pid: await deadPid(), group: 2, server: 'github', fingerprint: 'f' }, () => true)
    await ledger.add({ pid: innocent(), group: 2, server: 'github', fingerprint: 'f' }, () => false)
    expect(() => files()).toThrow('ENOENT')
  })

  test('that cannot be written stops nothing', async () => {
    writeFileSync(join(folder.path, 'file'), '')
    const ledger = new Ledger(join(folder.path, 'file', 'children'), quietLog())
    await ledger.add({ pid: innocent(), group: 2, server: 'github', fingerprint: 'f' }, () => true)
    await reapLedgers(join(folder.path, 'file', 'children'), async () => undefined, quietLog())
  })
})
