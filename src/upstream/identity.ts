/** What a server says of itself in the handshake. */
import { GatewayError } from '../protocol/errors.ts'
import type { JsonObject, Message } from '../protocol/message.ts'

export interface ServerIdentity {
  /** The result of `initialize`, whole. */
  readonly initialize: JsonObject
  readonly version: string
  readonly capabilities: JsonObject
  readonly instructions: string | undefined
}

/** Reads the answer to `initialize`. Throws `GatewayError` where the server refuses. */
export function readIdentity(name: string, { kind, body }: Message): ServerIdentity {
  if (kind === 'error') throw new GatewayError('unavailable', `${name} refused initialize: ${String(body.message)}`)
  const { capabilities, instructions } = body
  return {
    initialize: body,
    version: String(body.protocolVersion),
    capabilities: typeof capabilities === 'object' && capabilities !== null ? (capabilities as JsonObject) : {},
    instructions: typeof instructions === 'string' ? instructions : undefined,
  }
}
