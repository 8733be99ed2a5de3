/** The answer of a gateway that ends while it still works on a request, and how the bridge tells it from a server's. */
import { GatewayError } from './errors.ts'
import type { Message } from './message.ts'

const REASON = 'gateway_stopped'

/** Without it, a client that listens on a stream would wait for a gateway that is gone. */
export function farewell(): GatewayError {
  const message = 'the gateway was stopped while it worked on this request, which may have run'
  return new GatewayError('interrupted', message, { data: { reason: REASON } })
}

/** Whether an error says no more than that its gateway has ended. */
export function isFarewell({ body }: Message): boolean {
  const { data } = body as { data?: { reason?: unknown } | null }
  return typeof data === 'object' && data?.reason === REASON
}
