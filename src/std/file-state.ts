/** Finds the file behind a path and reads it as it is at one moment, refusing what no edit can be sure about. */
import { createHash } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { EditError } from './edit-error.ts'
import type { EditSystem } from './edit-system.ts'
import { shortPath } from './paths.ts'

const BYTES_MAX = 64 * 1024 * 1024
/** How long a file has not been written when it is taken as whole. */
const REST_MS = 100
const LOOKS_MAX = 20
const BOM = '\uFEFF'

/** Where a path leads. */
export interface Target {
  /** As the person knows it. */
  path: string
  /** Behind all links. */
  realPath: string
  /** For messages: with `~` for the home folder. */
  shown: string
  /** The folders that are not there yet, outermost first. */
  missingFolders: string[]
}

/** A file at one moment. */
export interface FileState {
  bytes: Buffer
  /** What the bytes say, without the byte order mark. */
  text: string
  hasBom: boolean
  sha256: string
  size: number
  /** The permission bits. */
  mode: number
  uid: number
  gid: number
}

export async function findTarget(path: string, system: EditSystem): Promise<Target> {
  const shown = shortPath(path, system.home)
  const { realPath, missing } = await follow(resolve(path), shown, system)
  return { path, realPath, shown, missingFolders: missing.slice(0, -1) }
}

/** The real path, and what of it is not there: the folders from the outermost, and the file last. */
async function follow(path: string, shown: string, system: EditSystem): Promise<{ realPath: string; missing: string[] }> {
  try {
    return { realPath: await system.files.realpath(path), missing: [] }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ELOOP')
      throw new EditError('unsuitable', `${shown} is a link that leads to itself; remove it and run this again.`)
    if (code !== 'ENOENT') throw error
  }
  if (await isLink(path, system)) {
    const link = shortPath(path, system.home)
    throw new EditError(
      'unsuitable',
      `${link} is a link to a file that is not there. Make the file it points to, or remove the link, and run this again.`,
    )
  }
  const above = await follow(dirname(path), shown, system)
  const realPath = join(above.realPath, basename(path))
  return { realPath, missing: [...above.missing, realPath] }
}

async function isLink(path: string, { files }: EditSystem): Promise<boolean> {
  try {
    return (await files.lstat(path)).isSymbolicLink()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

/**
 * Returns when nobody has written the file for a moment, or somebody has not stopped for long. Many programs empty a file before
 * they fill it again, and what we put in its place meanwhile would be in the place of all that they are about to write.
 */
export async function untilAtRest({ realPath }: Target, { files, now, wait }: EditSystem): Promise<void> {
  for (let looks = 0; looks < LOOKS_MAX; looks++) {
    const stat = await files.lstat(realPath).catch(() => undefined)
    if (!stat) return
    const restedMs = now() - Math.max(stat.mtimeMs, stat.ctimeMs)
    // A file of the future has the clock of another machine.
    if (restedMs >= REST_MS || restedMs < -REST_MS) return
    await wait(REST_MS)
  }
}

/** The file as it is now; undefined where there is none. */
export async function readState({ realPath, shown }: Target, { files }: EditSystem): Promise<FileState | undefined> {
  const handle = await openFile(realPath, shown, files)
  if (!handle) return undefined
  try {
    const stat = await handle.stat()
    refuseUnlessSuitable(stat, shown)
    const bytes = await handle.readFile()
    const { mode, uid, gid } = stat
    return { bytes, ...textOf(bytes, shown), ...digestOf(bytes), mode: mode & 0o7777, uid, gid }
  } finally {
    await handle.close()
  }
}

/** What tells these bytes from others. */
export function digestOf(bytes: Buffer): { sha256: string; size: number } {
  return { sha256: createHash('sha256').update(bytes).digest('hex'), size: bytes.length }
}

async function openFile(path: string, shown: string, files: EditSystem['files']): Promise<FileHandle | undefined> {
  try {
    // Asked first, because to open a device or a pipe may do something.
    refuseUnlessSuitable(await files.lstat(path), shown)
    return await files.open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function refuseUnlessSuitable(stat: Stats, shown: string): void {
  if (stat.isDirectory()) throw new EditError('unsuitable', `${shown} is a folder, not a file.`)
  if (!stat.isFile()) throw new EditError('unsuitable', `${shown} is not a regular file.`)
  if (stat.size > BYTES_MAX)
    throw new EditError('unsuitable', `${shown} is larger than 64 MB; no config is. File left untouched.`)
}

function textOf(bytes: Buffer, shown: string): { text: string; hasBom: boolean } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return text.startsWith(BOM) ? { text: text.slice(1), hasBom: true } : { text, hasBom: false }
  } catch (cause) {
    throw new EditError('unsuitable', `${shown} is not UTF-8 text. File left untouched; save it as UTF-8 and run this again.`, {
      cause,
    })
  }
}

/** The bytes of a text, with a byte order mark where the file had one. */
export function bytesOf(text: string, hasBom: boolean): Buffer {
  return Buffer.from(hasBom ? BOM + text : text)
}
