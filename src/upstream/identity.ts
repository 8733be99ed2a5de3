/** What a server says of itself in the handshake. */
import { GatewayError } from '../protocol/errors.ts'
import type { JsonObject, Message } from '../protocol/message.ts'

export interface ServerIdentity {
  /** The result of `initialize`, whole. */
  readonly initialize: JsonObject
  readonly version: string
  readonly capabilities: JsonObject
  readonly instructions: string | undefined
  /** When a server of the session era was last asked whether it speaks the other one. */
  readonly probedAt?: number | undefined
}

/** A server refused `initialize` as only one does that has no sessions. */
export class NotSession extends GatewayError {
  constructor(message: string) {
    super('unavailable', message)
  }
}

/** Unsupported version, and method not found. */
const WITHOUT_SESSIONS: readonly unknown[] = [-32022, -32601]

/** Reads the answer to `initialize`. Throws `GatewayError` where the server refuses. */
export function readIdentity(name: string, { kind, body }: Message): ServerIdentity {
  if (kind === 'error') {
    const said = `${name} refused initialize: ${String(body.message)}`
    throw WITHOUT_SESSIONS.includes(body.code) ? new NotSession(said) : new GatewayError('unavailable', said)
  }
  const { capabilities, instructions } = body
  return {
    initialize: body,
    version: String(body.protocolVersion),
    capabilities: typeof capabilities === 'object' && capabilities !== null ? (capabilities as JsonObject) : {},
    instructions: typeof instructions === 'string' ? instructions : undefined,
  }
}
