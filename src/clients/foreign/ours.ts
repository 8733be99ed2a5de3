/** Our own config, for those who move from one machine or file to another. */
import { configSchema } from '../../config/schema.ts'
import { isTree, type Tree } from '../formats/format.ts'
import type { ServerEntry } from '../import/server-entry.ts'
import { type Foreign, fromMap } from './foreign.ts'

/** The words of an entry that are the same everywhere; all others go over as they are. */
const SHARED = ['command', 'args', 'env', 'cwd', 'url', 'headers', 'type', 'disabled']

export const ours: Foreign = {
  id: 'mcp-gw',
  name: 'a config of mcp-gw',
  recognises: (tree) => isTree(tree.servers) && Object.keys(configSchema.shape).some((key) => key !== 'servers' && key in tree),
  servers: (tree) =>
    fromMap(tree, 'servers', (entry) => ({ entry: only(entry, true), extra: only(entry, false) as ServerEntry })),
  dialect: { variables: 'ours' },
}

function only(entry: Tree, shared: boolean): Tree {
  return Object.fromEntries(Object.entries(entry).filter(([key]) => SHARED.includes(key) === shared))
}
