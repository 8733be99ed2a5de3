/** The methods of a transparent endpoint: everything goes to the one server as it came, but what the config withholds. */
import { GatewayError } from '../protocol/errors.ts'
import { locateIn } from '../protocol/locate.ts'
import type { Message } from '../protocol/message.ts'
import { resultOf } from '../protocol/read.ts'
import { eachElement } from '../protocol/scan.ts'
import { readItem, SECTIONS, type Section } from '../upstream/listing.ts'
import type { SessionExchange } from './exchange.ts'
import type { Member } from './member.ts'
import { type Method, methods, setLevel } from './methods.ts'
import { subscribe, unsubscribe } from './resources.ts'
import { callAsTask, worksOnlyAsTask } from './tasks.ts'

/** The few that are not simply sent on: what concerns the session itself, and what several clients may share. */
const OWN: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['ping', methods.get('ping') as Method],
  ['resources/subscribe', subscribe],
  ['resources/unsubscribe', unsubscribe],
  [
    'logging/setLevel',
    async (exchange) =>
      only(exchange).server.shown.identity(exchange.client)?.capabilities.logging ? setLevel(exchange) : relay(exchange),
  ],
  ['tools/list', listTools],
  ['tools/call', callTool],
])

export function transparent(method: string): Method {
  return OWN.get(method) ?? relay
}

/** By method: the list that can be shown without waking a server. */
const LISTS: Record<string, Section> = {
  'tools/list': 'tools',
  'prompts/list': 'prompts',
  'resources/list': 'resources',
  'resources/templates/list': 'templates',
}

async function relay(exchange: SessionExchange): Promise<Message> {
  const asleep = listOfSleeper(exchange)
  if (asleep) return asleep
  const { server, handler } = only(exchange)
  return handler({
    route: { server: server.name, target: exchange.request.name || exchange.request.method, handler },
    exchange,
    edits: [],
  })
}

/** The list that a server gave before it fell asleep, for a client of the kind that it was given to. */
function listOfSleeper({ client, request }: SessionExchange): Message | undefined {
  const section = Object.hasOwn(LISTS, request.method) ? LISTS[request.method] : undefined
  const { server } = client.endpoint.only
  const identity = server.held(client) ? undefined : server.shown.identityFor(client)
  if (!section || !identity || request.params.cursor !== undefined) return undefined
  if (!Object.hasOwn(identity.capabilities, SECTIONS[section].capability)) {
    throw new GatewayError('method_not_found', 'Method not found')
  }
  return client.endpoint.catalog(client).list(section)
}

/** A page of tools as the server gave it, less those that the config withholds. */
async function listTools(exchange: SessionExchange): Promise<Message> {
  const { allowed, options } = only(exchange)
  const reply = await relay(exchange)
  const { tools } = options
  if (reply.kind === 'error' || (!tools.allow && tools.deny.length === 0)) return reply
  const place = locateIn(reply.bytes, reply.bodyStart, ['tools'])
  if (!place) return reply
  const kept: string[] = []
  eachElement(reply.bytes, place.start, (from, to) => {
    const item = readItem(reply.bytes.subarray(from, to), 'name')
    if (item && allowed(item.key)) kept.push(item.bytes.toString())
  })
  const before = reply.bytes.toString('utf8', reply.bodyStart, place.start)
  return resultOf(`${before}[${kept.join(',')}]${reply.bytes.toString('utf8', place.end, reply.bodyEnd)}`)
}

async function callTool(exchange: SessionExchange): Promise<Message> {
  const { name } = exchange.request
  const member = only(exchange)
  if (!member.allowed(name)) throw new GatewayError('invalid_params', `Unknown tool: ${name}`)
  const { client, era } = exchange
  const entry = era === 'session' ? undefined : client.endpoint.catalog(client).tools.get(name)
  if (!entry || !worksOnlyAsTask(entry.item)) return relay(exchange)
  // Tasks of the session era mean nothing to this client.
  const { server, handler } = member
  return callAsTask({ route: { server: server.name, target: name, handler }, exchange, edits: [] }, member)
}

function only(exchange: SessionExchange): Member {
  return exchange.client.endpoint.only
}
