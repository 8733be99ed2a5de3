/** Keeps results on disk, for their owner alone: in a private folder of this process, within a quota, and for no longer than needed. */
import { randomBytes } from 'node:crypto'
import { mkdir, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../../observe/log.ts'
import { isSameProcess, processStart } from '../../std/process-start.ts'
import type { Encoding } from './body.ts'

const HANDLE_BYTES = 16

/** Bytes in a file. */
export interface Slice {
  readonly file: string
  readonly start: number
  readonly bytes: number
}

/** One content of a result. */
export interface Part extends Slice {
  readonly encoding: Encoding
  readonly mimeType: string
  /** The JSON string that it was in the result, where it was one. */
  readonly literal: Slice | undefined
}

export interface Kept {
  readonly handle: string
  /** The result itself, byte for byte. */
  readonly whole: Slice
  readonly parts: readonly Part[]
}

interface Entry extends Kept {
  readonly owner: string
  readonly folder: string
  /** Bytes of all its files. */
  readonly size: number
  lastUsed: number
}

export interface StoreLimits {
  /** Bytes. */
  quota: number
  /** Milliseconds. */
  keep: number
}

export interface StoreSetup {
  /** The folder of all gateways of this person. */
  folder: string
  log: Log
  limits: StoreLimits
  now?: () => number
}

/** What is to be kept: how each of its files is written. */
export interface Contents {
  /** Bytes, at least; what is beyond it is counted when it was written. */
  estimate: number
  /** Whether the owner is gone, so that nothing is to be kept for it. */
  gone(): boolean
  /** Writes the files into a folder that is empty. */
  write(folder: string): Promise<{ whole: Slice; parts: Part[]; size: number }>
}

export class ResultStore {
  limits: StoreLimits
  readonly #folder: string
  readonly #log: Log
  readonly #now: () => number
  /** By handle; the one that was not used for longest first. */
  readonly #entries = new Map<string, Entry>()
  #own: Promise<string> | undefined
  #bytes = 0

  constructor({ folder, log, limits, now = Date.now }: StoreSetup) {
    this.#folder = folder
    this.#log = log
    this.limits = limits
    this.#now = now
  }

  /** Undefined where it cannot be kept: there is no room for it, the disk refuses, or the owner is gone. */
  async keep(owner: string, { estimate, gone, write }: Contents): Promise<Kept | undefined> {
    if (!this.#makeRoom(estimate)) {
      this.#log.warn({ bytes: estimate, quota: this.limits.quota }, 'a result is larger than results.quota and passes whole')
      return undefined
    }
    const handle = randomBytes(HANDLE_BYTES).toString('hex')
    let folder: string | undefined
    // What is being written takes room already.
    this.#bytes += estimate
    try {
      folder = join(await this.#ownFolder(), handle)
      await mkdir(folder, { mode: 0o700 })
      const { whole, parts, size } = await write(folder)
      if (gone()) throw new Error('the session has ended')
      this.#entries.set(handle, { handle, whole, parts, owner, folder, size, lastUsed: this.#now() })
      this.#bytes += size
      return { handle, whole, parts }
    } catch (error) {
      if (folder) void this.#remove(folder)
      if (!gone()) this.#log.warn({ err: error }, 'a large result cannot be kept and passes whole')
      return undefined
    } finally {
      this.#bytes -= estimate
      this.#makeRoom(0)
    }
  }

  /** What this owner has kept under a handle. That of another owner is as unknown as one that never was. */
  get(owner: string, handle: string): Kept | undefined {
    const entry = this.#entries.get(handle)
    if (entry?.owner !== owner) return undefined
    entry.lastUsed = this.#now()
    this.#entries.delete(handle)
    this.#entries.set(handle, entry)
    return entry
  }

  /** Whether anything is kept for this owner. */
  holds(owner: string): boolean {
    for (const entry of this.#entries.values()) if (entry.owner === owner) return true
    return false
  }

  /** Forgets all that an owner has kept. */
  release(owner: string): void {
    for (const entry of this.#entries.values()) if (entry.owner === owner) this.#drop(entry)
  }

  /** Forgets what nobody has used for long. */
  sweep(now = this.#now()): void {
    for (const entry of this.#entries.values()) {
      if (entry.lastUsed + this.limits.keep > now) break
      this.#drop(entry)
    }
  }

  /** Removes what gateways have left behind that were killed. */
  async purge(): Promise<void> {
    const names = await readdir(this.#folder).catch(() => [])
    for (const name of names) {
      const [, pid, start] = /^(\d+)-([0-9a-f]*)-[0-9a-f]+$/.exec(name) ?? []
      if (pid === undefined || start === undefined) continue
      if (!(await lives(Number(pid), Buffer.from(start, 'hex').toString()))) await this.#remove(join(this.#folder, name))
    }
  }

  async close(): Promise<void> {
    this.#entries.clear()
    const folder = await this.#own?.catch(() => undefined)
    if (folder !== undefined) await this.#remove(folder)
  }

  /** Whether there is room for so many bytes, after others had to go. */
  #makeRoom(bytes: number): boolean {
    const { quota } = this.limits
    if (bytes > quota) return false
    for (const entry of this.#entries.values()) {
      if (this.#bytes + bytes <= quota) break
      this.#drop(entry)
    }
    return this.#bytes + bytes <= quota
  }

  #drop(entry: Entry): void {
    this.#entries.delete(entry.handle)
    this.#bytes -= entry.size
    void this.#remove(entry.folder)
  }

  /** The name says whose it is, so that nobody takes away what a gateway that lives still needs. */
  #ownFolder(): Promise<string> {
    this.#own ??= (async () => {
      const start = (await processStart(process.pid)) ?? ''
      const name = [process.pid, Buffer.from(start).toString('hex'), randomBytes(4).toString('hex')].join('-')
      const folder = join(this.#folder, name)
      await mkdir(folder, { recursive: true, mode: 0o700 })
      return folder
    })()
    // The next result may find that the disk takes it.
    this.#own.catch(() => {
      this.#own = undefined
    })
    return this.#own
  }

  async #remove(path: string): Promise<void> {
    await rm(path, { recursive: true, force: true, maxRetries: 3 }).catch((error) =>
      this.#log.warn({ err: error }, 'a kept result cannot be removed'),
    )
  }
}

/** Whether a file is not there any more: what it belongs to was dropped while somebody read it. */
export function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

/** Where the system tells no start of a process, any process of that pid may be it. */
async function lives(pid: number, start: string): Promise<boolean> {
  if (start !== '') return isSameProcess(pid, start)
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Writes a file that is not there yet, for its owner only. Resolves with its size. */
export async function writePieces(file: string, pieces: Iterable<Uint8Array>): Promise<number> {
  const handle = await open(file, 'wx', 0o600)
  let bytes = 0
  try {
    for (const piece of pieces) {
      for (let at = 0; at < piece.length; ) at += (await handle.write(piece, at)).bytesWritten
      bytes += piece.length
    }
  } finally {
    await handle.close()
  }
  return bytes
}
