/** Takes one entry of a client all the way to an entry of ours: read, unwrapped, freed of its bridge, at home anywhere. */
import type { Client } from '../client.ts'
import type { FoundFile, FoundServer } from '../find.ts'
import { isTree, type Tree } from '../formats/format.ts'
import { type Machine, pathOf } from '../machine.ts'
import { absolute } from './absolute.ts'
import { withoutBridge } from './bridges.ts'
import { withEnvFile } from './env-file.ts'
import { aggregatorIn, isOwnGateway, type OwnGateway } from './gateways.ts'
import { movedTo } from './moved.ts'
import { readEntry } from './read-entry.ts'
import type { ImportNote, Origin, ReadServer, ServerEntry, SkippedServer } from './server-entry.ts'
import { textsOf } from './texts.ts'
import { type Need, type Surroundings, usesVariable } from './variables.ts'
import { unwrap } from './wrappers.ts'

/** What an entry is read with. */
export interface ReadContext {
  client: Pick<Client, 'id' | 'dialect'>
  file: Pick<FoundFile, 'path' | 'tree'> & { file: { scope: Origin['scope'] } }
  /** All files of the client, because one may switch off what stands in another. */
  trees: readonly Tree[]
  machine: Machine
  own: OwnGateway
}

/** Reads one entry; what cannot be a server of the gateway comes back with the reason. */
export async function readServer(found: FoundServer, context: ReadContext): Promise<ReadServer | SkippedServer> {
  const { client, file, machine, own } = context
  const scope = found.project === undefined ? file.file.scope : 'project'
  const project = found.project ?? (scope === 'project' ? machine.cwd : undefined)
  const { name, keyPath } = found
  const origin: Origin = { client: client.id, name, path: file.path, keyPath, scope, ...(project !== undefined && { project }) }
  const around: Surroundings = { machine, project, folder: pathOf(machine).dirname(file.path) }
  const read = readEntry(await withVariables(found.entry, context, around), client.dialect, around)
  if ('unusable' in read) return { origin, kind: 'unusable', reason: read.unusable }
  const start = unwrap(read.entry, machine.system)
  const reached = reach(start, read.notes)
  if ([start, reached.entry].some((entry) => isOwnGateway(name, entry, own)))
    return { origin, kind: 'gateway', reason: 'it is this gateway itself' }
  const entry = switched(absolute(reached.entry, project, machine), { name, project }, context)
  const readOnly = READ_ONLY[scope]
  return {
    name,
    entry,
    origin,
    needs: needsOf(entry, read.needs, file.tree),
    notes: reached.notes,
    ...(readOnly !== undefined && { readOnly }),
    ...(reached.bridged && { bridged: reached.bridged }),
  }
}

const READ_ONLY: Partial<Record<Origin['scope'], string>> = {
  plugin: 'it belongs to a plugin, which brings it back',
  policy: 'an administrator has set it',
}

async function withVariables(entry: unknown, { client }: ReadContext, around: Surroundings): Promise<unknown> {
  const { variables } = client.dialect
  return isTree(entry) ? withEnvFile(entry, typeof variables === 'object' ? variables.forms : [], around) : entry
}

/** The entry without its bridge, at the address where the server is now, and what there is to say about it. */
function reach(start: ServerEntry, notes: ImportNote[]): { entry: ServerEntry; notes: ImportNote[]; bridged?: ServerEntry } {
  const bridge = withoutBridge(start)
  const said = [...notes]
  if (bridge) {
    const text = `${bridge.name} only led to the address, where the gateway goes by itself; a sign-in has to be given once more`
    said.push({ kind: 'bridge', text })
  }
  let entry = bridge?.entry ?? start
  const moved = entry.url === undefined ? undefined : movedTo(entry.url)
  if (moved !== undefined) {
    said.push({ kind: 'moved', text: `its vendor has moved it from ${entry.url} to ${moved}` })
    const { type: _type, ...rest } = entry
    entry = { ...rest, url: moved }
  }
  const aggregator = aggregatorIn(entry)
  if (aggregator !== undefined) {
    const text = `it is ${aggregator}, with servers of its own behind it; import its config to get each of them`
    said.push({ kind: 'aggregator', text })
  }
  return { entry, notes: said, ...(bridge && { bridged: start }) }
}

/** What other parts of the client's files say about the server. */
function switched(entry: ServerEntry, server: { name: string; project: string | undefined }, context: ReadContext): ServerEntry {
  const { off, denied } = context.client.dialect
  const deny = denied?.(context.trees, server.name) ?? []
  const tools = { ...entry.tools, deny: [...(entry.tools?.deny ?? []), ...deny] }
  return { ...entry, ...(off?.(context.trees, server) && { disabled: true as const }), ...(deny.length > 0 && { tools }) }
}

/** What the entry still needs, in the words in which the client asked for it. */
function needsOf(entry: ServerEntry, needs: Need[], tree: Tree | undefined): Need[] {
  const texts = textsOf(entry)
  const used = needs.filter(({ variable }) => texts.some(({ text }) => usesVariable(text, variable)))
  const inputs = Array.isArray(tree?.inputs) ? tree.inputs.filter(isTree) : []
  const asked = used.map((need) => {
    const description = inputs.find(({ id }) => id === need.input && need.input !== undefined)?.description
    return typeof description === 'string' ? { ...need, description } : need
  })
  return [...new Map(asked.map((need) => [need.variable, need])).values()]
}
