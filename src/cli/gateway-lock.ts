/** Sees to it that one config is served by one background gateway: the record of the running gateway is also its lock. */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { isSameProcess, processStart } from '../std/process-start.ts'
import { type GatewayRecord, pidLives, readRecord } from './gateway-record.ts'

type About = Pick<GatewayRecord, 'config' | 'background' | 'url'>

export class GatewayLock {
  readonly #file: string
  readonly #record: GatewayRecord

  private constructor(file: string, record: GatewayRecord) {
    this.#file = file
    this.#record = record
  }

  /**
   * Takes the lock, also from a process that is gone, and from our parent, which took it for us; or says who has it. A gateway
   * with a `url` listens already, so it goes before one that is only starting, which finds that out and ends.
   */
  static async take(file: string, about: About): Promise<GatewayLock | GatewayRecord> {
    const start = (await processStart(process.pid)) ?? ''
    const lock = new GatewayLock(file, { pid: process.pid, start, ...about, startedAt: new Date().toISOString() })
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    for (;;) {
      if (lock.#create()) return lock
      const text = readText(file)
      const holder = readRecord(file)
      const forUs = holder?.pid === process.ppid && about.background
      if (forUs || (holder && !holder.url && about.url)) {
        lock.#write()
        return lock
      }
      if (holder && (await isHeld(holder))) return holder
      if (text !== undefined) removeStale(file, text)
    }
  }

  /** The gateway listens from now on; false where the lock is another's by now. */
  listening(url: string): boolean {
    this.#record.url = url
    if (!this.mine) return false
    this.#write()
    return true
  }

  /** Nobody has taken the lock from us: two may find the same stale lock at the same moment. */
  get mine(): boolean {
    const { pid, start } = readRecord(this.#file) ?? {}
    return pid === this.#record.pid && start === this.#record.start
  }

  release(): void {
    if (this.mine) rmSync(this.#file, { force: true })
  }

  /** The draft gets its name only when it is whole, and never in place of another. */
  #create(): boolean {
    const draft = this.#draft()
    try {
      linkSync(draft, this.#file)
      return true
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EEXIST') return false
      // A file system without hard links.
      return this.#createPlain()
    } finally {
      rmSync(draft, { force: true })
    }
  }

  #createPlain(): boolean {
    try {
      writeFileSync(this.#file, JSON.stringify(this.#record), { mode: 0o600, flag: 'wx' })
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
      throw error
    }
  }

  #write(): void {
    renameSync(this.#draft(), this.#file)
  }

  #draft(): string {
    const draft = `${this.#file}.${process.pid}`
    writeFileSync(draft, `${JSON.stringify(this.#record)}\n`, { mode: 0o600 })
    return draft
  }
}

/** Whether the process that wrote the record still runs. */
export async function isHeld({ pid, start }: GatewayRecord): Promise<boolean> {
  if (start === '') return pidLives(pid)
  return isSameProcess(pid, start)
}

/** The record of a gateway that runs. */
export async function heldRecord(file: string): Promise<GatewayRecord | undefined> {
  const record = readRecord(file)
  return record && (await isHeld(record)) ? record : undefined
}

/** Removes the lock only as it was read; where another process has replaced it meanwhile, that one is put back. */
function removeStale(file: string, text: string): void {
  const aside = `${file}.${process.pid}.stale`
  try {
    renameSync(file, aside)
    if (readText(aside) !== text) linkSync(aside, file)
  } catch (error) {
    // ENOENT: another process was faster. EEXIST: the place is taken, and its owner will find that out before it listens.
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT' && code !== 'EEXIST') throw error
  } finally {
    rmSync(aside, { force: true })
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // It has just been released.
    return undefined
  }
}
