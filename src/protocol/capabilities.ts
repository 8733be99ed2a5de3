/** What a client can do, as it said so: kept whole, and comparable, so that clients alike can share an instance. */
import type { Json, JsonObject, Message } from './message.ts'

export interface Capabilities {
  readonly value: JsonObject
  /** Canonical JSON: equal texts are equal capabilities. */
  readonly key: string
}

export const NO_CAPABILITIES: Capabilities = { value: {}, key: '{}' }

export function capabilities(value: unknown): Capabilities {
  const object = typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
  const key = canonical(object)
  return key === NO_CAPABILITIES.key ? NO_CAPABILITIES : { value: object, key }
}

/** JSON with sorted keys. */
export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key] as Json)}`)
  return `{${members.join(',')}}`
}

/** The client capability that a request to a client needs, by method. */
const NEEDED: Record<string, string> = {
  'sampling/createMessage': 'sampling',
  'elicitation/create': 'elicitation',
  'roots/list': 'roots',
}

/** Whether a client of these capabilities can answer such a request; unknown methods are left to the client. */
export function canAnswer(client: Capabilities, method: string): boolean {
  const needed = NEEDED[method]
  return needed === undefined || Object.hasOwn(client.value, needed)
}

/** What a question needs of the client that the client has not declared, in the shape of capabilities; undefined where that is nothing. */
export function missingFor(client: Capabilities, { method, params }: Pick<Message, 'method' | 'params'>): JsonObject | undefined {
  const name = NEEDED[method]
  if (name === undefined) return undefined
  const able = client.value[name] as JsonObject | undefined
  const part = neededPart(method, params)
  if (able && (part === undefined || Object.hasOwn(able, part))) return undefined
  // A client that says nothing of modes can show forms (specification: Elicitation, Capabilities).
  if (able && part === 'form' && !Object.hasOwn(able, 'url')) return undefined
  return { [name]: part === undefined ? {} : { [part]: {} } }
}

function neededPart(method: string, params: JsonObject): string | undefined {
  if (method === 'elicitation/create') return params.mode === 'url' ? 'url' : 'form'
  return method === 'sampling/createMessage' && params.tools !== undefined ? 'tools' : undefined
}

/** Log levels, least severe first (specification: Logging). */
export const LOG_LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'] as const

/** The rank of a level, or -1 where it is none. */
export function levelRank(level: unknown): number {
  return LOG_LEVELS.indexOf(level as (typeof LOG_LEVELS)[number])
}
