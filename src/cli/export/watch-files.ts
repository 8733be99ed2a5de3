/** Looks at files again and again, and says when one of them has changed. */
import { stat } from 'node:fs/promises'

/** Files that are written in several steps have come to rest after so long. */
const LOOK_MS = 500

export interface Watched {
  /** What is looked at, asked anew each time. */
  paths(): readonly string[]
  changed(): Promise<void>
}

/** Runs until the process is asked to end. Modified times do for every editor and every kind of drive. */
export async function watchFiles({ paths, changed }: Watched): Promise<void> {
  let ended = false
  const end = (): void => {
    ended = true
  }
  process.once('SIGINT', end).once('SIGTERM', end)
  let seen = await marks(paths())
  let pending = false
  while (!ended) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    const now = await marks(paths())
    const moved = now !== seen
    // Acts when a file has been at rest for one look.
    if (pending && !moved) {
      await changed()
      seen = await marks(paths())
      pending = false
    } else {
      pending ||= moved
      seen = now
    }
  }
}

async function marks(paths: readonly string[]): Promise<string> {
  const one = async (path: string): Promise<string> => {
    try {
      const { mtimeMs, size, ino } = await stat(path)
      return `${path} ${mtimeMs} ${size} ${ino}`
    } catch {
      // It may come into being.
      return `${path} -`
    }
  }
  return (await Promise.all(paths.map(one))).join('\n')
}
