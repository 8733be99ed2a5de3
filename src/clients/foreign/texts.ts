/** The shapes in which servers stand in READMEs, chats and files of unknown origin. */
import type { Dialect } from '../client.ts'
import { isTree, type Tree, valueAt } from '../formats/format.ts'
import { BRACES, BRACES_DEFAULT, ENV, INPUT, PLACES } from '../import/forms.ts'
import { type Foreign, fromMap, treesIn } from './foreign.ts'

/** A text without a client may use the variables of any; none of these forms means something else elsewhere. */
const DIALECT: Dialect = {
  variables: { forms: [INPUT, ENV, PLACES, BRACES_DEFAULT, BRACES] },
  timeouts: { timeout: { as: 'timeout', unitMs: 1 } },
}

/** Nobody waits less than a second, so a small number is one of seconds. */
function withMilliseconds(entry: Tree): { entry: Tree } {
  const { timeout } = entry
  return { entry: typeof timeout === 'number' && timeout < 1_000 ? { ...entry, timeout: timeout * 1_000 } : entry }
}

const RUNS = ['command', 'cmd', 'url', 'httpUrl', 'serverUrl', 'uri', 'transport']

function runsSomething(entry: unknown): entry is Tree {
  return isTree(entry) && RUNS.some((key) => key in entry)
}

/** `mcpServers: {…}`, as nearly everybody writes it. */
const wrapped: Foreign = {
  id: 'mcpServers',
  name: 'a list of mcpServers',
  recognises: ({ mcpServers }) => isTree(mcpServers),
  servers: (tree) => fromMap(tree, 'mcpServers', withMilliseconds),
  dialect: DIALECT,
}

/** `servers: {…}` of VS Code. */
const editor: Foreign = {
  id: 'servers',
  name: 'a list of servers',
  recognises: ({ servers }) => isTree(servers) && treesIn(servers).every(runsSomething),
  servers: (tree) => fromMap(tree, 'servers', withMilliseconds),
  dialect: DIALECT,
}

/** One map of servers by name, without anything around it. */
const bare: Foreign = {
  id: 'servers by name',
  name: 'servers by name',
  recognises: (tree) => Object.values(tree).length > 0 && Object.values(tree).every(runsSomething),
  servers: (tree) => Object.entries(tree).map(([name, entry]) => ({ name, keyPath: [name], ...withMilliseconds(entry as Tree) })),
  dialect: DIALECT,
}

/** One entry, perhaps with its name inside, as `code --add-mcp` takes it. */
const single: Foreign = {
  id: 'one server',
  name: 'one server',
  recognises: runsSomething,
  servers: (tree) => [{ name: typeof tree.name === 'string' ? tree.name : '', keyPath: [], ...withMilliseconds(tree) }],
  dialect: DIALECT,
}

/** Settings of VS Code before it had a file for servers. opencode has the same keys, and types of its own. */
export const SETTINGS: Foreign = {
  id: 'mcp.servers',
  name: 'settings with mcp.servers',
  recognises: (tree) => {
    const servers = treesIn(valueAt(tree, ['mcp', 'servers']))
    return servers.length > 0 && servers.every(({ type }) => type !== 'local' && type !== 'remote')
  },
  servers: (tree) => fromMap(tree.mcp as Tree, 'servers', withMilliseconds),
  dialect: DIALECT,
}

export const TEXTS: readonly Foreign[] = [wrapped, single, editor, bare]
