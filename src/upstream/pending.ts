/** The requests that a server has not answered yet, by our id, each with its patience. */

import type { Exchange } from '../call/exchange.ts'
import { beforeSending, GatewayError } from '../protocol/errors.ts'
import type { Chunks, Message } from '../protocol/message.ts'
import { TransientMap } from '../std/transient-map.ts'

export interface Pending {
  /** The client's request, undefined where the gateway itself asks. */
  readonly exchange: Exchange | undefined
  readonly timeoutMs: number
  /** Kept to send it again after the server has forgotten our session. */
  readonly chunks: Chunks
  readonly timer: NodeJS.Timeout
  /** The server may have it. */
  sent: boolean
  /** How often the server did not take it because it had forgotten our session. */
  refusals: number
  resolve(reply: Message): void
  reject(error: GatewayError): void
}

/** How long there has been somebody to ask, and when a client last asked or was answered. */
export interface Usage {
  since: number
  last: number
}

export class PendingRequests {
  readonly #byId = new TransientMap<number, Pending>()
  readonly usage: Usage = { since: Date.now(), last: Date.now() }
  readonly #late: (id: number, pending: Pending) => void

  /** `late` is told of each request that stayed silent for its whole timeout. */
  constructor(late: (id: number, pending: Pending) => void) {
    this.#late = late
  }

  get size(): number {
    return this.#byId.size
  }

  add(id: number, chunks: Chunks, timeoutMs: number, exchange: Exchange | undefined): Promise<Message> {
    if (exchange) this.usage.last = Date.now()
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const pending = this.#byId.get(id)
        if (pending) this.#late(id, pending)
      }, timeoutMs)
      this.#byId.set(id, { exchange, timeoutMs, chunks, timer, sent: false, refusals: 0, resolve, reject })
    })
  }

  has(id: number): boolean {
    return this.#byId.has(id)
  }

  get(id: number): Pending | undefined {
    return this.#byId.get(id)
  }

  /** Takes a request out, to be resolved or rejected. */
  settle(id: number): Pending | undefined {
    const pending = this.#byId.delete(id)
    if (!pending) return undefined
    clearTimeout(pending.timer)
    if (pending.exchange) {
      pending.exchange.onCancel = undefined
      this.usage.last = Date.now()
    }
    return pending
  }

  /** A request is about to leave; false where nobody waits for its answer any more. */
  sending(id: number): boolean {
    const pending = this.#byId.get(id)
    if (pending) pending.sent = true
    return pending !== undefined
  }

  /** A request gets no answer because the server did not take it. */
  failUnsent(id: number, error: GatewayError): void {
    this.settle(id)?.reject(beforeSending(error))
  }

  /** A request gets no answer. Where it was under way, nobody can tell how far the server got. */
  fail(id: number, error: GatewayError): void {
    const pending = this.settle(id)
    if (!pending) return
    if (!pending.sent) return pending.reject(beforeSending(error))
    if (!pending.exchange || error.code !== 'interrupted') return pending.reject(error)
    pending.reject(new GatewayError('interrupted', `the call may have run: ${error.message}`, { cause: error }))
  }

  /** The connection is gone. */
  failAll(error: GatewayError): void {
    for (const id of [...this.#byId.keys()]) this.fail(id, error)
  }

  /** The requests of clients, oldest first. */
  *exchanges(): Iterable<Exchange> {
    for (const pending of this.#byId.values()) if (pending.exchange) yield pending.exchange
  }
}
