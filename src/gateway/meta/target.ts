/** Finds the tool that a model means by a server and a tool, in whichever of the usual ways it says so. */
import type { Entry } from '../../catalog/catalog.ts'
import { exposedName } from '../../catalog/names.ts'
import { suggest } from '../../std/suggest.ts'
import { entryOf } from '../named.ts'
import type { Session } from '../session.ts'

/** The entry of a tool, or what to tell the model where there is none. */
export async function targetOf(session: Session, server: string | undefined, tool: string): Promise<Entry | { problem: string }> {
  const { endpoint } = session
  const { tools } = endpoint.catalog(session)
  const exposed = tools.get(tool)
  if (exposed && (server === undefined || exposed.server === server)) return exposed
  if (server === undefined) return byOwnName(session, tool)
  const member = endpoint.members.find((one) => one.server.name === server)
  if (!member) return { problem: unknownServerText(session, server) }
  const own = (): Entry | undefined =>
    [...endpoint.catalog(session).tools.values()].find((entry) => entry.server === server && entry.target === tool)
  const found = own()
  if (found) return found
  // A server of which nothing is known yet is started; why that fails is what the model is told.
  if (!member.server.shown.listing(session)) await member.server.listed(session)
  return own() ?? { problem: unknownToolText(session, tool, server) }
}

export function unknownServerText(session: Session, name: string): string {
  const names = session.endpoint.members.map(({ server }) => server.name)
  const near = suggest(name, names)
  const known = names.length > 0 ? `The servers are: ${names.toSorted().join(', ')}.` : 'There are no servers.'
  return `There is no server "${name}"${near ? `; did you mean ${near}?` : '.'} ${known}`
}

/** Without a server a tool's own name will do where only one server has it. */
async function byOwnName(session: Session, tool: string): Promise<Entry | { problem: string }> {
  const owners = [...session.endpoint.catalog(session).tools.values()].filter(({ target }) => target === tool)
  if (owners.length === 1) return owners[0] as Entry
  if (owners.length > 1) {
    return { problem: `Several servers have a tool "${tool}": say which of ${owners.map(({ exposed }) => exposed).join(', ')}.` }
  }
  return entryOf(session, 'tools', tool).catch(() => ({ problem: unknownToolText(session, tool) }))
}

function unknownToolText(session: Session, tool: string, server?: string): string {
  const entries = [...session.endpoint.catalog(session).tools.values()].filter((entry) => !server || entry.server === server)
  const near =
    suggest(
      tool,
      entries.flatMap(({ exposed, target }) => [exposed, target]),
    ) ??
    (server &&
      suggest(
        exposedName(server, tool, 128),
        entries.map(({ exposed }) => exposed),
      ))
  const where = server ? ` in ${server}` : ''
  const mend = near ? `did you mean ${near}?` : 'find its name with gateway_search_tools.'
  return `There is no tool "${tool}"${where}; ${mend}`
}
