/** Changes a config file: the edit is made on its text, loaded as the gateway would, and only then written. */
import { readFile } from 'node:fs/promises'
import type { EditedFile } from '../std/edit-attempt.ts'
import type { FileEdit } from '../std/edit-file.ts'
import type { Edit } from './edit/page.ts'
import { type Context, type Loaded, parse, type Settled, shownPath } from './load.ts'
import { fileErrorText, fileProblem, type Problem } from './problem.ts'

/** The file to change; where there is none yet, it begins with `fresh`. */
export interface ChangeTarget {
  path: string
  fresh: string
}

/** How a file is written: with a backup and a line in the journal, which are the business of whoever writes. */
export type WriteFile = (edit: Omit<FileEdit, 'backups' | 'prepared'>) => Promise<EditedFile>

/** A change that has been thought through and not been made. */
export interface Change {
  path: string
  /** Undefined where there is no file yet. */
  before: string | undefined
  after: string
  /** What the changed text loads as; undefined where it has problems that it had before. */
  settled: Settled | undefined
  /** The problems that stay: they are none of this edit. */
  problems: Problem[]
}

/** How often an edit is made anew because somebody else has changed the file meanwhile. */
const TRIES = 3

/** Makes the edit on paper. One that would break a config which was in order is refused with the places of the faults. */
export async function planChange(target: ChangeTarget, edit: Edit, context: Context): Promise<Change | { problems: Problem[] }> {
  const before = await currentText(target.path)
  if (typeof before === 'object') return { problems: [before] }
  const source = before ?? target.fresh
  const edited = edit(source, shownPath(target.path, context.cwd))
  if ('problems' in edited) return edited
  const loaded = await parse(edited.text, target.path, context)
  if (!('problems' in loaded)) return { path: target.path, before, after: edited.text, settled: loaded, problems: [] }
  const known = new Set(problemsOf(await parse(source, target.path, context)).map(identity))
  const fresh = loaded.problems.filter((problem) => !known.has(identity(problem)))
  if (fresh.length > 0) return { problems: fresh }
  return { path: target.path, before, after: edited.text, settled: undefined, problems: loaded.problems }
}

/** Makes the edit. It is planned anew where the file is no longer what it was. */
export async function makeChange(
  target: ChangeTarget,
  edit: Edit,
  { context, write }: { context: Context; write: WriteFile },
): Promise<{ change: Change; file: EditedFile } | { problems: Problem[] }> {
  for (let tries = 1; ; tries++) {
    const change = await planChange(target, edit, context)
    if (!('after' in change)) return change
    try {
      return { change, file: await write({ path: change.path, edit: (text) => afterOf(change, text) }) }
    } catch (error) {
      if (!(error instanceof Stale) || tries === TRIES) throw error
    }
  }
}

function afterOf({ before, after }: Change, text: string | undefined): string {
  if (text !== before) throw new Stale()
  return after
}

/** The file is no longer the one that the edit was checked with. */
class Stale extends Error {
  override readonly message = 'the config keeps changing while it is edited; try again when nobody else writes it'
}

async function currentText(path: string): Promise<string | undefined | Problem> {
  try {
    return (await readFile(path, 'utf8')).replace(/^\uFEFF/, '')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    return fileProblem(path, `cannot be read: ${fileErrorText(error)}`)
  }
}

function problemsOf(loaded: Loaded): Problem[] {
  return 'problems' in loaded ? loaded.problems : []
}

/** What tells problems apart although an edit has moved them. */
function identity({ key, message }: Problem): string {
  return `${key}\n${message}`
}
