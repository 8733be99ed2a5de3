/** Puts whole new bytes in the place of a file at one stroke: who looks sees the old file or the new one, never a part. */
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { EditSystem } from './edit-system.ts'

export interface Attributes {
  mode: number
  /** Given where the file has to have this owner, whoever we are. */
  owner?: { uid: number; gid: number }
}

/** Windows refuses while a virus scanner or an indexer looks at the file, which passes. */
const RENAME_TRIES = 10
const RENAME_BUSY = new Set(['EPERM', 'EBUSY', 'EACCES'])
const NO_HARD_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])
/** A draft of another process that is younger may be in use. */
const DRAFT_ALIVE_MS = 60_000

/** Writes a file that is not there yet, and returns when it is safe on the disk. Leaves nothing behind where it fails. */
export async function writeNew(path: string, bytes: Buffer, { mode, owner }: Attributes, { files }: EditSystem): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0)
  // For its owner only, until it has its owner and its mode.
  const handle = await files.open(path, flags, 0o600)
  try {
    try {
      await handle.writeFile(bytes)
      // Only where it differs: some file systems refuse to set what is so already.
      const { uid, gid, mode: given } = await handle.stat()
      if (owner && (owner.uid !== uid || owner.gid !== gid)) await handle.chown(owner.uid, owner.gid)
      if ((given & 0o7777) !== mode) await handle.chmod(mode)
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    await files.unlink(path).catch(() => undefined)
    throw located(error, path)
  }
}

/** What fails on an open file does not say which one. */
export function located(error: unknown, path: string): unknown {
  return error instanceof Error && 'code' in error ? Object.assign(error, { path }) : error
}

/** Writes the bytes beside the file; `place` puts them in its place. */
export async function writeDraft(target: string, bytes: Buffer, attributes: Attributes, system: EditSystem): Promise<string> {
  const draft = join(dirname(target), `${draftPrefix(target)}${process.pid}-${randomBytes(6).toString('hex')}.tmp`)
  await writeNew(draft, bytes, attributes, system)
  return draft
}

/** The draft becomes the file, over whatever has that name. */
export async function replaceByDraft(draft: string, target: string, bytes: Buffer, system: EditSystem): Promise<void> {
  await renamed(draft, target, bytes, system)
  await syncFolder(dirname(target), system)
}

/** The draft becomes the file, unless there is one by now: then false. */
export async function createFromDraft(draft: string, target: string, bytes: Buffer, system: EditSystem): Promise<boolean> {
  try {
    await system.files.link(draft, target)
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return false
    if (!NO_HARD_LINKS.has(code)) throw error
    await renamed(draft, target, bytes, system)
    await syncFolder(dirname(target), system)
    return true
  }
  // The file is there; a draft that stays is swept next time.
  await system.files.unlink(draft).catch(() => undefined)
  await syncFolder(dirname(target), system)
  return true
}

async function renamed(draft: string, target: string, bytes: Buffer, system: EditSystem): Promise<void> {
  const { files, platform } = system
  for (let tries = 1; ; tries++) {
    try {
      return await files.rename(draft, target)
    } catch (error) {
      if (platform !== 'win32' || !RENAME_BUSY.has((error as NodeJS.ErrnoException).code ?? '')) throw error
      if (tries === RENAME_TRIES) break
      await system.wait(50 * tries)
    }
  }
  // The only way left on Windows. The draft goes only when the file is whole again: it is one more copy of what was to be there.
  await writeInPlace(target, bytes, files)
  await files.unlink(draft).catch(() => undefined)
}

/** A file that is neither old nor new, because it could not be replaced at one stroke. */
export class HalfWritten extends Error {
  constructor(cause: unknown) {
    super('the file was written in part', { cause })
  }
}

export async function writeInPlace(target: string, bytes: Buffer, files: EditSystem['files']): Promise<void> {
  // Nothing has happened to the file as long as it is not open.
  const handle = await files.open(target, 'r+')
  try {
    await handle.truncate(0)
    await handle.writeFile(bytes)
    await handle.sync()
  } catch (error) {
    throw new HalfWritten(error)
  } finally {
    await handle.close()
  }
}

/** Makes the names in a folder last. Where it fails the file is whole all the same, and only its name may be lost with the power. */
export async function syncFolder(folder: string, { files, platform }: EditSystem): Promise<void> {
  if (platform === 'win32') return
  try {
    const handle = await files.open(folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch {
    // Some network and FUSE file systems cannot sync a folder.
  }
}

/** Removes the drafts of runs that were killed. */
export async function sweepDrafts(target: string, system: EditSystem): Promise<void> {
  const folder = dirname(target)
  const prefix = draftPrefix(target)
  try {
    for (const name of await system.files.readdir(folder)) {
      if (name.startsWith(prefix) && name.endsWith('.tmp'))
        await sweep(join(folder, name), Number.parseInt(name.slice(prefix.length), 10), system)
    }
  } catch {
    // They are only clutter; whether the folder can be written shows soon enough.
  }
}

async function sweep(draft: string, pid: number, { files, now }: EditSystem): Promise<void> {
  const young = now() - (await files.lstat(draft)).mtimeMs < DRAFT_ALIVE_MS
  if (young && pid !== process.pid && lives(pid)) return
  await files.unlink(draft)
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function draftPrefix(target: string): string {
  return `.${basename(target)}.mcp-gw-`
}
