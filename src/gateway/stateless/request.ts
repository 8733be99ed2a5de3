/** One request of the stateless era as its transport brought it, and what the transport sends back. */
import { type Envelope, readEnvelope } from '../../protocol/envelope.ts'
import type { Chunks, Message } from '../../protocol/message.ts'
import type { Outlet } from '../questions.ts'
import type { Origin } from './leases.ts'

/** The value of an HTTP header by its lower-case name. */
export type HeaderOf = (name: string) => string | undefined

export class StatelessRequest {
  readonly message: Message
  readonly origin: Origin
  /** Takes what precedes the answer. */
  readonly outlet: Outlet
  /** Undefined where the transport has no headers. */
  readonly header: HeaderOf | undefined
  /** Why the client no longer wants the answer, undefined while it does. */
  cancelled: string | undefined
  onCancel: ((reason: string) => void) | undefined
  #envelope: Envelope | undefined

  constructor(message: Message, { origin, outlet, header }: { origin: Origin; outlet: Outlet; header?: HeaderOf }) {
    this.message = message
    this.origin = origin
    this.outlet = outlet
    this.header = header
  }

  /** What it says of its client. Throws `GatewayError` where it does not say that as it should. */
  get envelope(): Envelope {
    this.#envelope ??= readEnvelope(this.message)
    return this.#envelope
  }

  cancel(reason: string): void {
    if (this.cancelled !== undefined) return
    this.cancelled = reason
    this.onCancel?.(reason)
  }
}

export interface StatelessReply {
  /** Where the answer has not begun yet, the HTTP status that it is to have. */
  readonly status: number
  readonly message: Chunks
}
