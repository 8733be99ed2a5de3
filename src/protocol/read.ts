/** Reads and makes JSON-RPC messages: one pass over the bytes, and a parser for what that pass does not take. */
import { notePlaces } from './members.ts'
import { type Json, type JsonObject, type Malformed, Message } from './message.ts'
import { VERSION_KEY } from './meta-keys.ts'
import { eachElement, eachMember, isWord, readString, skipSpace, skipValue } from './scan.ts'

/**
 * Reads one message. Bytes that are JSON but unusual (a name twice, an escaped key) are written anew in plain form first, so
 * that every later reader sees the same message as we do.
 */
export function readMessage(bytes: Buffer): Message | Malformed {
  return scanMessage(bytes) ?? readUnusual(withoutMark(bytes))
}

function readUnusual(bytes: Buffer): Message | Malformed {
  let value: unknown
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch (error) {
    return { code: -32700, message: `Parse error: ${(error as Error).message}`, id: 'null' }
  }
  return invalid(value) ?? scanMessage(bytes) ?? rewritten(value)
}

/** The bytes behind a byte order mark: some programs begin their output with one, and it says nothing about JSON. */
function withoutMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes
}

export function isMalformed(message: Message | Malformed): message is Malformed {
  return !(message instanceof Message)
}

/** The messages of a JSON-RPC batch, or undefined where the bytes are not an array. */
export function readBatch(bytes: Buffer): (Message | Malformed)[] | undefined {
  const at = skipSpace(bytes, 0)
  if (bytes[at] !== 0x5b) return undefined
  const messages: (Message | Malformed)[] = []
  const end = eachElement(bytes, at, (start, stop) => messages.push(readMessage(bytes.subarray(start, stop))))
  if (end < 0 || skipSpace(bytes, end) !== bytes.length) return [{ code: -32700, message: 'Parse error', id: 'null' }]
  return messages
}

export function request(id: string | number, method: string, params?: object): Message {
  return scanned({ jsonrpc: '2.0', id, method, ...(params && { params }) })
}

export function notification(method: string, params?: object): Message {
  return scanned({ jsonrpc: '2.0', method, ...(params && { params }) })
}

/** A result under a placeholder id; whoever sends it puts the right one there. */
export function result(value: object): Message {
  return scanned({ jsonrpc: '2.0', id: 0, result: value })
}

const RESULT_HEAD = '{"jsonrpc":"2.0","id":0,"result":'
const RESULT_ID = RESULT_HEAD.indexOf('0,"result"')

/** A result whose value is JSON text already. It is not looked through: lists may be long, and the first one waits for this. */
export function resultOf(json: string): Message {
  const message = new Message(Buffer.from(`${RESULT_HEAD}${json}}`))
  message.kind = 'result'
  message.idStart = RESULT_ID
  message.idEnd = RESULT_ID + 1
  message.bodyStart = RESULT_HEAD.length
  message.bodyEnd = message.bytes.length - 1
  return message
}

/** An error under a placeholder id. */
export function errorReply(code: number, message: string, data?: unknown): Message {
  return scanned({ jsonrpc: '2.0', id: 0, error: { code, message, ...(data !== undefined && { data }) } })
}

function scanned(value: object): Message {
  return scanMessage(Buffer.from(JSON.stringify(value))) as Message
}

/** Writes an unusual message in plain form and reads that. */
function rewritten(value: unknown): Message | Malformed {
  try {
    const message = scanMessage(Buffer.from(JSON.stringify(value)))
    if (message) return message
  } catch {
    // JSON.stringify overflows the stack where the nesting is absurd: the answer below says so.
  }
  return { code: -32600, message: 'Invalid request: nested too deeply', id: 'null' }
}

/** Says why a JSON value is no JSON-RPC message, or undefined where it is one. */
function invalid(value: unknown): Malformed | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { code: -32600, message: 'Invalid request: a message must be an object', id: 'null' }
  }
  const message = value as Record<string, Json>
  const id = typeof message.id === 'string' || typeof message.id === 'number' ? JSON.stringify(message.id) : 'null'
  const because = (reason: string): Malformed => ({ code: -32600, message: `Invalid request: ${reason}`, id })
  if (message.jsonrpc !== '2.0') return because('jsonrpc must be "2.0"')
  const has = (key: string): boolean => Object.hasOwn(message, key)
  if (has('params') && !isObject(message.params)) return because('params must be an object')
  if (has('method')) {
    if (typeof message.method !== 'string') return because('method must be a string')
    if (has('id') && id === 'null') return because('id must be a string or a number')
    const twice = sameInOtherCase(message.params)
    if (twice) return because(`params has ${twice} in two spellings`)
    return has('result') || has('error') ? because('a message with a method has no result and no error') : undefined
  }
  if (has('result') === has('error')) return because('a message has either a method, a result or an error')
  if (has('error') && !isObject(message.error)) return because('error must be an object')
  return id === 'null' && !(has('error') && message.id === null) ? because('id must be a string or a number') : undefined
}

