/** Changes a file that belongs to another program: under its locks, at one stroke, with a backup, and never a guess. */
import { dirname } from 'node:path'
import { backupFolder, openBackupFolder, pruneBackups, writeBackup } from './backups.ts'
import { EditError } from './edit-error.ts'
import { failureOf, refuseUnlessOurs } from './edit-failure.ts'
import { type EditSystem, type HeldLock, realEditSystem } from './edit-system.ts'
import { takeLocks, wantedLocks } from './file-locks.ts'
import { bytesOf, digestOf, type FileState, findTarget, readState, type Target } from './file-state.ts'
import { homeDir, shortPath } from './paths.ts'
import { type Attributes, createFromDraft, replaceByDraft, sweepDrafts, syncFolder, writeDraft } from './replace-file.ts'

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
  changeMode?: number
}

export interface FileDigest {
  sha256: string
  size: number
  mode: number
}

export interface EditedFile {
  path: string
  realPath: string
  changed: boolean
  /** Absent where there was no file. */
  before?: FileDigest
  /** Absent where there is no file any more. */
  after?: FileDigest
  /** Where the bytes of before are kept. */
  backup?: string
  createdFile: boolean
  /** Outermost first. */
  createdFolders: string[]
}

interface Run {
  edit: FileEdit
  target: Target
  system: EditSystem
  locks: HeldLock
  /** The folder of this file among the backups. */
  folder: string
  /** The folders that we made on the way to the file, outermost first. */
  createdFolders: string[]
}

/** How often the edit is made anew because another program has changed the file meanwhile. */
const TRIES = 3

/** Makes the edit, or throws an EditError, or what `edit`, `verify` and `prepared` throw; then the file is as it was. */
export async function editFile(edit: FileEdit, system = realEditSystem(homeDir(process.env))): Promise<EditedFile> {
  const shown = shortPath(edit.path, system.home)
  try {
    const target = await findTarget(edit.path, system)
    const state = await readState(target, system)
    const change = planned(edit, target, state)
    if (!change.changed) return change.edited
    if (state) refuseUnlessOurs(state, target, system)
    const folder = backupFolder(edit.backups, target.realPath)
    await openBackupFolder(folder, system)
    const locks = await takeLocks(await wantedLocks(edit, target, folder, system), system)
    try {
      return await editLocked({ edit, target, system, locks, folder, createdFolders: [] })
    } finally {
      await locks.release()
    }
  } catch (error) {
    throw failureOf(error, shown, system)
  }
}

async function editLocked(run: Run): Promise<EditedFile> {
  const { edit, target, system, folder } = run
  await sweepDrafts(target.realPath, system)
  for (let tries = 0; tries < TRIES; tries++) {
    const state = await readState(target, system)
    const change = planned(edit, target, state)
    if (!change.changed) return change.edited
    if (state) refuseUnlessOurs(state, target, system)
    const edited = await makeChange(run, state, change)
    if (!edited) continue
    // Old backups are no reason to fail.
    await pruneBackups(folder, system).catch(() => undefined)
    return edited
  }
  throw new EditError('changed', `${target.shown} changed while we were working. Nothing written. Re-run.`)
}

interface Change {
  changed: boolean
  /** Undefined where the file goes. */
  bytes: Buffer | undefined
  edited: EditedFile
}

/** What the edit makes of the file as it is. */
function planned(edit: FileEdit, { path, realPath }: Target, state: FileState | undefined): Change {
  const text = edit.edit(state?.text, state)
  const bytes = text === undefined ? undefined : bytesOf(text, state?.hasBom ?? false)
  const mode = state ? (edit.changeMode ?? state.mode) : (edit.mode ?? 0o600)
  const before = state && { sha256: state.sha256, size: state.size, mode: state.mode }
  const after = bytes && { ...digestOf(bytes), mode }
  const changed = before?.sha256 !== after?.sha256 || (after !== undefined && before?.mode !== after.mode)
  const createdFile = !before && after !== undefined
  return {
    changed,
    bytes,
    edited: { path, realPath, changed, ...(before && { before }), ...(after && { after }), createdFile, createdFolders: [] },
  }
}

