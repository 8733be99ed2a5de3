/** Changes a file that belongs to another program: under its locks, at one stroke, with a backup, and never on a guess. */
import { backupFolder, openBackupFolder, pruneBackups } from './backups.ts'
import { attempt, type Change, type EditedFile, type Run } from './edit-attempt.ts'
import { EditError } from './edit-error.ts'
import { failureOf, refuseUnlessOurs } from './edit-failure.ts'
import { realEditSystem } from './edit-system.ts'
import { takeLocks, wantedLocks } from './file-locks.ts'
import { bytesOf, digestOf, type FileState, findTarget, readState, type Target, untilAtRest } from './file-state.ts'
import { homeDir } from './paths.ts'
import { sweepDrafts } from './replace-file.ts'

export interface FileEdit {
  /** As the person knows it; links are followed, and stay. */
  path: string
  /**
   * The new text for the text that is there, both without a byte order mark: undefined is no file. Throws to refuse. It may be
   * asked several times, because another program may change the file meanwhile, so it does nothing else.
   */
  edit(text: string | undefined, state: FileState | undefined): string | undefined
  /** Looks at the text that was read back; where it throws, the file gets its old bytes again. */
  verify?(text: string | undefined): void
  /** Called when all is ready and nothing is changed yet: for a journal. Where it throws, nothing is changed. */
  prepared?(edited: EditedFile): Promise<void> | void
  /** Files whose `<file>.lock` is taken too, as proper-lockfile does: Claude Code and Cline look at it. */
  locks?: readonly string[]
  /** Whose file it is, for the message when it is locked: `Claude Code`. */
  owner?: string
  /** Our folder of all backups; it is made for its owner only. */
  backups: string
  /** The mode of a file that is not there yet; 0600 where nothing is said. */
  mode?: number
  /** The mode that a file gets which is there already; without it, it keeps its own. */
  modeOf?(state: FileState): number
}

/** How often the edit is made anew because another program has changed the file meanwhile. */
const TRIES = 3

/** Makes the edit, or throws an EditError, or what `edit`, `verify` and `prepared` throw; then the file is as it was. */
export async function editFile(edit: FileEdit, system = realEditSystem(homeDir(process.env))): Promise<EditedFile> {
  try {
    const target = await findTarget(edit.path, system)
    await untilAtRest(target, system)
    const state = await readState(target, system)
    const change = planned(edit, target, state)
    if (!change.changed) return change.edited
    if (state) refuseUnlessOurs(state, target, system)
    const folder = backupFolder(edit.backups, target.realPath)
    await openBackupFolder(folder, system)
    const locks = await takeLocks(await wantedLocks(edit, target, folder, system), system)
    try {
      const { prepared, verify } = edit
      const hooks = { ...(prepared && { prepared }), ...(verify && { verify }) }
      return await editLocked(edit, { target, system, locks, folder, createdFolders: [], ...hooks })
    } finally {
      await locks.release()
    }
  } catch (error) {
    throw await failureOf(error, edit, system)
  }
}

async function editLocked(edit: FileEdit, run: Run): Promise<EditedFile> {
  const { target, system, folder } = run
  await sweepDrafts(target.realPath, system)
  let overwritten: EditedFile | undefined
  for (let tries = 0; tries < TRIES; tries++) {
    await untilAtRest(target, system)
    const state = await readState(target, system)
    const change = planned(edit, target, state)
    // What another program wrote right after us may hold the edit already.
    if (!change.changed) return overwritten ?? change.edited
    if (state) refuseUnlessOurs(state, target, system)
    const result = await attempt(run, state, change)
    if (result === 'outdated') continue
    // Old backups are no reason to fail.
    await pruneBackups(folder, system).catch(() => undefined)
    if ('made' in result) return result.made
    overwritten = result.overwritten
  }
  throw new EditError(
    'changed',
    overwritten ? lost(target, edit) : `${target.shown} changed while we were working. Nothing written. Re-run.`,
  )
}

function lost({ shown }: Target, { owner = 'Another program' }: FileEdit): string {
  return `${owner} wrote ${shown} right after us, ${TRIES} times, and our change is lost. Close it and run this again.`
}

/** What the edit makes of the file as it is. */
function planned(edit: FileEdit, { path, realPath }: Target, state: FileState | undefined): Change {
  const text = edit.edit(state?.text, state)
  const bytes = text === undefined ? undefined : bytesOf(text, state?.hasBom ?? false)
  const mode = state ? (edit.modeOf?.(state) ?? state.mode) : (edit.mode ?? 0o600)
  const before = state && { sha256: state.sha256, size: state.size, mode: state.mode }
  const after = bytes && { ...digestOf(bytes), mode }
  const changed = before?.sha256 !== after?.sha256 || before?.mode !== after?.mode
  const digests = { ...(before && { before }), ...(after && { after }) }
  return { changed, bytes, edited: { path, realPath, changed, ...digests, createdFile: !before && changed, createdFolders: [] } }
}