/** A name that we route by and that stands in params in two spellings, so that a server might read the other one. */
function sameInOtherCase(params: Json | undefined): string | undefined {
  if (!isObject(params)) return undefined
  const keys = Object.keys(params)
  return PARAM_NAMES.find(
    (name) => Object.hasOwn(params, name) && keys.some((key) => key !== name && key.toLowerCase() === name.toLowerCase()),
  )
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The members of a message and the bit each sets once it was seen. */
const MEMBERS = { jsonrpc: 1, id: 2, method: 4, params: 8, result: 16, error: 32 } as const
const MEMBER_NAMES = Object.keys(MEMBERS) as (keyof typeof MEMBERS)[]

/** Reads a message in one pass, or gives up where the bytes are not a plain, valid one. */
function scanMessage(bytes: Buffer): Message | undefined {
  const start = skipSpace(bytes, 0)
  const message = new Message(bytes)
  let seen = 0
  const end = eachMember(bytes, start, (keyStart, keyEnd, at) => {
    const member = knownKey(bytes, keyStart, keyEnd, MEMBER_NAMES)
    if (member === undefined) return skipValue(bytes, at)
    if (member === '' || seen & MEMBERS[member]) return -1
    seen |= MEMBERS[member]
    return readMember(message, member, at)
  })
  if (end < 0 || skipSpace(bytes, end) !== bytes.length) return undefined
  if (start > 0) return scanMessage(bytes.subarray(start, end))
  message.bytes = end < bytes.length ? bytes.subarray(0, end) : bytes
  return settleKind(message, seen) ? message : undefined
}

/** The known name that a key says, '' where it says one in escapes, undefined for any other. */
function knownKey<Name extends string>(bytes: Buffer, start: number, end: number, names: readonly Name[]): Name | '' | undefined {
  for (const name of names) if (isWord(bytes, start + 1, end - 1, name)) return name
  for (let i = start + 1; i < end - 1; i++) {
    if (bytes[i] === 0x5c) return names.some((name) => name === readString(bytes, start, end)) ? '' : undefined
  }
  return undefined
}

function readMember(message: Message, member: keyof typeof MEMBERS, at: number): number {
  const bytes = message.bytes
  if (member === 'params') {
    message.paramsStart = at
    message.paramsEnd = scanParams(message, at)
    return message.paramsEnd
  }
  const end = member === 'result' && bytes[at] === 0x7b ? notePlaces(message, at) : skipValue(bytes, at)
  if (end < 0) return -1
  if (member === 'jsonrpc') return isWord(bytes, at, end, '"2.0"') ? end : -1
  if (member === 'method') {
    if (bytes[at] !== 0x22) return -1
    message.method = readString(bytes, at, end)
  } else if (member === 'id') {
    message.idStart = at
    message.idEnd = end
  } else {
    if (member === 'error' && bytes[at] !== 0x7b) return -1
    message.bodyStart = at
    message.bodyEnd = end
  }
  return end
}

/** Decides what a message is by the members it has; false where they contradict each other. */
function settleKind(message: Message, seen: number): boolean {
  const first = message.idStart < 0 ? 0 : (message.bytes[message.idStart] as number)
  const hasId = first === 0x22 || first === 0x2d || (first >= 0x30 && first <= 0x39)
  const isNull = first === 0x6e
  if (!(seen & MEMBERS.jsonrpc)) return false
  const shape = seen & (MEMBERS.method | MEMBERS.result | MEMBERS.error)
  if (shape === MEMBERS.method) {
    message.kind = hasId ? 'request' : 'notification'
    return hasId || message.idStart < 0
  }
  if (shape === MEMBERS.result) {
    message.kind = 'result'
    return hasId
  }
  message.kind = 'error'
  return shape === MEMBERS.error && (hasId || isNull)
}

const PARAMS = { name: 1, uri: 2, _meta: 4, progressToken: 8, requestId: 16 } as const
const PARAM_NAMES = Object.keys(PARAMS) as (keyof typeof PARAMS)[]
const META_NAMES = ['progressToken', VERSION_KEY] as const

function scanParams(message: Message, start: number): number {
  const bytes = message.bytes
  let seen = 0
  let alike = 0
  const end = eachMember(bytes, start, (keyStart, keyEnd, at) => {
    const param = knownKey(bytes, keyStart, keyEnd, PARAM_NAMES)
    if (param === undefined) {
      const other = otherCase(bytes, keyStart, keyEnd, PARAM_NAMES)
      if (other) alike |= PARAMS[other]
      return skipValue(bytes, at)
    }
    if (param === '' || seen & PARAMS[param]) return -1
    seen |= PARAMS[param]
    if (param === '_meta') return bytes[at] === 0x7b ? scanMeta(message, at) : skipValue(bytes, at)
    const end = skipValue(bytes, at)
    if (param === 'name') [message.nameStart, message.nameEnd] = [at, end]
    else if (param === 'uri') [message.uriStart, message.uriEnd] = [at, end]
    else if (param === 'requestId') [message.requestIdStart, message.requestIdEnd] = [at, end]
    else [message.progressStart, message.progressEnd] = [at, end]
    return end
  })
  return alike & seen ? -1 : end
}

/** The known name that a key differs from in case only. Some servers' readers take such a key for the known one. */
function otherCase<Name extends string>(bytes: Buffer, start: number, end: number, names: readonly Name[]): Name | undefined {
  const length = end - start - 2
  if (!names.some((name) => name.length === length)) return undefined
  const key = bytes.toString('latin1', start + 1, end - 1).toLowerCase()
  return names.find((name) => name.toLowerCase() === key)
}

function scanMeta(message: Message, start: number): number {
  const bytes = message.bytes
  message.metaStart = start
  message.metaEnd = eachMember(bytes, start, (keyStart, keyEnd, at) => {
    const key = knownKey(bytes, keyStart, keyEnd, META_NAMES)
    if (key === undefined) return skipValue(bytes, at)
    const end = skipValue(bytes, at)
    if (key === '' || (key === VERSION_KEY ? message.claimStart : message.tokenStart) >= 0) return -1
    if (key === VERSION_KEY) [message.claimStart, message.claimEnd] = [at, end]
    else [message.tokenStart, message.tokenEnd] = [at, end]
    return end
  })
  return message.metaEnd
}
