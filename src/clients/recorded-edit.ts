/** Edits a file and writes into the journal what was done, so that it can be undone. */
import { randomUUID } from 'node:crypto'
import type { EditedFile } from '../std/edit-attempt.ts'
import { editFile, type FileEdit } from '../std/edit-file.ts'
import { findTarget, readState } from '../std/file-state.ts'
import { type FormatName, isTree, type KeyPath, valueAt } from './formats/format.ts'
import { formats } from './formats/formats.ts'
import type { History, JournalEntry, KeyChange } from './journal.ts'

export interface RecordedEdit extends Omit<FileEdit, 'backups' | 'prepared'> {
  /** One for all edits of a command. */
  runId: string
  /** A client's id, or `mcp-gw` for our own files. */
  client: string
  /** The command: `init`, `doctor --fix`. */
  reason: string
  /** Without it, the file can only be restored as a whole, while nobody else has changed it. */
  format?: FormatName
  /** The entries that the edit sets, changes or removes. */
  keys: readonly KeyPath[]
}

/** Makes the edit, or throws like `editFile`. The journal knows of it before the file changes. */
export async function recordedEdit(history: History, edit: RecordedEdit): Promise<EditedFile> {
  const { journal, backups, system } = history
  const { runId, client, reason, format, keys, ...fileEdit } = edit
  const id = randomUUID()
  let seen: { before: string | undefined; after: string | undefined } | undefined
  let intent: JournalEntry | undefined
  try {
    const edited = await editFile(
      {
        ...fileEdit,
        backups,
        edit: (text, state) => {
          const after = edit.edit(text, state)
          seen = { before: text, after }
          return after
        },
        prepared: async ({ changed: _, ...file }) => {
          const changes = format ? changesOf(format, keys, seen?.before ?? '', seen?.after ?? '') : []
          const { locks, owner } = edit
          const about = { id, runId, client, reason, at: new Date(system.now()).toISOString(), ...file, changes }
          intent = { ...about, ...(format && { format }), ...(locks && { locks }), ...(owner && { owner }) }
          await journal.intend(intent)
        },
      },
      system,
    )
    if (intent) await journal.settle(id, 'done')
    return edited
  } catch (error) {
    // Where that cannot be said, the intent stands, and undo looks at the file.
    if (intent && (await isWithout(intent, history).catch(() => false))) await journal.settle(id, 'failed').catch(() => undefined)
    throw error
  }
}

/** Whether the file is not as the edit would have left it. */
async function isWithout({ path, after }: JournalEntry, { system }: History): Promise<boolean> {
  const state = await readState(await findTarget(path, system), system)
  return state?.sha256 !== after?.sha256
}

/** What happened to each entry between the two texts. */
function changesOf(name: FormatName, keys: readonly KeyPath[], before: string, after: string): KeyChange[] {
  const format = formats[name]
  const valuesIn = (text: string) => {
    const result = format.read(text)
    return 'problem' in result ? {} : result.value
  }
  const [old, fresh] = [valuesIn(before), valuesIn(after)]
  return keys.map((key) => {
    const was = format.slice(before, key)
    const is = format.slice(after, key)
    const parents = key.slice(0, -1).findIndex((_, depth) => !isTree(valueAt(old, key.slice(0, depth + 1))))
    return {
      key,
      ...(was !== undefined && { before: { source: was, value: valueAt(old, key) } }),
      ...(is !== undefined && { after: { source: is, value: valueAt(fresh, key) } }),
      parents: parents < 0 ? key.length - 1 : parents,
    }
  })
}
