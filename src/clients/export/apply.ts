/** Makes the edits of a plan, one file after the other, and looks afterwards whether they are still there. */

import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { EditedFile } from '../../std/edit-attempt.ts'
import { EditError } from '../../std/edit-error.ts'
import { shortPath } from '../../std/paths.ts'
import { FormatRefusal, valueAt } from '../formats/format.ts'
import { formats } from '../formats/formats.ts'
import type { History } from '../journal.ts'
import type { Machine } from '../machine.ts'
import { recordedEdit } from '../recorded-edit.ts'
import { applied } from './plan-file.ts'
import type { EntryChange, ExportPlan, FilePlan } from './request.ts'

export interface ApplyOptions {
  history: History
  machine: Machine
  /** One for all edits of a command. */
  runId: string
  /** The command: `init`. */
  reason: string
  /** Waits before a file that running applications rewrite is looked at again. */
  wait?(ms: number): Promise<unknown>
}

export interface AppliedFile {
  path: string
  edited?: EditedFile
  /** Why the file is as it was. */
  error?: string
}

/** Claude Code writes its file every few seconds, so by then a session with an old copy has shown itself. */
const HOT_MS = 2_000
const MODE_OF_SECRETS = 0o600

/** Makes every edit of the plan. One file that fails does not stop the others; what it says tells what to do. */
export async function applyExport(plan: ExportPlan, options: ApplyOptions): Promise<AppliedFile[]> {
  const results: AppliedFile[] = []
  for (const file of plan.files.filter(({ changes }) => changes.length > 0)) results.push(await applyFile(plan, file, options))
  return results
}

async function applyFile(plan: ExportPlan, file: FilePlan, options: ApplyOptions): Promise<AppliedFile> {
  const { path } = file
  try {
    const edited = await write(plan, file, options)
    if (!file.hot || (await isStillThere(file, options))) return { path, edited }
    const again = await write(plan, file, options)
    if (await isStillThere(file, options)) return { path, edited: again }
    const shown = shortPath(path, options.machine.home)
    return { path, error: `A running ${plan.client.name} keeps writing its old copy of ${shown}. Close it and run this again.` }
  } catch (error) {
    if (error instanceof EditError || error instanceof FormatRefusal) return { path, error: error.message }
    throw error
  }
}

function write({ client }: ExportPlan, file: FilePlan, { history, machine, runId, reason }: ApplyOptions): Promise<EditedFile> {
  const { path, format, changes, locks, secret } = file
  return recordedEdit(history, {
    path,
    runId,
    client: client.id,
    reason,
    format,
    keys: changes.map(({ key }) => key),
    edit: (text) => applied(format, text ?? '', stillTrue(file, text, machine)),
    verify: (text) => verify(format, text, changes),
    owner: client.name,
    ...(locks.length > 0 && { locks }),
    ...(secret && { mode: MODE_OF_SECRETS, modeOf: () => MODE_OF_SECRETS }),
  })
}

/** The changes, where each entry is as it was planned. What others changed meanwhile is not ours to write over. */
function stillTrue({ format, changes, path }: FilePlan, text: string | undefined, { home }: Machine): readonly EntryChange[] {
  const read = formats[format].read(text ?? '')
  if ('problem' in read) throw new FormatRefusal(read.problem.message, read.problem)
  for (const change of changes) {
    const value = valueAt(read.value, change.key)
    const isDone = isDeepStrictEqual(value, 'set' in change ? change.set : undefined)
    if (!isDone && !isDeepStrictEqual(value, change.was))
      throw new EditError('changed', `${shortPath(path, home)} changed while we were working. Nothing written. Re-run.`)
  }
  return changes
}

/** Reads what was written as the client will. */
function verify(format: FilePlan['format'], text: string | undefined, changes: readonly EntryChange[]): void {
  if (text === undefined || !holds(format, text, changes))
    throw new EditError('unverified', 'what was written reads as something else')
}

function holds(format: FilePlan['format'], text: string, changes: readonly EntryChange[]): boolean {
  const read = formats[format].read(text)
  if ('problem' in read) return false
  return changes.every((change) => {
    const value = valueAt(read.value, change.key)
    return 'set' in change ? isDeepStrictEqual(value, change.set) : value === undefined
  })
}

async function isStillThere({ path, format, changes }: FilePlan, { machine, wait = sleep }: ApplyOptions): Promise<boolean> {
  await wait(HOT_MS)
  const text = (await machine.files.read(path)).toString('utf8')
  return holds(format, text, changes)
}
