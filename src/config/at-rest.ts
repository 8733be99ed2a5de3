/** Reads a file while nobody writes it: half a config may be a valid one, and an empty one takes every server away. */
import { statSync } from 'node:fs'

/** How long a file must not have changed. */
const REST_MS = 50
/**
 * How often that is waited for: an editor empties a file before it fills it, and may remove it before it puts another one there.
 * Counted and not timed, because on a busy machine the time may be over before anybody has looked twice.
 */
const LOOKS_MAX = 20

interface Look {
  signature: string
  /** It is away, or holds nothing. */
  empty: boolean
  changedAt: number
}

/** What `read` gives once the file rests, or has not come to rest in time. */
export async function readAtRest<T>(path: string, read: () => Promise<T>): Promise<T> {
  let looks = LOOKS_MAX
  for (;;) {
    looks = await rest(path, looks)
    const { signature } = look(path)
    const result = await read()
    if (look(path).signature === signature || looks <= 0) return result
    looks--
  }
}

/** Resolves when the file rests; gives how many looks are left. */
async function rest(path: string, looks: number): Promise<number> {
  let before = look(path)
  if (!before.empty && before.changedAt < Date.now() - REST_MS) return looks
  for (let left = looks; left > 0; left--) {
    await new Promise((resolve) => setTimeout(resolve, REST_MS))
    const after = look(path)
    if (!after.empty && after.signature === before.signature) return left
    before = after
  }
  return 0
}

/** What tells one state of a file from another without reading it. */
export function signatureOf(path: string): string {
  return look(path).signature
}

function look(path: string): Look {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs, ctimeMs } = statSync(path, { bigint: true })
    return { signature: `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`, empty: size === 0n, changedAt: Number(ctimeMs) }
  } catch {
    return { signature: 'away', empty: true, changedAt: 0 }
  }
}
