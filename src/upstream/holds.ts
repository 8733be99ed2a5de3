/** Which client has which slot of a server. */
import type { Client } from '../call/exchange.ts'
import type { Slot } from './slot.ts'

export class Holds {
  readonly #byClient = new Map<Client, Slot>()
  readonly #moved: () => void

  /** `moved` is told when some client has another slot than before, or none. */
  constructor(moved: () => void) {
    this.#moved = moved
  }

  get(client: Client): Slot | undefined {
    return this.#byClient.get(client)
  }

  get clients(): Client[] {
    return [...this.#byClient.keys()]
  }

  take(client: Client, slot: Slot): void {
    this.#byClient.set(client, slot)
    slot.clients.add(client)
    this.#moved()
  }

  /** Lets the client go; gives the slot that it had. */
  drop(client: Client): Slot | undefined {
    const slot = this.#byClient.get(client)
    if (!slot) return undefined
    this.#byClient.delete(client)
    slot.clients.delete(client)
    slot.instance?.link.detach(client, slot.instance)
    this.#moved()
    return slot
  }

  /** The slot is of no use any more: its clients need another. */
  empty(slot: Slot): void {
    for (const client of slot.clients) if (this.#byClient.get(client) === slot) this.#byClient.delete(client)
  }
}
