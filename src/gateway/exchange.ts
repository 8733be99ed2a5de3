/** A request of a client of the session era, while it is answered. */
import type { Asked, Exchange } from '../call/exchange.ts'
import type { GatewayError } from '../protocol/errors.ts'
import type { Chunks, Message } from '../protocol/message.ts'
import type { Outlet } from './questions.ts'
import type { Session } from './session.ts'

export class SessionExchange implements Exchange {
  readonly era = 'session'
  readonly request: Message
  readonly client: Session
  cancelled: string | undefined
  /** What the client gets where it has not cancelled this itself. */
  farewell: GatewayError | undefined
  onCancel: ((reason: string) => void) | undefined
  readonly #outlet: Outlet

  constructor(session: Session, request: Message, outlet: Outlet) {
    this.client = session
    this.request = request
    this.#outlet = outlet
  }

  emit(message: Chunks): void {
    if (this.cancelled === undefined) this.#outlet.send(message)
  }

  ask(question: Message): Asked {
    return this.client.questions.ask(question, this.#outlet)
  }

  /** Another request on behalf of this one: it ends with it, and what belongs to it goes the same way. */
  child(request: Message): SessionExchange {
    const child = new SessionExchange(this.client, request, this.#outlet)
    if (this.cancelled !== undefined) child.cancel(this.cancelled)
    this.onCancel = (reason) => child.cancel(reason)
    return child
  }

  cancel(reason: string, farewell?: GatewayError): void {
    if (this.cancelled !== undefined) return
    this.cancelled = reason
    this.farewell = farewell
    this.onCancel?.(reason)
  }
}
