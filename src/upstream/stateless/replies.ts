/** What a stateless server answers, in the words of whoever asked (specification 2026-07-28: Basic, Error codes). */
import { GatewayError } from '../../protocol/errors.ts'
import type { Edit, Json, JsonObject, Message } from '../../protocol/message.ts'
import { errorReply, result } from '../../protocol/read.ts'
import { resultTypeOf, sessionEdits } from '../../protocol/results.ts'
import { outputEdits, pageForSessions } from './object-outputs.ts'

const INVALID_PARAMS = -32602
const RESOURCE_NOT_FOUND = -32002
const HEADER_MISMATCH = -32020
const MISSING_CAPABILITY = -32021
const UNSUPPORTED_VERSION = -32022
/** No session, session not found, invalid request. */
const SESSION_ERRORS: ReadonlySet<unknown> = new Set([-32000, -32001, -32600])

/** The server found headers that do not say what the body says: it knows its tools otherwise than we do. */
export function isHeaderMismatch(reply: Message): boolean {
  return errorCode(reply) === HEADER_MISMATCH
}

/** Only a server with sessions refuses a request in such words: it knows no session that we could have named. */
export function speaksOfSessions(reply: Message): boolean {
  return SESSION_ERRORS.has(errorCode(reply))
}

/** For a client of the same era: the answer itself, unless it is about our part of the way. */
export function forStateless(server: string, reply: Message): Message {
  refuseOurs(server, reply)
  return reply
}

/** For a client of the session era; `wraps` where the schema that it is shown of a tool's output is one around that of the server. */
export function forSession(server: string, { method, wraps }: { method: string; wraps: boolean }, reply: Message): Message {
  refuseOurs(server, reply)
  if (reply.kind === 'error') return errorForSession(server, method, reply)
  const type = resultTypeOf(reply)
  if (type !== 'complete')
    throw new GatewayError('internal', `${server} answered ${method} with a result of the unknown kind ${type}`)
  const edits = [...inOldForm(method, wraps, reply), ...sessionEdits(reply)]
  return edits.length === 0 ? reply : reply.edited(edits)
}

/** What the session era knows as objects only. */
function inOldForm(method: string, wraps: boolean, reply: Message): Edit[] {
  if (method === 'tools/list') return pageForSessions(reply)
  return method === 'tools/call' ? outputEdits(reply, { always: wraps }) : []
}

/** Why a call cannot be finished, where models read it. */
export function unfinished(method: string, reason: string): Message {
  if (method !== 'tools/call') throw new GatewayError('internal', reason)
  return result({ content: [{ type: 'text', text: reason }], isError: true })
}

/** A client can do nothing about the version and the headers that we speak with. */
function refuseOurs(server: string, reply: Message): void {
  const code = errorCode(reply)
  if (code !== HEADER_MISMATCH && code !== UNSUPPORTED_VERSION) return
  throw new GatewayError('internal', `${server} does not take the gateway's requests: ${String(reply.body.message)}`)
}

/** Of an error, what it is; results are not looked into. */
function errorCode(reply: Message): unknown {
  return reply.kind === 'error' ? reply.body.code : undefined
}

function errorForSession(server: string, method: string, reply: Message): Message {
  const { code, message, data } = reply.body
  if (code === INVALID_PARAMS && method === 'resources/read' && isObject(data) && data.uri !== undefined)
    return errorReply(RESOURCE_NOT_FOUND, String(message), data)
  if (code !== MISSING_CAPABILITY) return reply
  const missing = isObject(data) && isObject(data.requiredCapabilities) ? Object.keys(data.requiredCapabilities).join(', ') : ''
  return unfinished(method, `${server} needs a client that can do ${missing || 'more'}: ${String(message)}`)
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
