/** Takes over the servers of all clients into the words of our config: nothing lost, nothing twice, nothing shown that is secret. */
import type { Secret } from '../../std/secret.ts'
import type { FileProblem, FoundClient } from '../find.ts'
import type { Tree } from '../formats/format.ts'
import type { Machine } from '../machine.ts'
import type { OwnGateway } from './gateways.ts'
import { type MergedServer, mergeServers } from './merge.ts'
import { readEntry } from './read-entry.ts'
import { readServer } from './read-server.ts'
import { isTakenOver } from './same.ts'
import { type FoundSecret, findSecrets } from './secrets.ts'
import type { Origin, ReadServer, ServerEntry, SkippedServer } from './server-entry.ts'

export interface ImportedServer extends MergedServer {
  /** What stands in it in plain text; `replaceSecrets` puts references in their place. */
  secrets: FoundSecret[]
}

export interface Imported {
  /** Those that our config does not have yet, by name. */
  servers: ImportedServer[]
  /** Those that it has: the name there, and who else has them. */
  known: { name: string; origins: Origin[] }[]
  skipped: SkippedServer[]
  /** Files that could not be read, and clients that could not be looked at. */
  problems: ({ client: string; path?: string } & FileProblem)[]
}

export interface ImportOptions {
  own?: OwnGateway
  /** The entries of `servers:` in our config, as they are written there. */
  existing?: Readonly<Record<string, unknown>>
}

/** The servers of these clients. The order in which the clients come changes nothing about names and entries. */
export async function importServers(
  found: readonly FoundClient[],
  machine: Machine,
  options: ImportOptions = {},
): Promise<Imported> {
  const own = options.own ?? { urls: [] }
  const looked = eachFileOnce(found)
  const read = await Promise.all(
    looked.flatMap(({ client, files }) => {
      const trees = files.flatMap(({ tree }): Tree[] => (tree ? [tree] : []))
      return files.flatMap((file) => file.servers.map((server) => readServer(server, { client, file, trees, machine, own })))
    }),
  )
  return { ...takeOver(read, machine, options.existing), problems: looked.flatMap(problemsOf) }
}

/** Without the files that a client which is not here shares with one that is: nobody has servers in an application they lack. */
function eachFileOnce(found: readonly FoundClient[]): FoundClient[] {
  const readers = new Map<string, FoundClient>()
  for (const one of found) {
    for (const { path } of one.files) {
      const other = readers.get(path)
      if (!other || (other.sign === undefined && one.sign !== undefined)) readers.set(path, one)
    }
  }
  return found.map((one) =>
    one.sign !== undefined ? one : { ...one, files: one.files.filter(({ path }) => readers.get(path) === one) },
  )
}

/** What of these entries is new to our config, merged and named, with the secrets in it. */
export function takeOver(
  read: readonly (ReadServer | SkippedServer)[],
  machine: Machine,
  existing: ImportOptions['existing'] = {},
): Omit<Imported, 'problems'> {
  const ours = Object.entries(existing).flatMap(([name, values]) => {
    const entry = ourEntry(values, machine)
    return entry ? [{ name, entry }] : []
  })
  const known = new Map<string, Origin[]>()
  const fresh = read.filter(isServer).filter((server) => {
    const same = ours.find(({ entry }) => isTakenOver(server.entry, entry))
    if (same) known.set(same.name, [...(known.get(same.name) ?? []), server.origin])
    return !same
  })
  const merged = mergeServers(fresh, Object.keys(existing))
  return {
    servers: withSecrets(merged, machine),
    known: [...known].map(([name, origins]) => ({ name, origins })),
    skipped: read.filter((one): one is SkippedServer => !isServer(one)),
  }
}

function isServer(one: ReadServer | SkippedServer): one is ReadServer {
  return 'entry' in one
}

/** An entry of our own config, read as those of clients are. */
function ourEntry(values: unknown, machine: Machine): ServerEntry | undefined {
  const read = readEntry(values, { variables: 'ours' }, { machine, project: undefined, folder: machine.cwd })
  if ('unusable' in read) return undefined
  const { inherit } = values as { inherit?: ServerEntry['inherit'] }
  return { ...read.entry, ...(inherit !== undefined && { inherit }) }
}

/** The servers in the order of their names, each with its secrets under names that no two values share. */
function withSecrets(servers: MergedServer[], machine: Machine): ImportedServer[] {
  const sorted = [...servers].sort((a, b) => (a.name < b.name ? -1 : 1))
  const taken = new Map<string, string>()
  // A variable that an entry takes from outside must not get the value of another one's secret.
  for (const { variable } of servers.flatMap(({ needs }) => needs)) taken.set(variable, machine.env[variable] ?? '')
  return sorted.map((server) => {
    const secrets = findSecrets(server.entry, server.name).map((secret) => ({
      ...secret,
      variable: freeName(secret, server.name, taken),
    }))
    return { ...server, secrets }
  })
}

function freeName({ variable, value }: { variable: string; value: Secret }, server: string, taken: Map<string, string>): string {
  const prefixed = `${server.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}_${variable}`.replace(/^(?=\d)/, 'MCP_')
  for (let i = 1; ; i++) {
    const name = i === 1 ? variable : i === 2 ? prefixed : `${prefixed}_${i}`
    const other = taken.get(name)
    if (other !== undefined && other !== value.reveal()) continue
    taken.set(name, value.reveal())
    return name
  }
}

function problemsOf({ client, files, problem }: FoundClient): Imported['problems'] {
  const own = problem === undefined ? [] : [{ client: client.id, message: problem }]
  return [...own, ...files.flatMap((file) => (file.problem ? [{ client: client.id, path: file.path, ...file.problem }] : []))]
}
