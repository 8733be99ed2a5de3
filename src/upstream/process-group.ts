/** Signals to a child and everything it started: the process group, or on Windows the tree. */
import { spawnSync } from 'node:child_process'

/** How long what is left of a group may take to end after SIGTERM, and after SIGKILL. */
const END_MS = 1_000
const LOOK_MS = 20

/** Signals the whole group that this process leads. Windows has no groups and no SIGTERM: there it ends the tree at once. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  if (process.platform === 'win32') {
    // Synchronous, because it also runs while this process exits.
    spawnSync('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true })
    return
  }
  try {
    process.kill(-pid, signal)
  } catch {
    // ESRCH: nothing of the group is left, which is what we want.
  }
}

/** Ends what is left of a group: SIGTERM, then SIGKILL where that was not enough. */
export async function endGroup(pid: number): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (!groupLives(pid)) return
    signalGroup(pid, signal)
    for (const end = Date.now() + END_MS; groupLives(pid) && Date.now() < end; ) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    }
  }
}

function groupLives(pid: number): boolean {
  // The tree of a process that is gone cannot be asked for on Windows.
  if (process.platform === 'win32') return false
  try {
    process.kill(-pid, 0)
    return true
  } catch (error) {
    // EPERM: something is there, and it is not ours to end.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
