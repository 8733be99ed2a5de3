/** Which methods the stateless era has here, and which of their results say how long they may be kept. */
import { GatewayError } from '../../protocol/errors.ts'
import { eraOf } from '../../protocol/versions.ts'
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

/** How long results of a method may be kept whose server does not say so; undefined where that is not said of such results. */
export function hintFor(method: string): typeof UNKEPT | undefined {
  return KEPT.has(method) ? UNKEPT : undefined
}
