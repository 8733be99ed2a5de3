/** The kernel of the call pipeline: a call travels along its route through handlers that were composed beforehand. */
import type { Edit, Message } from '../protocol/message.ts'
import type { Exchange } from './exchange.ts'

/** One exposed name, resolved. */
export interface Route {
  /** The server it leads to. */
  readonly server: string
  /** The name or URI as the server knows it. */
  readonly target: string
  readonly handler: Handler
}

export interface Call {
  readonly route: Route
  readonly exchange: Exchange
  /** What must stand elsewise in the request before the server gets it, beside the id and the progress token. */
  readonly edits: Edit[]
}

/** Answers a call with a result or an error of the server, under any id; throws `GatewayError` where there is no answer. */
export type Handler = (call: Call) => Promise<Message>

/** One step around the rest of the chain. */
export type Interceptor = (next: Handler) => Handler

/** The chain of these interceptors, the first outermost. What is off is undefined and leaves no trace. */
export function compose(interceptors: readonly (Interceptor | undefined)[], innermost: Handler): Handler {
  let handler = innermost
  for (const interceptor of interceptors.toReversed()) if (interceptor) handler = interceptor(handler)
  return handler
}
