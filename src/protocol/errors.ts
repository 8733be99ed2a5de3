/** Everything that can go wrong with a request, and how each says so on the wire: one table for all of them. */
import type { Message } from './message.ts'
import { errorReply } from './read.ts'

interface Wire {
  /** The JSON-RPC code. Ours of the implementation range carry no meaning that a client may rely on. */
  rpc: number
  /** The HTTP status where the failure precedes any answer. */
  http: number
  /** Whether the same request may succeed a moment later. */
  retryable: boolean
}

const WIRE = {
  parse: { rpc: -32700, http: 400, retryable: false },
  invalid_request: { rpc: -32600, http: 400, retryable: false },
  method_not_found: { rpc: -32601, http: 200, retryable: false },
  invalid_params: { rpc: -32602, http: 200, retryable: false },
  resource_not_found: { rpc: -32002, http: 200, retryable: false },
  internal: { rpc: -32603, http: 200, retryable: false },
  /** The server could not be started or reached; nothing was sent. */
  unavailable: { rpc: -32603, http: 200, retryable: true },
  /** The server went away before the request was sent to it: another instance can have it at once. */
  unsent: { rpc: -32603, http: 200, retryable: true },
  /** The connection to the server ended while it worked; the call may have run. */
  interrupted: { rpc: -32603, http: 200, retryable: false },
  timeout: { rpc: -32603, http: 200, retryable: false },
  cancelled: { rpc: -32603, http: 200, retryable: false },
  overloaded: { rpc: -32603, http: 503, retryable: true },
  ambiguous_client: { rpc: -32603, http: 200, retryable: false },
  unsupported_by_client: { rpc: -32601, http: 200, retryable: false },
  forbidden: { rpc: -32600, http: 403, retryable: false },
  unsupported_media: { rpc: -32600, http: 415, retryable: false },
  not_acceptable: { rpc: -32600, http: 406, retryable: false },
  too_large: { rpc: -32600, http: 413, retryable: false },
  method_not_allowed: { rpc: -32600, http: 405, retryable: false },
  not_found: { rpc: -32600, http: 404, retryable: false },
  session_required: { rpc: -32600, http: 400, retryable: false },
  /** A method of the stateless era, asked of an endpoint that has sessions only. */
  unknown_without_session: { rpc: -32601, http: 404, retryable: false },
  session_unknown: { rpc: -32001, http: 404, retryable: false },
  /** The envelope of a stateless request is missing or not what the revision says. */
  invalid_envelope: { rpc: -32602, http: 400, retryable: false },
  /** A method that the stateless era does not have, asked with its envelope. */
  no_such_method: { rpc: -32601, http: 404, retryable: false },
  /** Headers and body contradict each other, or a header that must be there is not. */
  header_mismatch: { rpc: -32020, http: 400, retryable: false },
  /** The server needs something of the client that the request does not declare; `data.requiredCapabilities` says what. */
  missing_capability: { rpc: -32021, http: 400, retryable: false },
  /** `data.supported` says which revisions are spoken here. */
  unsupported_version: { rpc: -32022, http: 400, retryable: false },
} as const satisfies Record<string, Wire>

export type ErrorCode = keyof typeof WIRE

/** The one failure that our code throws. `data` goes to the client; the cause stays with us. */
export class GatewayError extends Error {
  readonly code: ErrorCode
  readonly data: unknown

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; data?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.name = 'GatewayError'
    this.code = code
    this.data = options.data
  }

  get wire(): Wire {
    return WIRE[this.code]
  }
}

/** Any failure as the error that a client gets, under a placeholder id. */
export function toReply(error: unknown): Message {
  const known = asGatewayError(error)
  return errorReply(known.wire.rpc, known.message, known.data)
}

/** Why something failed that had to precede a request: the request itself was not sent, so it can be made again. */
export function beforeSending(error: unknown): GatewayError {
  const known = asGatewayError(error)
  return known.code === 'interrupted' ? new GatewayError('unsent', known.message, { cause: known }) : known
}

export function asGatewayError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error
  return new GatewayError('internal', error instanceof Error ? error.message : String(error), { cause: error })
}
