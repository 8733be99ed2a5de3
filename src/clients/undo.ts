/** Undoes our edits of a file: byte for byte where nobody has changed it since, and with care where somebody has. */
import { editFile } from '../std/edit-file.ts'
import { bytesOf, digestOf, type FileState, readState } from '../std/file-state.ts'
import { shortPath } from '../std/paths.ts'
import { sweepDrafts } from '../std/replace-file.ts'
import type { History, RecordedEntry } from './journal.ts'
import { type Surgery, takenBack } from './undo-text.ts'

export interface UndoWish {
  /** Of this client only. */
  client?: string
  /** Of this run only; `last` is the newest that is not undone. */
  run?: string
  /** What is done with an entry of ours that somebody has edited; `refuse` where nothing is said. */
  customised?: 'refuse' | 'overwrite'
}

/**
 * `restored` is byte for byte; `cleaned` means that ours is taken out and the changes of others stay; `deleted` is a file that
 * was ours alone; `unchanged` had nothing of ours any more; `refused` is as it was.
 */
export type UndoResult = 'restored' | 'cleaned' | 'deleted' | 'unchanged' | 'refused'

export interface Undone {
  client: string
  path: string
  result: UndoResult
  /** Why not. */
  error?: unknown
}

/** Undoes what is wished, file by file; one that cannot be undone does not stop the others. */
export async function undo(history: History, wish: UndoWish): Promise<Undone[]> {
  const results: Undone[] = []
  for (const entries of byFile(chosen(await listUndo(history), wish))) {
    const [{ client, path }] = entries
    try {
      results.push({ client, path, result: await undoFile(history, entries, wish.customised ?? 'refuse') })
    } catch (error) {
      results.push({ client, path, result: 'refused', error })
    }
  }
  return results
}

/** The edits that can be undone, the newest first. */
export async function listUndo({ journal }: History): Promise<RecordedEntry[]> {
  const entries = await journal.entries()
  return entries.filter(({ state }) => state === 'done' || state === 'intended').reverse()
}

type Entries = [RecordedEntry, ...RecordedEntry[]]

function chosen(entries: RecordedEntry[], { client, run }: UndoWish): RecordedEntry[] {
  const ofClient = entries.filter((entry) => client === undefined || entry.client === client)
  const runId = run === 'last' ? ofClient[0]?.runId : run
  return ofClient.filter((entry) => runId === undefined || entry.runId === runId)
}

function byFile(entries: RecordedEntry[]): Entries[] {
  const files = new Map<string, Entries>()
  for (const entry of entries) {
    const known = files.get(entry.realPath)
    if (known) known.push(entry)
    else files.set(entry.realPath, [entry])
  }
  return [...files.values()]
}

/** Undoes edits of one file, the newest first. */
async function undoFile(history: History, entries: Entries, customised: 'refuse' | 'overwrite'): Promise<UndoResult> {
  const { journal, backups, system } = history
  const [{ path, locks, owner, after }] = entries
  const kept = await keptBackups(history, entries)
  const firstMode = entries.findLast(({ before }) => before)?.before?.mode
  let way: 'restored' | 'cleaned' = 'restored'
  const edited = await editFile(
    {
      path,
      backups,
      ...(locks && { locks }),
      ...(owner && { owner }),
      ...(firstMode !== undefined && { mode: firstMode }),
      modeOf: ({ mode }) => (mode === after?.mode ? (firstMode ?? mode) : mode),
      edit: (text, state) => {
        const undone = undoneText(text, state, entries, { kept, shown: shortPath(path, system.home), customised })
        way = undone.way
        return undone.text
      },
    },
    system,
  )
  // A draft of a killed run would keep its folder.
  await sweepDrafts(edited.realPath, system)
  if (!edited.after) await removeFolders(history, entries)
  for (const { id } of entries) await journal.settle(id, 'undone')
  if (!edited.changed) return 'unchanged'
  return edited.after ? way : 'deleted'
}

interface Means extends Surgery {
  /** What the file was before an edit, by the edit's id. */
  kept: Map<string, string>
}

/** What the file is without the edits; undefined is no file. */
function undoneText(text: string | undefined, state: FileState | undefined, entries: Entries, means: Means) {
  const hasBom = state?.hasBom ?? false
  let rest = text
  let way: 'restored' | 'cleaned' = 'restored'
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i] as RecordedEntry
    const sha256 = rest === undefined ? undefined : digestOf(bytesOf(rest, hasBom)).sha256
    const earliest = sha256 === entry.after?.sha256 ? restorable(entries, i, means.kept) : undefined
    if (earliest !== undefined) {
      const { id, before } = entries[earliest] as RecordedEntry
      rest = before && means.kept.get(id)
      i = earliest
    } else if (rest !== undefined && sha256 !== entry.before?.sha256) {
      // Where the text is what it was before this edit, the edit was never made, or is undone already.
      rest = takenBack(rest, entry, means)
      way = 'cleaned'
    }
  }
  return { text: rest, way }
}

/** The earliest edit that can be undone at one stroke: what is between was made by us alone, and the bytes before it are kept. */
function restorable(entries: Entries, from: number, kept: Map<string, string>): number | undefined {
  let found: number | undefined
  for (let i = from; i < entries.length; i++) {
    const { id, before } = entries[i] as RecordedEntry
    if (!before || kept.has(id)) found = i
    if (before?.sha256 !== entries[i + 1]?.after?.sha256) break
  }
  return found
}

/** The texts of those backups that are there and whole. */
async function keptBackups({ system }: History, entries: Entries): Promise<Map<string, string>> {
  const kept = new Map<string, string>()
  for (const { id, backup, before } of entries) {
    if (!backup || !before) continue
    const target = { path: backup, realPath: backup, shown: shortPath(backup, system.home), missingFolders: [] }
    const state = await readState(target, system)
    if (state?.sha256 === before.sha256) kept.set(id, state.text)
  }
  return kept
}

/** Removes the folders that were made for the file, where nobody has put anything into them. */
async function removeFolders({ system }: History, entries: Entries): Promise<void> {
  const folders = entries.flatMap(({ createdFolders }) => createdFolders)
  // Inner ones have longer names than those around them. One that is gone or not empty stays as it is.
  for (const folder of folders.sort((a, b) => b.length - a.length)) await system.files.rmdir(folder).catch(() => undefined)
}
