/** Edits a file and writes into the journal what was done, so that it can be undone. */
import { randomUUID } from 'node:crypto'
import type { EditedFile } from '../std/edit-attempt.ts'
import { editFile, type FileEdit } from '../std/edit-file.ts'
import { findTarget, readState } from '../std/file-state.ts'
import { type Format, type FormatName, FormatRefusal, isTree, type KeyPath, type Tree, valueAt } from './formats/format.ts'
import { formats } from './formats/formats.ts'
import type { EntrySource, History, JournalEntry, KeyChange } from './journal.ts'

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
  const [old, fresh] = [valuesIn(format, before), valuesIn(format, after)]
  return keys.map((key) => {
    const was = sourceOf(format, before, old, key)
    const is = sourceOf(format, after, fresh, key)
    const missing = key.slice(0, -1).findIndex((_, depth) => !isTree(valueAt(old, key.slice(0, depth + 1))))
    return { key, ...(was && { before: was }), ...(is && { after: is }), parents: missing < 0 ? key.length - 1 : missing }
  })
}

/** Nothing where the text cannot be read: an edit may be what mends it. */
function valuesIn(format: Format, text: string): Tree {
  const result = format.read(text)
  return 'problem' in result ? {} : result.value
}

function sourceOf(format: Format, text: string, tree: Tree, key: KeyPath): EntrySource | undefined {
  const value = valueAt(tree, key)
  if (value === undefined) return undefined
  try {
    return { source: format.slice(text, key) ?? '', value }
  } catch (error) {
    // An entry that cannot be cut out as it is written is put back as what it says.
    if (error instanceof FormatRefusal) return { source: '', value }
    throw error
  }
}
