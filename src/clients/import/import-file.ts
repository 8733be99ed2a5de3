/** Takes over servers from one text: pasted, or the config file of any client or of another gateway. */
import type { Client } from '../client.ts'
import { serversIn } from '../find.ts'
import type { Foreign, ForeignServer } from '../foreign/foreign.ts'
import { GATEWAYS } from '../foreign/gateways.ts'
import { ours } from '../foreign/ours.ts'
import { SETTINGS, TEXTS } from '../foreign/texts.ts'
import type { FormatName, Tree } from '../formats/format.ts'
import { formats } from '../formats/formats.ts'
import { CLIENTS } from '../known/clients.ts'
import type { Machine } from '../machine.ts'
import { type Imported, type ImportOptions, takeOver } from './import.ts'
import { readServer } from './read-server.ts'
import type { ReadServer, SkippedServer } from './server-entry.ts'

export interface FileOptions extends ImportOptions {
  machine: Machine
  /** Where the text comes from; absent for one that was pasted. */
  path?: string
  /** What it is: the id of a client or of a gateway. Found out where it is left out. */
  kind?: string
  /** The name of a server that says none. */
  name?: string
}

export interface FileImport extends Imported {
  /** What the text was read as, for people; absent where it was nothing that we know. */
  kind?: string
}

/** Everything that `--from` understands by name. */
export const KINDS: readonly string[] = [ours.id, ...GATEWAYS.map(({ id }) => id), ...CLIENTS.map(({ id }) => id)]

/** The servers in a text. What is wrong with it is among the problems; it never throws. */
export async function importFile(text: string, options: FileOptions): Promise<FileImport> {
  const { path = 'the pasted text', machine, own = { urls: [] }, existing } = options
  const nothing = (message: string, place = {}): FileImport => ({
    ...{ servers: [], known: [], skipped: [] },
    problems: [{ client: 'file', path, message, ...place }],
  })
  const parsed = parse(text)
  if ('problem' in parsed) {
    const { line, column, message } = parsed.problem
    return nothing(`Cannot read ${path}: line ${line}, column ${column}: ${message}.`, { line, column })
  }
  const foreign = options.kind === undefined ? recognised(parsed.value, machine) : byKind(options.kind, machine)
  if (!foreign) return nothing(`${path} holds no servers in a form that is known; expected { "mcpServers": { … } } or the like`)
  const servers = foreign.servers(parsed.value)
  if (servers.length === 0) return nothing(`${path} was read as ${foreign.name} and holds no servers`)
  const context = {
    client: foreign,
    file: { path, tree: parsed.value, file: { scope: 'file' as const } },
    trees: [parsed.value],
    machine,
    own,
  }
  const read = await Promise.all(
    servers.map(async (server) =>
      withExtra(await readServer({ ...server, name: server.name || (options.name ?? '') }, context), server),
    ),
  )
  return { kind: foreign.name, ...takeOver(read, machine, existing), problems: [] }
}

function withExtra(read: ReadServer | SkippedServer, { extra }: ForeignServer): ReadServer | SkippedServer {
  return 'entry' in read && extra ? { ...read, entry: { ...read.entry, ...extra } } : read
}

/** The text in whatever format it is. */
function parse(text: string): ReturnType<(typeof formats)['yaml']['read']> {
  const body = withoutFence(text)
  return formats[formatOf(body)].read(/^\s*"[^"]+"\s*:/.test(body) ? `{${body}}` : body)
}

function formatOf(text: string): FormatName {
  if (/^\s*(?:\/[/*]|\{|"[^"]+"\s*:)/.test(text)) return 'jsonc'
  return /^\s*\[[\w."'@/ -]+\]\s*(?:#.*)?$/m.test(text) ? 'toml' : 'yaml'
}

/** What stands between the fences of a README. */
function withoutFence(text: string): string {
  return /^\s*```[^\n]*\n([\s\S]*?)\n?\s*```\s*$/.exec(text)?.[1] ?? text
}

function recognised(tree: Tree, machine: Machine): Foreign | undefined {
  const byKey = CLIENTS.filter(({ files: [file] }) => file !== undefined && SPEAKING.has(file.key.join('.')))
  const all = [ours, ...GATEWAYS, SETTINGS, ...byKey.map((client) => asForeign(client, machine)), ...TEXTS]
  return all.find(({ recognises }) => recognises(tree))
}

/** Keys that only one family of clients has. */
const SPEAKING = new Set(['context_servers', 'mcp_servers', 'extensions', 'amp.mcpServers', 'mcp'])

function byKind(kind: string, machine: Machine): Foreign | undefined {
  const client = CLIENTS.find(({ id }) => id === kind)
  return [ours, ...GATEWAYS].find(({ id }) => id === kind) ?? (client && asForeign(client, machine))
}

/** A client's file, as something that a text can be. */
function asForeign({ id, name, files, dialect }: Client, machine: Machine): Foreign {
  const servers = (tree: Tree): ForeignServer[] => {
    const found = files.flatMap((file) => serversIn(tree, file, machine))
    // Several files of one client have their servers at the same place.
    return [...new Map(found.map((server) => [JSON.stringify([server.keyPath, server.name]), server])).values()]
  }
  return { id, name: `a file of ${name}`, recognises: (tree) => servers(tree).length > 0, servers, dialect }
}
