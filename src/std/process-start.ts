/** Tells a process from a later one that was given the same pid: by the moment it started, as the system remembers it. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** The 22nd field of /proc/PID/stat; the count begins behind the name, which may hold blanks and brackets (proc(5)). */
const START_FIELD = 22 - 3

/**
 * When the process with this pid started, as a text that is only good for comparing; undefined where there is no such process.
 * A process that has ended and waits for its parent to notice counts as gone.
 */
export async function processStart(pid: number): Promise<string | undefined> {
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid)
}

/** Whether the process with this pid is still the one that was seen to start then. */
export async function isSameProcess(pid: number, start: string): Promise<boolean> {
  return (await processStart(pid)) === start
}

/**
 * Linux counts in ticks since the machine came up, so the boot belongs to the answer. Read at once: it costs microseconds, and a
 * child is written down in the turn in which it starts.
 */
function fromProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (state === 'Z' || state === 'X') return undefined
    return `${bootId()} ${fields[START_FIELD - 1]}`
  } catch {
    // ENOENT, or ESRCH where it ends while it is read: there is no such process.
    return undefined
  }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    // A sandbox may hide it; the ticks alone have to do.
    return '-'
  }
}

/** Elsewhere `ps` gives the date. Windows has no ps, and no start is known there. */
function fromPs(pid: number): Promise<string | undefined> {
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' }
  return new Promise((resolve) => {
    execFile('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { env, timeout: 5_000 }, (error, stdout) => {
      const [, state, start] = /^(\S+)\s+(.+)$/.exec(stdout.trim()) ?? []
      resolve(error || state === undefined || state.startsWith('Z') ? undefined : start)
    })
  })
}
