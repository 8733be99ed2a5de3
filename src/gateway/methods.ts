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
import type { Surfaces } from './surface.ts'

export type Method = (exchange: SessionExchange, surfaces: Surfaces) => Promise<Message>

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
  ['tools/list', (exchange, surfaces) => list(exchange, 'tools', surfaces)],
  ['prompts/list', (exchange, surfaces) => list(exchange, 'prompts', surfaces)],
  ['resources/list', (exchange, surfaces) => list(exchange, 'resources', surfaces)],
  ['resources/templates/list', (exchange, surfaces) => list(exchange, 'templates', surfaces)],
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

async function list(exchange: SessionExchange, section: Section, surfaces: Surfaces): Promise<Message> {
  const session = exchange.client
  const { endpoint } = session
  if (exchange.request.params.cursor !== undefined)
    throw new GatewayError('invalid_params', 'unknown cursor: this list has one page')
  await atMost(session.openedAt + START_PATIENCE_MS - Date.now(), session.settled)
  const kind = section === 'templates' ? 'resources' : section
  await atMost(REFRESH_PATIENCE_MS, Promise.all(endpoint.members.map(({ server }) => server.refresh(session, kind, LIST_AGE_MS))))
  const reply = await surfaces.settled(session, section)
  session.shown.set(section, reply.bytes)
  return reply
}

async function callTool(exchange: SessionExchange, surfaces: Surfaces): Promise<Message> {
  const meta = exchange.client.endpoint.name === undefined ? metaTool(exchange.request.name) : undefined
  return meta ? meta(exchange, surfaces) : named(exchange, 'tools')
}

async function getPrompt(exchange: SessionExchange): Promise<Message> {
  return named(exchange, 'prompts')
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