/** Makes one change; undefined where another program was faster, and nothing of ours is left. */
async function makeChange(run: Run, state: FileState | undefined, change: Change): Promise<EditedFile | undefined> {
  const { edit, target, system, folder } = run
  const undo: (() => Promise<void>)[] = []
  try {
    const backup = state && (await writeBackup(folder, target, state, system))
    if (backup) undo.push(() => system.files.unlink(backup))
    await makeFolders(run, undo)
    const edited: EditedFile = { ...change.edited, createdFolders: [...run.createdFolders], ...(backup && { backup }) }
    const put = await drafted(run, state, change, undo)
    await edit.prepared?.(edited)
    if ((await isStill(run, state)) && (await put())) {
      undo.length = 0
      return await checked(run, state, edited)
    }
    await undone(undo)
    return undefined
  } catch (error) {
    await undone(undo)
    throw error
  }
}

/** Writes the new bytes beside the file; what it gives puts them in its place, unless a file has appeared there. */
async function drafted(
  { target, system }: Run,
  state: FileState | undefined,
  { bytes, edited }: Change,
  undo: (() => Promise<void>)[],
): Promise<() => Promise<boolean>> {
  const { realPath } = target
  if (!bytes || !edited.after) {
    return async () => {
      await system.files.unlink(realPath)
      await syncFolder(dirname(realPath), system)
      return true
    }
  }
  const attributes: Attributes = { ...(state && attributesOf(state)), mode: edited.after.mode }
  const draft = await writeDraft(realPath, bytes, attributes, system)
  undo.push(() => system.files.unlink(draft))
  if (!state) return () => createFromDraft(draft, realPath, bytes, system)
  return async () => {
    await replaceByDraft(draft, realPath, bytes, system)
    return true
  }
}

/** Reads back what lies there now, and puts the old bytes back where it is not what it should be. */
async function checked(run: Run, before: FileState | undefined, edited: EditedFile): Promise<EditedFile | undefined> {
  const { edit, target, system } = run
  const now = await readState(target, system)
  // Another program has written right after us: the edit is made anew on what it wrote, unless that holds it already.
  if (now?.sha256 !== edited.after?.sha256) return undefined
  try {
    edit.verify?.(now?.text)
    return edited
  } catch (error) {
    await restore(run, before, now, edited)
    throw error
  }
}

async function restore(run: Run, before: FileState | undefined, now: FileState | undefined, edited: EditedFile): Promise<void> {
  const { target, system } = run
  if (!(await isStill(run, now))) return
  if (before) {
    const draft = await writeDraft(target.realPath, before.bytes, attributesOf(before), system)
    await replaceByDraft(draft, target.realPath, before.bytes, system)
    return
  }
  await system.files.unlink(target.realPath)
  for (const folder of edited.createdFolders.reverse()) await system.files.rmdir(folder)
}

/** Whether the file is as it was read, and the locks are still ours. */
async function isStill({ target, system, locks }: Run, state: FileState | undefined): Promise<boolean> {
  const now = await readState(target, system)
  return !locks.lost() && now?.sha256 === state?.sha256 && now?.mode === state?.mode
}

function attributesOf({ mode, uid, gid }: FileState): Attributes {
  return { mode, owner: { uid, gid } }
}

async function makeFolders({ target, system, createdFolders }: Run, undo: (() => Promise<void>)[]): Promise<void> {
  for (const folder of target.missingFolders) {
    try {
      await system.files.mkdir(folder, { mode: 0o700 })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue
      throw error
    }
    createdFolders.push(folder)
    undo.push(async () => {
      await system.files.rmdir(folder)
      createdFolders.pop()
    })
  }
}

/** Takes back what was prepared, the last first. What cannot be taken back is clutter, and the next edit sweeps it. */
async function undone(steps: (() => Promise<void>)[]): Promise<void> {
  for (const step of steps.splice(0).reverse()) await step().catch(() => undefined)
}
