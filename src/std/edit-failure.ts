/** Says why a file cannot be written, and what helps: before anything is tried, and from the error that the system gave. */
import { dirname } from 'node:path'
import { EditError } from './edit-error.ts'
import type { EditSystem } from './edit-system.ts'
import type { FileState, Target } from './file-state.ts'
import { shortPath } from './paths.ts'

const OWNER_WRITES = 0o200

/** Refuses files of others and files that somebody has closed on purpose, even where the system would let us replace them. */
export function refuseUnlessOurs({ uid, mode }: FileState, { realPath, shown }: Target, system: EditSystem): void {
  if (isForeign(uid, system))
    throw new EditError(
      'permission',
      `No permission to write ${shown} (owner ${ownerName(uid)}). Run: sudo chown $USER ${realPath}`,
    )
  if (system.platform !== 'win32' && (mode & OWNER_WRITES) === 0)
    throw new EditError('permission', `${shown} is read-only. Run: chmod u+w ${realPath}, and run this again.`)
}

function isForeign(owner: number, { uid, platform }: EditSystem): boolean {
  return platform !== 'win32' && uid !== undefined && uid !== 0 && owner !== uid
}

function ownerName(uid: number): string {
  return uid === 0 ? 'root' : `uid ${uid}`
}

/** What failed, for the words about it. */
interface Failure {
  code: string
  /** The file that was to be edited. */
  shown: string
  /** What the system was asked to look at, or to change. */
  at: string
  syscall: string
  message: string
}

/** The failure in words. What is not from the system passes as it is. */
export async function failureOf(
  error: unknown,
  { path, backups }: { path: string; backups: string },
  system: EditSystem,
): Promise<unknown> {
  const { code, path: at = path, syscall = '' } = error as NodeJS.ErrnoException
  if (error instanceof EditError || !(error instanceof Error) || !code || !/^E[A-Z0-9]+$/.test(code)) return error
  const { home } = system
  const shown = shortPath(path, home)
  if (at.startsWith(backups)) return new EditError('system', noBackup(shown, shortPath(backups, home), code), { cause: error })
  const failure: Failure = { code, shown, at, syscall, message: error.message }
  if (code === 'EACCES' || code === 'EPERM') return new EditError('permission', await denied(failure, system), { cause: error })
  const words = WORDS[code]?.(failure, shortPath(dirname(at), home)) ?? `${shown} could not be edited: ${error.message}.`
  return new EditError(KINDS[code] ?? 'system', words, { cause: error })
}

function noBackup(shown: string, backups: string, code: string): string {
  return `No backup of ${shown} can be kept in ${backups} (${code}), and without one it stays as it is. Mend that folder and run this again.`
}

const KINDS: Record<string, EditError['code']> = { EROFS: 'permission', ENOTDIR: 'unsuitable' }

function noSpace({ shown }: Failure, folder: string): string {
  return `There is no space left in ${folder}. ${shown} is untouched; free some space and run this again.`
}

const WORDS: Record<string, (failure: Failure, folder: string) => string> = {
  EROFS: ({ shown }) => `${shown} lies on a read-only file system and is untouched. Change it where it comes from.`,
  ENOSPC: noSpace,
  EDQUOT: noSpace,
  ENOTDIR: ({ shown }) => `${shown} cannot be there: a part of its path is a file, not a folder.`,
  EBUSY: ({ shown }) => `${shown} cannot be replaced: it is mounted by itself, as in a container. Edit it where it comes from.`,
}

/** Whose permission is missing. */
async function denied({ code, shown, at, syscall }: Failure, system: EditSystem): Promise<string> {
  const { files, platform, home } = system
  if (code === 'EPERM' && platform === 'darwin')
    return (
      `macOS blocked access to ${shown} (EPERM). System Settings → Privacy & Security → App Management/Files, allow your terminal, ` +
      'or: tccutil reset SystemPolicyAppData'
    )
  if (syscall === 'fchown')
    return `${shown} belongs to a group that is not yours, and would lose it. Run: chgrp $(id -g) ${shown}`
  const path = dirname(at)
  const unreadable = syscall === 'open' && (await files.lstat(at).catch(() => undefined))
  if (unreadable) {
    const theirs = isForeign(unreadable.uid, system)
    return `No permission to read ${shown}. Run: ${theirs ? 'sudo chown $USER' : 'chmod u+rw'} ${at}`
  }
  const folder = await files.lstat(path).catch(() => undefined)
  if (folder && isForeign(folder.uid, system))
    return `No permission to write ${shown}: its folder is not yours (owner ${ownerName(folder.uid)}). Run: sudo chown $USER ${path}`
  if (folder && platform !== 'win32' && (folder.mode & OWNER_WRITES) === 0)
    return `No permission to write ${shown}: its folder is read-only. Run: chmod u+w ${path}`
  return `No permission to write ${shown} (${code} at ${shortPath(at, home)}). It is untouched.`
}
