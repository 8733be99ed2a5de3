/** What each request of the stateless era says of its client and of itself (specification 2026-07-28: Basic, Per-request metadata). */
import { type Capabilities, capabilities, levelRank } from './capabilities.ts'
import { GatewayError } from './errors.ts'
import { dropMembers, insertMembers, membersOf } from './members.ts'
import { type Edit, type Json, type JsonObject, type Message, splice } from './message.ts'
import { CAPABILITIES_KEY, CLIENT_INFO_KEY, ENVELOPE_KEYS, LOG_LEVEL_KEY, VERSION_KEY } from './meta-keys.ts'

export interface Envelope {
  readonly version: string
  readonly capabilities: Capabilities
  /** `clientInfo` as the client sent it; empty where it did not say who it is. */
  readonly info: JsonObject
  /** The least severe log level that it wants to see; undefined where it wants none at all. */
  readonly logLevel: string | undefined
  /** Equal for clients that say the same of themselves. */
  readonly key: string
}

/** Clients say the same of themselves with every request. */
const KNOWN_MAX = 256
/** By the text of `_meta` less its progress token: what it says, and what is left of it without that. */
const known = new Map<string, { envelope: Envelope; rest: string }>()

/** Reads the envelope of a request that claims a revision. Throws `invalid_envelope` or `invalid_params` where it is none. */
export function readEnvelope(message: Message): Envelope {
  const text = metaText(message)
  const before = known.get(text)
  if (before) return before.envelope
  const envelope = parse(JSON.parse(message.text(message.metaStart, message.metaEnd)) as JsonObject)
  if (known.size >= KNOWN_MAX) known.clear()
  const { metaStart, metaEnd } = message
  const kept = splice(message.bytes.subarray(metaStart, metaEnd), dropped(message, metaStart))
  known.set(text, { envelope, rest: Buffer.concat(kept).toString() })
  return envelope
}

/** A latin1 text: it only has to be the same for the same bytes. */
function metaText({ bytes, metaStart, metaEnd, tokenStart, tokenEnd }: Message): string {
  if (tokenStart < 0) return bytes.toString('latin1', metaStart, metaEnd)
  return bytes.toString('latin1', metaStart, tokenStart) + bytes.toString('latin1', tokenEnd, metaEnd)
}

function parse(meta: JsonObject): Envelope {
  const { [VERSION_KEY]: version, [CAPABILITIES_KEY]: able, [CLIENT_INFO_KEY]: info = {}, [LOG_LEVEL_KEY]: level } = meta
  if (typeof version !== 'string') throw new GatewayError('invalid_envelope', `_meta["${VERSION_KEY}"] must be a string`)
  if (!isObject(able))
    throw new GatewayError('invalid_envelope', `_meta["${CAPABILITIES_KEY}"] is missing; send {} where the client can do nothing`)
  if (!isObject(info)) throw new GatewayError('invalid_envelope', `_meta["${CLIENT_INFO_KEY}"] must be an object`)
  if (level !== undefined && levelRank(level) < 0)
    throw new GatewayError('invalid_params', `_meta["${LOG_LEVEL_KEY}"] is no log level: ${JSON.stringify(level)}`)
  const declared = capabilities(able)
  return {
    version,
    capabilities: declared,
    info,
    logLevel: level as string | undefined,
    key: JSON.stringify([declared.key, level, info]),
  }
}

/** Edits that take the envelope off a request, for a server of the session era. The progress token stays where it is. */
export function withoutEnvelope(message: Message): Edit[] {
  const { metaStart, metaEnd, tokenStart } = message
  if (metaStart < 0) return []
  const rest = tokenStart < 0 ? known.get(metaText(message))?.rest : undefined
  return rest === undefined ? dropped(message, 0) : [{ start: metaStart, end: metaEnd, json: rest }]
}

/** Edits that drop the envelope's members, as places behind the offset `from`. */
function dropped({ bytes, metaStart }: Message, from: number): Edit[] {
  const edits = dropMembers(membersOf(bytes, metaStart), (key) => ENVELOPE_KEYS.has(key))
  return edits.map(({ start, end, json }) => ({ start: start - from, end: end - from, json }))
}

/** The members of an envelope as JSON text, without braces. */
export function envelopeJson({ version, capabilities, info, logLevel }: Omit<Envelope, 'key'>): string {
  const members: JsonObject = {
    [VERSION_KEY]: version,
    [CLIENT_INFO_KEY]: info,
    [CAPABILITIES_KEY]: capabilities.value,
    ...(logLevel !== undefined && { [LOG_LEVEL_KEY]: logLevel }),
  }
  return JSON.stringify(members).slice(1, -1)
}

/** The edits that put members, as an envelope is made of (see `envelopeJson`), into the `_meta` of a message that has none of them. */
export function withEnvelope({ bytes, metaStart, paramsStart }: Message, json: string): Edit[] {
  if (metaStart >= 0) return [insertMembers(bytes, metaStart, json)]
  if (paramsStart >= 0) return [insertMembers(bytes, paramsStart, `"_meta":{${json}}`)]
  return [insertMembers(bytes, 0, `"params":{"_meta":{${json}}}`)]
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
