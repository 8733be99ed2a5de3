/** Which resources of one server its clients watch: kept beside the instances, so that a new one hears of it. */
import type { Client } from '../call/exchange.ts'
import type { Instance } from './instance.ts'

/** A new instance should hear of a watched resource quickly. */
const TIMEOUT_MS = 10_000

export class Watches {
  /** By client: the server's URI and the one that the client knows. */
  readonly #byClient = new Map<Client, Map<string, string>>()

  /** The client watches a resource; the server has been told. */
  add(client: Client, uri: string, exposed: string): void {
    const watched = this.#byClient.get(client)
    if (watched) watched.set(uri, exposed)
    else this.#byClient.set(client, new Map([[uri, exposed]]))
  }

  delete(client: Client, uri: string): void {
    const watched = this.#byClient.get(client)
    watched?.delete(uri)
    if (watched?.size === 0) this.#byClient.delete(client)
  }

  /** The client is gone. */
  forget(client: Client): void {
    this.#byClient.delete(client)
  }

  has(client: Client): boolean {
    return this.#byClient.has(client)
  }

  /** Hands everything over to the watches of the server that takes this one's place. */
  moveTo(other: Watches): void {
    for (const [client, watched] of this.#byClient) for (const [uri, exposed] of watched) other.add(client, uri, exposed)
    this.#byClient.clear()
  }

  /** Tells an instance that has become the client's what the client watches. */
  async replay(client: Client, instance: Instance): Promise<void> {
    for (const [uri, exposed] of this.#byClient.get(client) ?? []) {
      if (instance.link.subscribe(client, uri, exposed)) await instance.ask('resources/subscribe', { uri }, TIMEOUT_MS)
    }
  }
}
