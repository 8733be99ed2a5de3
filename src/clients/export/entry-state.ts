/** Says whose entry stands under the gateway's name in a client's file, and whether it is as we wrote it. */
import { isDeepStrictEqual } from 'node:util'
import type { Client } from '../client.ts'
import { isTree, type KeyPath, type Tree, valueAt } from '../formats/format.ts'
import { ENTRY_NAME, isOwnGateway, type OwnGateway } from '../import/gateways.ts'
import { readEntry } from '../import/read-entry.ts'
import type { RecordedEntry } from '../journal.ts'
import type { Machine } from '../machine.ts'

/**
 * `managed` is as we wrote it, `customised` is ours but somebody has edited it, and `foreign` is something else under our name.
 */
export type EntryState = 'absent' | 'managed' | 'customised' | 'foreign'

export interface EntryQuestion {
  client: Pick<Client, 'dialect'>
  tree: Tree | undefined
  /** The keys of the entry. */
  key: KeyPath
  path: string
  machine: Machine
  own: OwnGateway
  /** What we did to files before, the oldest first. */
  history: readonly RecordedEntry[]
}

/** The state of the entry at a place. `written` are the entries that we would write there now. */
export function entryState(question: EntryQuestion, written: readonly unknown[]): EntryState {
  const { tree, key, client, machine, own } = question
  const value = tree === undefined ? undefined : valueAt(tree, key)
  if (value === undefined) return 'absent'
  const last = lastWritten(question)
  if ([...written, last].some((ours) => ours !== undefined && isDeepStrictEqual(ours, value))) return 'managed'
  if (last !== undefined) return 'customised'
  const read = isTree(value) ? readEntry(value, client.dialect, { machine, project: undefined, folder: machine.cwd }) : undefined
  const isOurs = read !== undefined && 'entry' in read && isOwnGateway(ENTRY_NAME, read.entry, own)
  return isOurs ? 'customised' : 'foreign'
}

/** What we wrote there last and did not take back. */
function lastWritten({ history, key, path }: EntryQuestion): unknown {
  const changes = history.filter((entry) => entry.path === path && (entry.state === 'done' || entry.state === 'intended'))
  return changes.flatMap((entry) => entry.changes.filter((change) => isDeepStrictEqual(change.key, key))).at(-1)?.after?.value
}
