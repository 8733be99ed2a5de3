/** What an edit asks of the system, all of it: a test can stand in between, and fail or end the process at each operation. */
import * as promises from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

export type EditFiles = Pick<
  typeof promises,
  'chmod' | 'link' | 'lstat' | 'mkdir' | 'open' | 'readdir' | 'realpath' | 'rename' | 'rmdir' | 'unlink'
>

/** A lock folder that is ours until it is released. */
export interface HeldLock {
  /** Somebody took it from us: we were stopped for longer than a lock is good for. */
  lost(): boolean
  release(): Promise<void>
}

export interface EditSystem {
  files: EditFiles
  /** Makes the folder `lockFolder`, as proper-lockfile does for `<file>.lock`; undefined while somebody else has it. */
  lock(lockFolder: string): Promise<HeldLock | undefined>
  platform: NodeJS.Platform
  /** Who we are; undefined where the system has no such numbers. */
  uid: number | undefined
  home: string
  /** Milliseconds since 1970. */
  now(): number
  wait(ms: number): Promise<void>
}

/** The system as it is. */
export function realEditSystem(home: string): EditSystem {
  return {
    files: promises,
    lock: lockFolder,
    platform: process.platform,
    uid: process.getuid?.(),
    home,
    now: Date.now,
    wait: async (ms) => void (await sleep(ms)),
  }
}

/** A lock whose holder has not touched it for this long is left from a program that is gone; Claude Code and Cline say so too. */
const LOCK_STALE_MS = 10_000

async function lockFolder(lockfilePath: string): Promise<HeldLock | undefined> {
  const { default: lockfile } = await import('proper-lockfile')
  let lost = false
  try {
    // The default throws out of a timer, which would end the process in the middle of its work.
    const onCompromised = () => {
      lost = true
    }
    const release = await lockfile.lock(lockfilePath, { lockfilePath, realpath: false, stale: LOCK_STALE_MS, onCompromised })
    return { lost: () => lost, release: () => (lost ? Promise.resolve() : release()) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOCKED') return undefined
    throw error
  }
}
