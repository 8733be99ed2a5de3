/** Says why a file cannot be written, and what helps: before anything is tried, and from the error that the system gave. */
import { dirname } from 'node:path'
import { EditError } from './edit-error.ts'
import type { EditSystem } from './edit-system.ts'
import type { FileState, Target } from './file-state.ts'
import { shortPath } from './paths.ts'

const OWNER_WRITES = 0o200

/** Refuses files of others and files that somebody has closed on purpose, even where the system would let us replace them. */
export function refuseUnlessOurs(
  { uid: owner, mode }: FileState,
  { realPath, shown }: Target,
  { uid, platform }: EditSystem,
): void {
  if (platform === 'win32' || uid === undefined) return
  if (uid !== 0 && owner !== uid) {
    const name = owner === 0 ? 'root' : `uid ${owner}`
    throw new EditError('permission', `No permission to write ${shown} (owner ${name}). Run: sudo chown $USER ${realPath}`)
  }
  if ((mode & OWNER_WRITES) === 0)
    throw new EditError('permission', `${shown} is read-only. Run: chmod u+w ${realPath}, and run this again.`)
}

/** The failure in words. What is not from the system passes as it is. */
export function failureOf(error: unknown, { path, backups }: { path: string; backups: string }, system: EditSystem): unknown {
  const { platform, home } = system
  const { code, path: at } = error as NodeJS.ErrnoException
  const shown = shortPath(path, home)
  if (error instanceof EditError || !(error instanceof Error) || code === undefined || !/^E[A-Z0-9]+$/.test(code)) return error
  const folder = shortPath(dirname(at ?? path), home)
  const because = { cause: error }
  if (at?.startsWith(backups)) {
    const message = `No backup of ${shown} can be kept in ${shortPath(backups, home)} (${code}), and without one it stays as it is. Mend that folder and run this again.`
    return new EditError('system', message, because)
  }
  if (code === 'EPERM' && platform === 'darwin')
    return new EditError(
      'permission',
      `macOS blocked access to ${shown} (EPERM). System Settings → Privacy & Security → App Management/Files, allow your terminal, ` +
        'or: tccutil reset SystemPolicyAppData',
      because,
    )
  if (code === 'EACCES' || code === 'EPERM')
    return new EditError(
      'permission',
      `No permission to write ${shown} or its folder (${code} in ${folder}). File left untouched.`,
      because,
    )
  if (code === 'EROFS')
    return new EditError(
      'permission',
      `${shown} lies on a read-only file system. Change it where it comes from. File left untouched.`,
      because,
    )
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new EditError(
      'system',
      `There is no space left in ${folder}. ${shown} is untouched; free some space and run this again.`,
      because,
    )
  if (code === 'ENOTDIR')
    return new EditError('unsuitable', `${shown} cannot be there: a part of its path is a file, not a folder.`, because)
  if (code === 'EBUSY')
    return new EditError(
      'system',
      `${shown} cannot be replaced (EBUSY): it is mounted by itself, as in a container. Edit it where it comes from.`,
      because,
    )
  return new EditError('system', `${shown} could not be edited: ${error.message}.`, because)
}
