/** Takes the locks that stand for a file, ours and those of the programs that write it too, and waits for them a little. */
import { dirname, join } from 'node:path'
import { EditError } from './edit-error.ts'
import type { EditSystem, HeldLock } from './edit-system.ts'
import type { Target } from './file-state.ts'

/** A lock left by a program that was killed is stale by then, so whoever waits to the end gets it. */
const WAIT_MS = 10_000
/** Past the moment at which a lock becomes stale, for clocks of files that count in coarse steps. */
const LAST_LOOK_MS = 300
const LOOK_EVERY_MS = 100

export interface WantedLock {
  /** The folder that is the lock. */
  folder: string
  /** What to say of the one who has it. */
  busy: string
}

/** Our own lock, in the folder of the file's backups, and then those of the file's owner. */
export async function wantedLocks(
  { locks = [], owner = 'Another program' }: { locks?: readonly string[]; owner?: string },
  { shown }: Target,
  folder: string,
  system: EditSystem,
): Promise<WantedLock[]> {
  const ours = {
    folder: join(folder, 'edit.lock'),
    busy: `Another mcp-gw is changing ${shown} right now. Try again when it is done.`,
  }
  const busy = `${owner} is writing ${shown} right now (lock held ${WAIT_MS / 1_000} s). Close running sessions or try again.`
  const places = new Set<string>()
  for (const file of locks) {
    // Some programs follow a link before they lock, others do not. Where there is no folder nobody can hold a lock.
    const real = await system.files.realpath(file).catch(() => file)
    for (const path of [file, real]) if (await isThere(dirname(path), system)) places.add(`${path}.lock`)
  }
  return [ours, ...[...places].sort().map((folder) => ({ folder, busy }))]
}

async function isThere(folder: string, { files }: EditSystem): Promise<boolean> {
  return files.lstat(folder).then(
    () => true,
    () => false,
  )
}

/** Takes all of them, or none. */
export async function takeLocks(wanted: readonly WantedLock[], system: EditSystem): Promise<HeldLock> {
  const held: HeldLock[] = []
  const release = async (): Promise<void> => {
    // The last taken first, and every one of them even where one cannot be released: it becomes stale by itself.
    for (const lock of held.reverse()) await lock.release().catch(() => undefined)
  }
  try {
    const end = system.now() + WAIT_MS
    for (const lock of wanted) held.push(await takeLock(lock, end, system))
  } catch (error) {
    await release()
    throw error
  }
  return { lost: () => held.some((lock) => lock.lost()), release }
}

async function takeLock({ folder, busy }: WantedLock, end: number, system: EditSystem): Promise<HeldLock> {
  for (;;) {
    const late = system.now() >= end
    const lock = await system.lock(folder)
    if (lock) return lock
    if (late) throw new EditError('busy', busy)
    await system.wait(system.now() + LOOK_EVERY_MS >= end ? end + LAST_LOOK_MS - system.now() : LOOK_EVERY_MS)
  }
}
