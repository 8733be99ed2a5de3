/** What is known of a server without asking it: what it said of itself and its last lists, for each kind of client. */
import type { ServerIdentity } from './identity.ts'
import { type Listing, type Section, sameItems } from './listing.ts'

export interface Known {
  readonly identity: ServerIdentity
  readonly listing: Listing
}

/** Clients differ by capabilities, of which there are a handful, and by workspaces; more are not worth the memory. */
const KINDS_MAX = 16

/** Where it is kept from one run to the next. */
export interface KnowledgeStore {
  read(): Promise<[string, Known][]>
  write(kinds: Iterable<[string, Known]>): void
}

export class Knowledge {
  readonly #store: KnowledgeStore | undefined
  readonly #byKind = new Map<string, Known>()
  readonly #open: string | undefined
  #last: Known | undefined
  /** Something is known that the store does not have. */
  #unsaved = false

  /** Where only one kind may be shown to every client, that is `open`; where it is undefined, all may. */
  constructor(open?: string, store?: KnowledgeStore) {
    this.#open = open
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

  /** What is good enough for a client of whose kind nothing is known. */
  get common(): Known | undefined {
    return this.#open === undefined ? this.#last : this.for(this.#open)
  }

  for(kind: string | undefined): Known | undefined {
    return kind === undefined ? undefined : this.#byKind.get(kind)
  }

  /** Takes in what an instance told. Returns the same lists as before where they say the same, so that nothing moves. */
  learn(kind: string, { identity, listing }: Known): { listing: Listing; news: boolean } {
    const before = this.for(kind)
    const equal = [before, ...this.#byKind.values()].find((known) => known && sameListing(known.listing, listing))
    const known = { identity, listing: equal?.listing ?? listing }
    this.#keep(kind, known)
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
    const oldest = [...this.#byKind.keys()].find((one) => one !== this.#open)
    if (this.#byKind.size > KINDS_MAX && oldest !== undefined) this.#byKind.delete(oldest)
  }
}

function sameListing(a: Listing, b: Listing): boolean {
  return (Object.keys(a) as Section[]).every((section) => sameItems(a[section], b[section]))
}
