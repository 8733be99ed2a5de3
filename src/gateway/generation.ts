/** One valid config at work: its servers, and the catalogs that clients are shown. It never changes; another takes its place. */
import type { Client } from '../call/exchange.ts'
import { Catalog, type Part } from '../catalog/catalog.ts'
import type { CatalogOptions } from '../catalog/options.ts'
import type { Listing } from '../upstream/listing.ts'
import type { Member } from './member.ts'

/** Clients differ in what they are shown by capabilities, of which there are a handful. */
const CATALOGS_MAX = 64

export class Generation {
  readonly members: ReadonlyMap<string, Member>
  readonly options: CatalogOptions
  readonly #catalogs = new Map<string, Catalog>()
  /** By client: the catalog it is shown, good until the epoch changes. */
  readonly #shown = new WeakMap<Client, { epoch: number; catalog: Catalog }>()
  #epoch = 0
  readonly #listingIds = new WeakMap<Listing, number>()
  #nextListingId = 1

  constructor(members: ReadonlyMap<string, Member>, options: CatalogOptions) {
    this.members = members
    this.options = options
  }

  /** What clients are shown may be other lists from now on. */
  moved(): void {
    this.#epoch++
  }

  /** What this client is shown of these servers. Equal lists give the same catalog, and so the same bytes. */
  catalog(client: Client, servers: Iterable<Member>, prefixed: boolean): Catalog {
    const shown = this.#shown.get(client)
    if (shown?.epoch === this.#epoch) return shown.catalog
    const catalog = this.#build(client, servers, prefixed)
    this.#shown.set(client, { epoch: this.#epoch, catalog })
    return catalog
  }

  #build(client: Client, servers: Iterable<Member>, prefixed: boolean): Catalog {
    const parts: Part[] = []
    for (const { server, allowed } of servers) {
      const listing = server.listing(client)
      if (listing) parts.push({ server: server.name, listing, allowed })
    }
    const key = `${prefixed} ${parts.map((part) => `${part.server} ${this.#listingId(part.listing)}`).join(' ')}`
    const known = this.#catalogs.get(key)
    if (known) return known
    const catalog = new Catalog(parts, { prefixed, lengthMax: this.options.name_length })
    if (this.#catalogs.size >= CATALOGS_MAX) this.#catalogs.delete(this.#catalogs.keys().next().value as string)
    this.#catalogs.set(key, catalog)
    return catalog
  }

  #listingId(listing: Listing): number {
    let id = this.#listingIds.get(listing)
    if (id === undefined) {
      id = this.#nextListingId++
      this.#listingIds.set(listing, id)
    }
    return id
  }
}
