/** Settles the entries of `servers:`: values before the schema has seen them, paths and transport after. */
import { dirname, resolve } from 'node:path'
import { expandHome } from '../std/paths.ts'
import { reveal, Secret, type Text } from '../std/secret.ts'
import type { ServerOptions } from '../upstream/options.ts'
import { splitCommand } from './command.ts'
import { serverRules } from './rules.ts'
import { type Settling, settle } from './settle.ts'
import { child, type Schema } from './shape.ts'
import type { Entry, Tree } from './tree.ts'

type Input = Record<string, unknown>

/** The values of one entry, and the entry with `command` and `args` apart. */
export function settleServer(name: string, entry: Entry, schema: Schema, settling: Settling): { input: unknown; entry: Entry } {
  const server = withoutNull(entry.value)
  if (server.kind !== 'map') {
    serverRules(name, entry, {}, settling.unresolved, settling.report)
    return { input: settle(server, schema, settling), entry }
  }
  const unresolved = new Set<Tree>()
  const quiet = { ...settling, report: () => undefined, unresolved }
  const disabled = server.entries.get('disabled')
  // Nobody starts a disabled server, so it may name variables that are not set.
  const lenient = disabled !== undefined && settle(disabled.value, child(schema, 'disabled'), quiet) === true
  const split = splitCommand(server, settling.sources, settling.report)
  const input = settle(split, schema, lenient ? quiet : { ...settling, needer: `server ${name}` }) as Input
  const apart = { ...entry, value: split }
  serverRules(name, apart, input, lenient ? unresolved : settling.unresolved, settling.report)
  return { input, entry: apart }
}

/** An entry whose keys are all commented out is an entry without keys. */
function withoutNull(tree: Tree): Tree {
  return tree.kind === 'scalar' && tree.value === null ? { ...tree, kind: 'map', entries: new Map() } : tree
}

/** Settles what depends on the place of the config and on the person, `~` and relative folders, and gives the transport one name. */
export function finishServer(server: ServerOptions, place: { file: string; home: string }): void {
  const home = (text: Text): Text => map(text, (path) => expandHome(path, place.home))
  if (server.command !== undefined) server.command = home(server.command)
  server.args = server.args.map((arg) => (/^~[/\\]/.test(reveal(arg)) ? home(arg) : arg))
  if (server.cwd !== undefined) server.cwd = map(home(server.cwd), (path) => resolve(dirname(place.file), path))
  if (server.command !== undefined) server.type = 'stdio'
  else if (server.type !== undefined && server.type !== 'sse') server.type = 'http'
}

/** A changed text, still secret where it was. */
function map(text: Text, change: (value: string) => string): Text {
  return typeof text === 'string' ? change(text) : new Secret(change(text.reveal()), text.origin)
}
