/** Which methods the stateless era has here, and which of their results say how long they may be kept. */
import { GatewayError } from '../../protocol/errors.ts'
import type { CacheHint } from '../../protocol/results.ts'
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

/** Methods that list something, by what that is. */
const LISTS: ReadonlyMap<string, Section> = new Map(
  (Object.keys(SECTIONS) as Section[]).map((section) => [SECTIONS[section].method, section]),
)

/** Methods whose complete results must say how long they may be kept (specification 2026-07-28: Caching). */
const KEPT: ReadonlySet<string> = new Set(['server/discover', 'resources/read', ...LISTS.keys()])

/** What is known of no longer than this moment, and of nobody but this client. */
const UNKEPT: CacheHint = { ttlMs: 0, cacheScope: 'private' }

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

/** How long a result that does not say so may be kept; undefined where that is not said of results of the method. */
export function hintFor(client: Session, method: string): CacheHint | undefined {
  const section = LISTS.get(method)
  return section ? hintForList(client, section) : KEPT.has(method) ? UNKEPT : undefined
}

/** As long as all servers say whose entries may be among those listed. Which these are depends on the client. */
function hintForList(client: Session, section: Section): CacheHint {
  let ttlMs = Number.POSITIVE_INFINITY
  for (const { server } of client.endpoint.members) {
    const identity = server.shown.identity(client)
    if (identity && !Object.hasOwn(identity.capabilities, SECTIONS[section].capability)) continue
    const hint = server.shown.hint(client, section)
    if (!identity || !hint) return UNKEPT
    ttlMs = Math.min(ttlMs, hint.ttlMs)
  }
  return Number.isFinite(ttlMs) ? { ttlMs, cacheScope: 'private' } : UNKEPT
}
