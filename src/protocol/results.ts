/** Results in the words of either era (specification 2026-07-28: Basic, Results; Utilities, Caching). */
import { bodyMembers, dropMembers, insertMembers, membersOf } from './members.ts'
import type { Edit, JsonObject, Message } from './message.ts'
import { SERVER_INFO_KEY } from './meta-keys.ts'

/** How long a result may be reused, and by whom. */
export interface CacheHint {
  readonly ttlMs: number
  readonly cacheScope: 'public' | 'private'
}

/** Nobody keeps anything longer, whatever a server says. */
const TTL_MAX_MS = 24 * 60 * 60 * 1_000

/** How long a result may be reused as it says itself; undefined where it says nothing of it. */
export function cacheHint(reply: Message): CacheHint | undefined {
  const ttlMs = memberValue(reply, 'ttlMs')
  if (typeof ttlMs !== 'number') return undefined
  const cacheScope = memberValue(reply, 'cacheScope') === 'public' ? 'public' : 'private'
  return { ttlMs: Math.min(TTL_MAX_MS, Math.max(0, ttlMs)), cacheScope }
}

/** What holds for two results together; of those that say nothing of it, the other one's. */
export function stricter(one: CacheHint | undefined, other: CacheHint | undefined): CacheHint | undefined {
  if (!one || !other) return one ?? other
  const everybody = one.cacheScope === 'public' && other.cacheScope === 'public'
  return { ttlMs: Math.min(one.ttlMs, other.ttlMs), cacheScope: everybody ? 'public' : 'private' }
}

const STATELESS_ONLY: ReadonlySet<string> = new Set(['resultType', 'ttlMs', 'cacheScope'])

/**
 * Edits that make any result one of the stateless era: `resultType` where it says none, who answers where it does not say so,
 * and how long it may be kept where that must be said. None for errors.
 */
export function statelessEdits(reply: Message, serverInfo: JsonObject, cache?: CacheHint): Edit[] {
  const { bytes, bodyStart } = reply
  if (reply.kind !== 'result' || bytes[bodyStart] !== 0x7b) return []
  const identity = identityOf(serverInfo)
  const members = bodyMembers(reply)
  const has = (key: string): boolean => members.some((member) => member.key === key)
  const meta = members.findLast(({ key }) => key === '_meta')
  const hasMeta = meta !== undefined && bytes[meta.start] === 0x7b
  const front = [
    ...(has('resultType') ? [] : ['"resultType":"complete"']),
    ...(meta ? [] : [`"_meta":{${identity}}`]),
    ...(cache && !has('ttlMs') ? [`"ttlMs":${cache.ttlMs}`] : []),
    ...(cache && !has('cacheScope') ? [`"cacheScope":"${cache.cacheScope}"`] : []),
  ]
  const edits = front.length > 0 ? [insertMembers(bytes, bodyStart, front.join(','))] : []
  const named = hasMeta && membersOf(bytes, meta.start).some(({ key }) => key === SERVER_INFO_KEY)
  if (hasMeta && !named) edits.push(insertMembers(bytes, meta.start, identity))
  return edits
}

/** Edits that take out of a result what only clients of the stateless era understand. */
export function sessionEdits(reply: Message): Edit[] {
  const { bytes, bodyStart } = reply
  if (reply.kind !== 'result' || bytes[bodyStart] !== 0x7b) return []
  const members = bodyMembers(reply)
  const meta = members.findLast(({ key }) => key === '_meta')
  const inMeta = meta ? membersOf(bytes, meta.start) : []
  const isIdentity = (key: string): boolean => key === SERVER_INFO_KEY
  // With nothing else in it, it would not have been there in the session era.
  const bare = inMeta.length > 0 && inMeta.every(({ key }) => isIdentity(key))
  const edits = dropMembers(members, (key) => STATELESS_ONLY.has(key) || (bare && key === '_meta'))
  return bare ? edits : [...edits, ...dropMembers(inMeta, isIdentity)]
}

/** The `resultType` of a result; `complete` where it says none, as servers of the session era do. */
export function resultTypeOf(reply: Message): string {
  const type = memberValue(reply, 'resultType')
  return typeof type === 'string' ? type : 'complete'
}

/** A member of a result, parsed; undefined where it has none. */
function memberValue(reply: Message, key: string): unknown {
  if (reply.kind !== 'result') return undefined
  const member = bodyMembers(reply).findLast((one) => one.key === key)
  return member && JSON.parse(reply.text(member.start, member.end))
}

/** Who answers is the same with every result. */
const identities = new WeakMap<JsonObject, string>()

function identityOf(serverInfo: JsonObject): string {
  let json = identities.get(serverInfo)
  if (json === undefined) {
    json = `${JSON.stringify(SERVER_INFO_KEY)}:${JSON.stringify(serverInfo)}`
    identities.set(serverInfo, json)
  }
  return json
}
