/** The list on disk of the processes that a gateway has started, by which the next gateway finds those that were left behind. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import * as z from 'zod'
import type { Log } from '../observe/log.ts'
import { isSameProcess, processStart } from '../std/process-start.ts'

const entry = z.object({
  pid: z.int().positive(),
  /** When it started, so that another process under the same pid is told from it. */
  start: z.string().min(1),
  /** Its process group. */
  group: z.int().min(2),
  server: z.string(),
  fingerprint: z.string(),
})

const ledgerFile = z.object({
  host: z.string(),
  gateway: z.object({ pid: z.int().positive(), start: z.string().min(1) }),
  children: z.array(entry),
})

export type LedgerEntry = z.output<typeof entry>

/** One file for each gateway process. A name is never used twice, so that nobody's list is overwritten before it is read. */
export class Ledger {
  readonly #file: string
  readonly #log: Log
  readonly #children = new Map<number, LedgerEntry>()
  #start: Promise<string | undefined> | undefined
  #ownStart = ''
  #failed = false

  constructor(dir: string, log: Log) {
    this.#file = join(dir, `${process.pid}-${Date.now().toString(36)}.json`)
    this.#log = log
  }

  /** Writes a child down, unless it is gone by the time that its start is known. */
  async add(child: Omit<LedgerEntry, 'start'>, lives: () => boolean): Promise<void> {
    this.#start ??= processStart(process.pid)
    const [own, start] = await Promise.all([this.#start, processStart(child.pid)])
    if (own === undefined || start === undefined || !lives()) return
    this.#ownStart = own
    this.#children.set(child.pid, { ...child, start })
    this.#save()
  }

  remove(pid: number): void {
    if (this.#children.delete(pid)) this.#save()
  }

  /** For a process that is about to exit and has ended its children. */
  clear(): void {
    if (this.#children.size === 0) return
    this.#children.clear()
    this.#save()
  }

  /** At once and in one piece: a list that is written later is of no use to whoever is killed now. */
  #save(): void {
    try {
      if (this.#children.size === 0) return rmSync(this.#file, { force: true })
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 })
      const gateway = { pid: process.pid, start: this.#ownStart }
      const content = { host: hostname(), gateway, children: [...this.#children.values()] }
      writeFileSync(`${this.#file}.tmp`, `${JSON.stringify(content)}\n`, { mode: 0o600 })
      renameSync(`${this.#file}.tmp`, this.#file)
    } catch (error) {
      if (!this.#failed) this.#log.warn({ err: error as Error }, 'child processes cannot be written down; orphans stay unknown')
      this.#failed = true
    }
  }
}

/**
 * Ends what gateways that are gone have left behind. A process is ended only where its start is the one written down, because
 * its pid may be another's by now. `end` takes the group.
 */
export async function reapLedgers(dir: string, end: (entry: LedgerEntry) => Promise<void>, log: Log): Promise<void> {
  const names = await readdir(dir).catch(() => [] as string[])
  await Promise.all(names.filter((name) => /\.json(?:\.tmp)?$/.test(name)).map((name) => reap(join(dir, name), end, log)))
}

async function reap(file: string, end: (entry: LedgerEntry) => Promise<void>, log: Log): Promise<void> {
  try {
    const ledger = parsed(await readFile(file, 'utf8'))
    // The file may lie on a disk that machines share; only the machine that wrote it knows its pids.
    if (ledger && ledger.host !== hostname()) return
    if (ledger && (await isSameProcess(ledger.gateway.pid, ledger.gateway.start))) return
    // A gateway that is writing at this moment lives, but half of a file cannot say so; its name can.
    if (!ledger && (await processStart(Number.parseInt(file.split(/[/\\]/).at(-1) ?? '', 10))) !== undefined) return
    await Promise.all((ledger?.children ?? []).map((child) => reapChild(child, end, log)))
    await rm(file, { force: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    log.warn({ file, err: error as Error }, 'processes that an earlier gateway left behind could not be looked for')
  }
}

async function reapChild(child: LedgerEntry, end: (entry: LedgerEntry) => Promise<void>, log: Log): Promise<void> {
  if (!(await isSameProcess(child.pid, child.start))) return
  log.info({ server: child.server, pid: child.pid }, 'ending a process that an earlier gateway left behind')
  await end(child)
}

function parsed(text: string): z.output<typeof ledgerFile> | undefined {
  try {
    return ledgerFile.parse(JSON.parse(text))
  } catch {
    // Written by another version, or cut short by a full disk.
    return undefined
  }
}
