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

/** Where it is kept from one run to the next. */
export interface KnowledgeStore {
  read(): Promise<[string, Known][]>
  write(kinds: Iterable<[string, Known]>): void
}

export class Knowledge {
  readonly #store: KnowledgeStore | undefined
  /** By capabilities. */
  readonly #byKind = new Map<string, Known>()
  #last: Known | undefined
  /** Something is known that the store does not have. */
  #unsaved = false

  constructor(store?: KnowledgeStore) {
    this.#store = store
  }

  /** Recalls what earlier runs have learned; false where that is nothing. */
  async recall(): Promise<boolean> {
    for (const [kind, known] of (await this.#store?.read()) ?? []) this.#keep(kind, known)
    return this.#last !== undefined
  }

  /** What the last instance of any kind told. */
  get last(): Known | undefined {
    return this.#last
  }

  for(capabilities: Capabilities): Known | undefined {
    return this.#byKind.get(capabilities.key)
  }

  /** Takes in what an instance told. Returns the same lists as before where they say the same, so that nothing moves. */
  learn(capabilities: Capabilities, { identity, listing }: Known): { listing: Listing; news: boolean } {
    const equal = [this.for(capabilities), ...this.#byKind.values()].find((known) => known && sameListing(known.listing, listing))
    const known = { identity, listing: equal?.listing ?? listing }
    const before = this.for(capabilities)
    this.#keep(capabilities.key, known)
    const news = before?.listing !== known.listing || JSON.stringify(before.identity) !== JSON.stringify(identity)
    this.#unsaved ||= news
    return { listing: known.listing, news }
  }

  /** Keeps what is known for the next run. */
  save(): void {
    if (this.#unsaved) this.#store?.write(this.#byKind)
    this.#unsaved = false
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
