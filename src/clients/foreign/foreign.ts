/** A config of servers that belongs to no client: another gateway's, or a text from a README. */
import type { Dialect } from '../client.ts'
import type { FoundServer } from '../find.ts'
import { isTree, type Tree, valueAt } from '../formats/format.ts'
import type { ServerEntry } from '../import/server-entry.ts'

/** One server of such a config. */
export interface ForeignServer extends FoundServer {
  /** What it says in words that are ours already. */
  extra?: ServerEntry
}

export interface Foreign {
  readonly id: string
  /** What people call it. */
  readonly name: string
  /** Whether the text is one of these, by what only they have. */
  readonly recognises: (tree: Tree) => boolean
  /** Its servers, with entries in the words that clients share. */
  readonly servers: (tree: Tree) => ForeignServer[]
  readonly dialect: Dialect
}

/** The entries of a map of servers. */
export function fromMap(
  tree: Tree,
  key: string,
  change: (entry: Tree) => Pick<ForeignServer, 'entry' | 'extra'>,
): ForeignServer[] {
  const map = valueAt(tree, [key])
  if (!isTree(map)) return []
  return Object.entries(map).map(([name, entry]) => ({
    name,
    keyPath: [key, name],
    ...(isTree(entry) ? change(entry) : { entry }),
  }))
}

/** The entries of a list of servers, each of which says its name under `name`. */
export function fromList(
  tree: Tree,
  { key, name }: { key: string; name: string },
  change: (entry: Tree) => Pick<ForeignServer, 'entry' | 'extra'>,
): ForeignServer[] {
  const list = valueAt(tree, [key])
  if (!Array.isArray(list)) return []
  return list.filter(isTree).map((entry) => ({ name: String(entry[name] ?? ''), keyPath: [key], ...change(entry) }))
}

/** The trees in a map or a list. */
export function treesIn(value: unknown): Tree[] {
  return (Array.isArray(value) ? value : isTree(value) ? Object.values(value) : []).filter(isTree)
}
