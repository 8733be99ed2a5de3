/** The stateless era over stdio: requests of it come on the same line as those of a session, and are told apart one by one. */
import type { Engine } from '../gateway/engine.ts'
import type { Outlet } from '../gateway/questions.ts'
import type { Origin } from '../gateway/stateless/leases.ts'
import { StatelessRequest } from '../gateway/stateless/request.ts'
import { GatewayError, toReply } from '../protocol/errors.ts'
import type { Chunks, Message } from '../protocol/message.ts'

export class StatelessLine {
  readonly #engine: Engine
  readonly #origin: Origin
  readonly #outlet: Outlet
  /** By the client's id as JSON text. */
  readonly #underWay = new Map<string, StatelessRequest>()

  constructor(engine: Engine, origin: Origin, outlet: Outlet) {
    this.#engine = engine
    this.#origin = origin
    this.#outlet = outlet
  }

  /** The answer to a request; undefined where the client has taken it back. */
  async answer(message: Message): Promise<Chunks | undefined> {
    const { id } = message
    if (this.#underWay.has(id))
      return toReply(new GatewayError('invalid_request', `the id ${id} is in use by a request under way`)).withId(id)
    const request = new StatelessRequest(message, { origin: this.#origin, outlet: this.#outlet })
    this.#underWay.set(id, request)
    const reply = await this.#engine.stateless.answer(request)
    this.#underWay.delete(id)
    if (!reply || message.method !== 'subscriptions/listen') return reply?.message
    this.#outlet.send(reply.message)
    // A stream has no end of its own here, so its end has to be said (specification 2026-07-28: Subscriptions).
    return [Buffer.from(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${id}}}`)]
  }

  /** Takes a request back; false where none of these has that id. */
  cancel(notification: Message): boolean {
    const request = this.#underWay.get(notification.text(notification.requestIdStart, notification.requestIdEnd))
    const { reason } = notification.params
    request?.cancel(typeof reason === 'string' ? reason : 'cancelled by the client')
    return request !== undefined
  }
}
