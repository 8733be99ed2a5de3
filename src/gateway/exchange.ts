/** A request of a client, while it is answered. */
import type { Asked, Exchange } from '../call/exchange.ts'
import type { GatewayError } from '../protocol/errors.ts'
import type { Chunks, Message } from '../protocol/message.ts'
import type { Era } from '../protocol/versions.ts'
import type { Outlet } from './questions.ts'
import type { Session } from './session.ts'

/** The way from a request back to its client. */
export interface Line extends Outlet {
  /** Asks the client, where that is not done by a request on the same way. */
  ask?(question: Message): Asked
  /** A server was refused this because the client cannot do it. */
  refused?(method: string): void
}

export class SessionExchange implements Exchange {
  readonly era: Era
  readonly request: Message
  readonly client: Session
  cancelled: string | undefined
  /** What the client gets where it has not cancelled this itself. */
  farewell: GatewayError | undefined
  onCancel: ((reason: string) => void) | undefined
  readonly #line: Line

  constructor(session: Session, request: Message, line: Line) {
    this.era = session.era
    this.client = session
    this.request = request
    this.#line = line
  }

  emit(message: Chunks): void {
    if (this.cancelled === undefined) this.#line.send(message)
  }

  ask(question: Message): Asked {
    return this.#line.ask?.(question) ?? this.client.questions.ask(question, this.#line)
  }

  refused(method: string): void {
    this.#line.refused?.(method)
  }

  /** Another request on behalf of this one: it ends with it, and what belongs to it goes the same way. */
  child(request: Message): SessionExchange {
    const child = new SessionExchange(this.client, request, this.#line)
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
