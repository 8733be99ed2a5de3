/** Reading and watching resources: finds the server that owns a URI and remembers who watches it. */

import { asGatewayError, GatewayError } from '../protocol/errors.ts'
import type { Edit, Message } from '../protocol/message.ts'
import { result } from '../protocol/read.ts'
import type { SessionExchange } from './exchange.ts'
import type { Member } from './member.ts'
import { isResultUri, readResult } from './results/resource.ts'
import type { Services } from './services.ts'

interface Owner {
  member: Member
  target: string
}

/** Reads from the owner; where nobody claims the URI, from the first server that has it. */
export async function readResource(exchange: SessionExchange, services: Services): Promise<Message> {
  const { client, request } = exchange
  if (isResultUri(request.uri)) return readResult(exchange, services)
  const catalog = client.endpoint.catalog(client)
  let refusal: Message | undefined
  for (const { member, target } of owners(exchange)) {
    const server = member.server.name
    const reply = await ask(exchange, member, target)
    if (reply.kind === 'result') return catalog.prefixedServers.has(server) ? catalog.exposeResult(server, reply) : reply
    refusal ??= reply
  }
  if (refusal) return refusal
  throw new GatewayError('resource_not_found', `Resource not found: ${request.uri}`, { data: { uri: request.uri } })
}

/** Watches a resource for this client; the server hears of it only where nobody else watches it yet. */
export async function subscribe(exchange: SessionExchange): Promise<Message> {
  const { client, request } = exchange
  const owner = watcher(exchange)
  const instance = await owner.member.server.acquire(client)
  if (!instance.link.subscribe(client, owner.target, request.uri)) {
    owner.member.server.watches.add(client, owner.target, request.uri)
    return result({})
  }
  try {
    const reply = await ask(exchange, owner.member, owner.target)
    if (reply.kind === 'error') instance.link.unsubscribe(client, owner.target)
    else owner.member.server.watches.add(client, owner.target, request.uri)
    return reply
  } catch (error) {
    instance.link.unsubscribe(client, owner.target)
    throw asGatewayError(error)
  }
}

export async function unsubscribe(exchange: SessionExchange): Promise<Message> {
  const owner = watcher(exchange)
  const instance = await owner.member.server.acquire(exchange.client)
  owner.member.server.watches.delete(exchange.client, owner.target)
  const last = instance.link.unsubscribe(exchange.client, owner.target)
  return last ? ask(exchange, owner.member, owner.target) : result({})
}

function watcher(exchange: SessionExchange): Owner {
  const able = owners(exchange).find(({ member }) => {
    const resources = member.server.shown.identity(exchange.client)?.capabilities.resources as { subscribe?: boolean } | undefined
    return resources?.subscribe
  })
  if (able) return able
  throw new GatewayError('method_not_found', `no server offers to watch ${exchange.request.uri}`)
}

function owners({ client, request }: SessionExchange): Owner[] {
  if (request.uri === '') throw new GatewayError('invalid_params', `${request.method} needs a uri`)
  const { generation, members } = client.endpoint
  const others = members
    .filter(({ server }) => Object.hasOwn(server.shown.identity(client)?.capabilities ?? {}, 'resources'))
    .map(({ server }) => server.name)
  return client.endpoint
    .catalog(client)
    .owners(request.uri, others)
    .flatMap(({ server, target }) => {
      const member = generation.members.get(server)
      return member ? [{ member, target }] : []
    })
}

function ask(exchange: SessionExchange, { server, handler }: Member, target: string): Promise<Message> {
  const { request } = exchange
  const edits: Edit[] =
    target === request.uri ? [] : [{ start: request.uriStart, end: request.uriEnd, json: JSON.stringify(target) }]
  return handler({ route: { server: server.name, target, handler }, exchange, edits })
}
