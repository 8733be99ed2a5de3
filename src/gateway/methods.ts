/** What the gateway does with each method that a client may call at the aggregate endpoint. */

import type { Entry } from '../catalog/catalog.ts'
import { exposedPrefix } from '../catalog/names.ts'
import { levelRank } from '../protocol/capabilities.ts'
import { GatewayError } from '../protocol/errors.ts'
import type { Message } from '../protocol/message.ts'
import { result } from '../protocol/read.ts'
import { suggest } from '../std/suggest.ts'
import type { Section } from '../upstream/listing.ts'
import { complete } from './complete.ts'
import type { SessionExchange } from './exchange.ts'
import { readResource, subscribe, unsubscribe } from './resources.ts'

export type Method = (exchange: SessionExchange) => Promise<Message>

/** How long after its start a session's lists wait for servers that are still starting; what comes later is announced. */
const START_PATIENCE_MS = 3_000
/** Lists of servers that do not announce changes are read again when they are older than this. */
const LIST_AGE_MS = 5_000
const REFRESH_PATIENCE_MS = 2_000

export const methods: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['tools/call', callTool],
  ['prompts/get', getPrompt],
  ['resources/read', readResource],
  ['resources/subscribe', subscribe],
  ['resources/unsubscribe', unsubscribe],
  ['completion/complete', complete],
  ['logging/setLevel', setLevel],
  ['tools/list', (exchange) => list(exchange, 'tools')],
  ['prompts/list', (exchange) => list(exchange, 'prompts')],
  ['resources/list', (exchange) => list(exchange, 'resources')],
  ['resources/templates/list', (exchange) => list(exchange, 'templates')],
  ['ping', async () => result({})],
])

/** Sets the level for this client; each server is told the lowest level that any client of it wants. */
export async function setLevel(exchange: SessionExchange): Promise<Message> {
  const session = exchange.client
  const { level } = exchange.request.params
  if (levelRank(level) < 0) throw new GatewayError('invalid_params', `unknown log level: ${JSON.stringify(level)}`)
  session.logLevel = level as string
  const held = session.endpoint.members.flatMap(({ server }) => server.held(session) ?? [])
  await Promise.allSettled(held.map((instance) => instance.link.settleLevel(instance)))
  return result({})
}

async function list(exchange: SessionExchange, section: Section): Promise<Message> {
  const session = exchange.client
  const { endpoint } = session
  if (exchange.request.params.cursor !== undefined)
    throw new GatewayError('invalid_params', 'unknown cursor: this list has one page')
  await atMost(session.openedAt + START_PATIENCE_MS - Date.now(), session.settled)
  const kind = section === 'templates' ? 'resources' : section
  await atMost(REFRESH_PATIENCE_MS, Promise.all(endpoint.members.map(({ server }) => server.refresh(session, kind, LIST_AGE_MS))))
  const reply = endpoint.catalog(session).list(section)
  session.shown.set(section, reply.bytes)
  return reply
}

async function callTool(exchange: SessionExchange): Promise<Message> {
  return named(exchange, 'tools', 'tool')
}

async function getPrompt(exchange: SessionExchange): Promise<Message> {
  return named(exchange, 'prompts', 'prompt')
}

async function named(exchange: SessionExchange, section: 'tools' | 'prompts', noun: string): Promise<Message> {
  const { client, request } = exchange
  const { name } = request
  let catalog = client.endpoint.catalog(client)
  let entry = catalog[section].get(name)
  if (!entry) {
    await startOwner(exchange, name)
    catalog = client.endpoint.catalog(client)
    entry = catalog[section].get(name)
  }
  if (!entry) throw unknownName(noun, name, catalog[section])
  const edits = [{ start: request.nameStart, end: request.nameEnd, json: JSON.stringify(entry.target) }]
  const member = client.endpoint.generation.members.get(entry.server)
  if (!member) throw unknownName(noun, name, catalog[section])
  const reply = await member.handler({
    route: { server: entry.server, target: entry.target, handler: member.handler },
    exchange,
    edits,
  })
  return catalog.prefixedServers.has(entry.server) ? catalog.exposeResult(entry.server, reply) : reply
}

/** A name may be known from an earlier day while its server has not come up yet: its start, or why it fails, is the answer. */
async function startOwner({ client }: SessionExchange, name: string): Promise<void> {
  const owner = client.endpoint.members.find(({ server }) => name.startsWith(exposedPrefix(server.name)))
  await owner?.server.listed(client)
}

function unknownName(noun: string, name: string, known: ReadonlyMap<string, Entry>): GatewayError {
  const near = suggest(name, known.keys())
  return new GatewayError('invalid_params', `Unknown ${noun}: ${name}${near ? `; did you mean ${near}?` : ''}`)
}

/** Waits for something, but no longer than this. */
async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  if (ms <= 0) return
  let timer: NodeJS.Timeout | undefined
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([work, late])
  clearTimeout(timer)
}
