/** What is known of a server without asking it: what it said of itself and its last lists, for each kind of client. */
import type { Capabilities } from '../protocol/capabilities.ts'
import type { ServerIdentity } from './identity.ts'
import { type Listing, type Section, sameItems } from './listing.ts'

export interface Known {
  readonly identity: ServerIdentity
  readonly listing: Listing
}

/** Clients differ by capabilities, of which there are a handful; more are not worth the memory. */
const KINDS_MAX = 16

export class Knowledge {
  /** By capabilities. */
  readonly #byKind = new Map<string, Known>()
  #last: Known | undefined

  constructor(remembered: Iterable<[string, Known]> = []) {
    for (const [kind, known] of remembered) this.#keep(kind, known)
  }

  /** What the last instance of any kind told. */
  get last(): Known | undefined {
    return this.#last
  }

  for(capabilities: Capabilities): Known | undefined {
    return this.#byKind.get(capabilities.key)
  }

  kinds(): Iterable<[string, Known]> {
    return this.#byKind
  }

  /** Takes in what an instance told. Returns the same lists as before where they say the same, so that nothing moves. */
  learn(capabilities: Capabilities, identity: ServerIdentity, listing: Listing): { listing: Listing; news: boolean } {
    const equal = [this.for(capabilities), ...this.#byKind.values()].find((known) => known && sameListing(known.listing, listing))
    const known = { identity, listing: equal?.listing ?? listing }
    const before = this.for(capabilities)
    this.#keep(capabilities.key, known)
    const news = before?.listing !== known.listing || JSON.stringify(before.identity) !== JSON.stringify(identity)
    return { listing: known.listing, news }
  }

  #keep(kind: string, known: Known): void {
    this.#byKind.delete(kind)
    this.#byKind.set(kind, known)
    this.#last = known
    if (this.#byKind.size > KINDS_MAX) this.#byKind.delete(this.#byKind.keys().next().value as string)
  }
}

function sameListing(a: Listing, b: Listing): boolean {
  return (Object.keys(a) as Section[]).every((section) => sameItems(a[section], b[section]))
}
