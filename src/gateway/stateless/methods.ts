/** Which methods the stateless era has here, and which of their results say how long they may be kept. */
import { GatewayError } from '../../protocol/errors.ts'
import { type CacheHint, stricter } from '../../protocol/results.ts'
import { eraOf } from '../../protocol/versions.ts'
import { SECTIONS, type Section } from '../../upstream/listing.ts'
import { type Method, methods } from '../methods.ts'
import type { Session } from '../session.ts'
import { transparent } from '../transparent.ts'
import { relayTask } from './task-routes.ts'

/** Methods that ended with the session era (specification 2026-07-28: Changes). */
const REMOVED: ReadonlySet<string> = new Set([
  'initialize',
  'ping',
  'logging/setLevel',
  'resources/subscribe',
  'resources/unsubscribe',
])

const TASKS: ReadonlySet<string> = new Set(['tasks/get', 'tasks/update', 'tasks/cancel'])

/** Methods whose complete results must say how long they may be kept (specification 2026-07-28: Caching). */
const KEPT: ReadonlySet<string> = new Set([
  'server/discover',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
])

/** What is known of no longer than this moment, and of nobody but this client. */
const UNKEPT = { ttlMs: 0, cacheScope: 'private' } as const

/** What the gateway does with a method. Throws `no_such_method` where the stateless era has none of that name here. */
export function statelessMethod(client: Session, name: string): Method {
  if (REMOVED.has(name)) throw new GatewayError('no_such_method', `Method not found: ${name} ended with the session era`)
  if (client.endpoint.name === undefined) {
    const method = TASKS.has(name) ? relayTask : methods.get(name)
    if (!method) throw new GatewayError('no_such_method', `Method not found: ${name}`)
    return method
  }
  // Tasks have the same names in both eras and mean different things, so they go no further than their own.
  const identity = client.endpoint.only.server.shown.identity(client)
  if (name.startsWith('tasks/') && identity && eraOf(identity.version) === 'session')
    throw new GatewayError('no_such_method', `Method not found: ${name}`)
  return transparent(name)
}

/** By method: the list that it gives. */
const LISTS: Record<string, Section> = {
  'tools/list': 'tools',
  'prompts/list': 'prompts',
  'resources/list': 'resources',
  'resources/templates/list': 'templates',
}

/** How long results of a method may be kept that do not say so themselves; undefined where that is not said of such results. */
export function hintFor(client: Session, method: string): CacheHint | undefined {
  if (!KEPT.has(method)) return undefined
  const section = Object.hasOwn(LISTS, method) ? LISTS[method] : undefined
  return (section && hintOfLists(client, section)) ?? UNKEPT
}

/** What all servers allow that a list is made of. What it shows depends on the client, so that it is for nobody else. */
function hintOfLists(client: Session, section: Section): CacheHint | undefined {
  const hints = client.endpoint.members
    .filter(({ server }) => Object.hasOwn(server.shown.identity(client)?.capabilities ?? {}, SECTIONS[section].capability))
    .map(({ server }) => server.shown.hint(client, section) ?? UNKEPT)
  const [first, ...others] = hints
  return first && { ...others.reduce<CacheHint>((one, other) => stricter(one, other) ?? one, first), cacheScope: 'private' }
}
