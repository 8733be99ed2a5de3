/** What meta-tools answer with, and how they read their arguments. */
import { GatewayError } from '../../protocol/errors.ts'
import type { JsonObject, Message } from '../../protocol/message.ts'
import { result } from '../../protocol/read.ts'

export function textAnswer(text: string): Message {
  return result({ content: [{ type: 'text', text }] })
}

/** A failure that the model is to read and mend: a result, not an error of the protocol (specification: Tools, Error Handling). */
export function failedAnswer(text: string): Message {
  return result({ content: [{ type: 'text', text }], isError: true })
}

/** The arguments of the call; an empty object where there are none. */
export function argumentsOf(request: Message): JsonObject {
  const given = request.params.arguments ?? {}
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return given
  throw new GatewayError('invalid_params', 'arguments must be an object')
}

/** A text argument; undefined where it is absent or empty. Throws where it is something else. */
export function textArgument(given: JsonObject, name: string): string | undefined {
  const value = given[name]
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value === 'string') return value
  throw new GatewayError('invalid_params', `${name} must be a text, not ${JSON.stringify(value).slice(0, 80)}`)
}
