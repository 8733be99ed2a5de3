/** Sends a request to the server that owns the tool or prompt it names. */
import type { Entry } from '../catalog/catalog.ts'
import { exposedPrefix } from '../catalog/names.ts'
import { GatewayError } from '../protocol/errors.ts'
import type { Message } from '../protocol/message.ts'
import { suggest } from '../std/suggest.ts'
import type { SessionExchange } from './exchange.ts'
import type { Session } from './session.ts'
import { exposeTask } from './stateless/task-routes.ts'
import { callAsTask, withoutTask, worksOnlyAsTask } from './tasks.ts'

const NOUNS = { tools: 'tool', prompts: 'prompt' } as const

type Named = keyof typeof NOUNS

/** The answer of the owner. Throws `GatewayError` where nobody has that name. */
export async function named(exchange: SessionExchange, section: Named): Promise<Message> {
  const { client, request } = exchange
  const entry = await entryOf(client, section, request.name)
  const member = client.endpoint.generation.members.get(entry.server)
  if (!member) throw unknownName(client, section, request.name)
  const edits = [{ start: request.nameStart, end: request.nameEnd, json: JSON.stringify(entry.target) }]
  edits.push(...withoutTask(exchange, member))
  const call = { route: { server: entry.server, target: entry.target, handler: member.handler }, exchange, edits }
  const reply = await (worksOnlyAsTask(entry.item) ? callAsTask(call, member) : member.handler(call))
  const catalog = client.endpoint.catalog(client)
  const named = exchange.era === 'stateless' ? exposeTask(reply, entry.server) : reply
  return catalog.prefixedServers.has(entry.server) ? catalog.exposeResult(entry.server, named) : named
}

/** What an exposed name stands for. A server that is known from an earlier day but not up is started to find out. */
export async function entryOf(client: Session, section: Named, name: string): Promise<Entry> {
  const known = client.endpoint.catalog(client)[section].get(name)
  if (known) return known
  await startOwner(client, name)
  const entry = client.endpoint.catalog(client)[section].get(name)
  if (entry) return entry
  throw unknownName(client, section, name)
}

/** A name may be known from an earlier day while its server has not come up yet: its start, or why it fails, is the answer. */
async function startOwner(client: Session, name: string): Promise<void> {
  const owner = client.endpoint.members.find(({ server }) => name.startsWith(exposedPrefix(server.name)))
  await owner?.server.listed(client)
}

function unknownName(client: Session, section: Named, name: string): GatewayError {
  const near = suggest(name, client.endpoint.catalog(client)[section].keys())
  return new GatewayError('invalid_params', `Unknown ${NOUNS[section]}: ${name}${near ? `; did you mean ${near}?` : ''}`)
}
