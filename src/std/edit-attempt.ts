/** One attempt to change a file: all is prepared beside it, it changes at one stroke, and what was written is read back. */
import { dirname } from 'node:path'
import { writeBackup } from './backups.ts'
import { EditError } from './edit-error.ts'
import type { EditSystem, HeldLock } from './edit-system.ts'
import { type FileState, readState, type Target } from './file-state.ts'
import {
  type Attributes,
  createFromDraft,
  HalfWritten,
  replaceByDraft,
  syncFolder,
  writeDraft,
  writeInPlace,
} from './replace-file.ts'

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

/** What all attempts of an edit share. */
export interface Run {
  target: Target
  system: EditSystem
  locks: HeldLock
  /** The folder of this file among the backups. */
  folder: string
  /** The folders that we made on the way to the file, outermost first. */
  createdFolders: string[]
  prepared?(edited: EditedFile): Promise<void> | void
  verify?(text: string | undefined): void
}

export interface Change {
  changed: boolean
  /** Undefined where the file goes. */
  bytes: Buffer | undefined
  edited: EditedFile
}

/** Another program was faster: before us, and nothing of ours is left; or right after us, and wrote over it. */
export type Attempt = { made: EditedFile } | { overwritten: EditedFile } | 'outdated'

type Undo = (() => Promise<void>)[]

/** Changes the file, which has to be in this state still. */
export async function attempt(run: Run, state: FileState | undefined, change: Change): Promise<Attempt> {
  const { target, system, folder } = run
  const backup = state && (await writeBackup(folder, target, state, system))
  const undo: Undo = backup ? [() => system.files.unlink(backup)] : []
  try {
    await makeFolders(run, undo)
    const edited: EditedFile = { ...change.edited, createdFolders: [...run.createdFolders], ...(backup && { backup }) }
    const put = await drafted(run, state, change, undo)
    await run.prepared?.(edited)
    if ((await isStill(run, state)) && (await put())) {
      undo.length = 0
      return await checked(run, state, edited)
    }
    await undone(undo)
    return 'outdated'
  } catch (error) {
    if (error instanceof HalfWritten && !(await isMended(run, state))) throw halfWritten(error, run, backup)
    await undone(undo)
    throw error instanceof HalfWritten ? error.cause : error
  }
}

/** Writes the old bytes over a file that was written in part. */
async function isMended({ target, system }: Run, state: FileState | undefined): Promise<boolean> {
  return writeInPlace(target.realPath, state?.bytes ?? Buffer.alloc(0), system.files).then(
    () => true,
    () => false,
  )
}

function halfWritten(cause: HalfWritten, { target }: Run, backup: string | undefined): EditError {
  return new EditError('half_written', `${target.shown} was written in part only. Copy it back from ${backup}.`, { cause })
}

/** Writes the new bytes beside the file; what it gives puts them in its place, unless a file has appeared there. */
async function drafted(
  { target: { realPath }, system }: Run,
  state: FileState | undefined,
  { bytes, edited: { after } }: Change,
  undo: Undo,
): Promise<() => Promise<boolean>> {
  if (!bytes || !after) {
    return async () => {
      await system.files.unlink(realPath)
      await syncFolder(dirname(realPath), system)
      return true
    }
  }
  const attributes: Attributes = { ...(state && attributesOf(state)), mode: after.mode }
  const draft = await writeDraft(realPath, bytes, attributes, system)
  undo.push(() => system.files.unlink(draft))
  if (!state) return () => createFromDraft(draft, realPath, bytes, system)
  return async () => {
    await replaceByDraft(draft, realPath, bytes, system)
    return true
  }
}

/** Reads back what lies there now, and puts the old bytes back where it is not what it should be. */
async function checked(run: Run, before: FileState | undefined, edited: EditedFile): Promise<Attempt> {
  const now = await readState(run.target, run.system)
  if (now?.sha256 !== edited.after?.sha256) return { overwritten: edited }
  try {
    run.verify?.(now?.text)
    return { made: edited }
  } catch (error) {
    await restore(run, before, now)
    throw error
  }
}

async function restore(run: Run, before: FileState | undefined, now: FileState | undefined): Promise<void> {
  const { target, system, createdFolders } = run
  if (!(await isStill(run, now))) return
  if (before) {
    const draft = await writeDraft(target.realPath, before.bytes, attributesOf(before), system)
    await replaceByDraft(draft, target.realPath, before.bytes, system)
    return
  }
  await system.files.unlink(target.realPath)
  for (const folder of createdFolders.reverse()) await system.files.rmdir(folder)
}

/** Whether the file is as it was read, and the locks are still ours. */
async function isStill({ target, system, locks }: Run, state: FileState | undefined): Promise<boolean> {
  const now = await readState(target, system)
  return !locks.lost() && now?.sha256 === state?.sha256 && now?.mode === state?.mode
}

function attributesOf({ mode, uid, gid }: FileState): Attributes {
  return { mode, owner: { uid, gid } }
}

async function makeFolders({ target, system, createdFolders }: Run, undo: Undo): Promise<void> {
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
async function undone(steps: Undo): Promise<void> {
  for (const step of steps.splice(0).reverse()) await step().catch(() => undefined)
}
