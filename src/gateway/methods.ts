/** What the gateway does with each method that a client may call at the aggregate endpoint. */

import { levelRank } from '../protocol/capabilities.ts'
import { GatewayError } from '../protocol/errors.ts'
import type { Message } from '../protocol/message.ts'
import { result } from '../protocol/read.ts'
import type { Section } from '../upstream/listing.ts'
import { complete } from './complete.ts'
import type { SessionExchange } from './exchange.ts'
import { metaTool } from './meta/tools.ts'
import { named } from './named.ts'
import { readResource, subscribe, unsubscribe } from './resources.ts'
import { spill } from './results/spill.ts'
import type { Services } from './services.ts'

export type Method = (exchange: SessionExchange, services: Services) => Promise<Message>

/** How long a session's lists wait for servers that start for it; what comes later is announced. */
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
  ['tools/list', (exchange, services) => list(exchange, 'tools', services)],
  ['prompts/list', (exchange, services) => list(exchange, 'prompts', services)],
  ['resources/list', (exchange, services) => list(exchange, 'resources', services)],
  ['resources/templates/list', (exchange, services) => list(exchange, 'templates', services)],
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

async function list(exchange: SessionExchange, section: Section, { surfaces }: Services): Promise<Message> {
  const session = exchange.client
  const { endpoint } = session
  if (exchange.request.params.cursor !== undefined)
    throw new GatewayError('invalid_params', 'unknown cursor: this list has one page')
  const settled = await atMost(session.settlingSince + START_PATIENCE_MS - Date.now(), session.settled)
  const kind = section === 'templates' ? 'resources' : section
  await atMost(REFRESH_PATIENCE_MS, Promise.all(endpoint.members.map(({ server }) => server.refresh(session, kind, LIST_AGE_MS))))
  const reply = await surfaces.settled(session, section)
  session.shown.set(section, reply.bytes)
  if (settled && section === 'tools') surfaces.given(session, reply)
  return reply
}

async function callTool(exchange: SessionExchange, services: Services): Promise<Message> {
  const { name } = exchange.request
  const { client } = exchange
  const { usage } = services
  const meta = client.endpoint.name === undefined ? metaTool(name) : undefined
  const reply = await (meta ? meta(exchange, services) : named(exchange, 'tools'))
  if (meta) usage.answered(name, reply.bytes.length)
  else usage.called(name, reply.bytes.length)
  return meta ? reply : spill(client, reply, services, name)
}

async function getPrompt(exchange: SessionExchange): Promise<Message> {
  return named(exchange, 'prompts')
}

/** Waits for something, but no longer than this; says whether it has come. */
async function atMost(ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, ms), false)
  })
  const came = await Promise.race([work.then(() => true), late])
  clearTimeout(timer)
  return came
}
