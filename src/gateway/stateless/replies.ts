/** Replies in the words of the stateless era, with the HTTP status that goes with each. */
import type { Capabilities } from '../../protocol/capabilities.ts'
import { GatewayError, toReply } from '../../protocol/errors.ts'
import { bodyMembers } from '../../protocol/members.ts'
import type { JsonObject, Message } from '../../protocol/message.ts'
import { errorReply, resultOf } from '../../protocol/read.ts'
import { type CacheHint, resultTypeOf, statelessEdits } from '../../protocol/results.ts'
import type { StatelessReply } from './request.ts'

/** By JSON-RPC code: the HTTP status that the era gives errors, whoever says them (Transports, Streamable HTTP). */
const STATUS: Record<number, number> = {
  [-32700]: 400,
  [-32600]: 400,
  [-32601]: 404,
  [-32020]: 400,
  [-32021]: 400,
  [-32022]: 400,
}

/** Codes that the session era has and the stateless one has not. */
const RESOURCE_NOT_FOUND = -32002
const URL_ELICITATION_REQUIRED = -32042

/** Who answers, and how long results of the method may be kept. */
export interface Stamp {
  readonly serverInfo: JsonObject
  readonly hint: CacheHint | undefined
}

/** A result under the id of the request. */
export function completed(reply: Message, request: Message, { serverInfo, hint }: Stamp): StatelessReply {
  // Only what is complete may be kept.
  const edits = statelessEdits(reply, serverInfo, hint && resultTypeOf(reply) === 'complete' ? hint : undefined)
  return { status: 200, message: reply.with({ start: reply.idStart, end: reply.idEnd, json: request.id }, ...edits) }
}

/** An error under the id of the request. */
export function failed(reply: Message, request: Message, status = 200): StatelessReply {
  return { status: STATUS[Number(reply.body.code)] ?? status, message: reply.withId(request.id) }
}

/** What was thrown, as the error that the client gets. */
export function failure(error: GatewayError, request: Message): StatelessReply {
  return failed(translated(toReply(error), request), request, error.wire.http)
}

/** An error of a server in codes of the stateless era. */
export function translated(reply: Message, request: Message): Message {
  if (reply.body.code !== RESOURCE_NOT_FOUND) return reply
  const { message, data } = reply.body
  return errorReply(-32602, String(message), { ...(request.uri !== '' && { uri: request.uri }), ...(isObject(data) && data) })
}

/**
 * The pages that a server of the session era wants the client to visit first, as questions (the JSON of `inputRequests`);
 * undefined where it wants no such thing. Throws `missing_capability` where the client cannot show them.
 */
export function pagesToVisit(reply: Message, { value }: Capabilities): string | undefined {
  if (reply.kind !== 'error' || reply.body.code !== URL_ELICITATION_REQUIRED) return undefined
  const elicitations = isObject(reply.body.data) ? reply.body.data.elicitations : undefined
  if (!Array.isArray(elicitations) || elicitations.length === 0) return undefined
  if (!isObject(value.elicitation) || !Object.hasOwn(value.elicitation, 'url')) {
    const requiredCapabilities = { elicitation: { url: {} } }
    throw new GatewayError('missing_capability', String(reply.body.message), { data: { requiredCapabilities } })
  }
  const questions = elicitations.filter(isObject).map(({ elicitationId: _, ...params }, index) => {
    return [`r${index + 1}`, { method: 'elicitation/create', params: { mode: 'url', ...params } }]
  })
  return JSON.stringify(Object.fromEntries(questions))
}

/** The result that asks the client for more (specification 2026-07-28: Multi Round-Trip Requests). */
export function inputRequired(questions: string, requestState?: string): Message {
  const state = requestState === undefined ? '' : `,"requestState":${JSON.stringify(requestState)}`
  return resultOf(`{"resultType":"input_required","inputRequests":${questions}${state}}`)
}

/** Where a result that asks for more says its state; undefined in any other result. */
export function stateIn(reply: Message): { start: number; end: number; state: string } | undefined {
  if (resultTypeOf(reply) !== 'input_required') return undefined
  const member = bodyMembers(reply).findLast(({ key }) => key === 'requestState')
  if (!member) return undefined
  const state: unknown = JSON.parse(reply.text(member.start, member.end))
  return typeof state === 'string' ? { ...member, state } : undefined
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
