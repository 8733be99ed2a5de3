/** One valid config at work: its servers, and the catalogs that clients are shown. It never changes; another takes its place. */
import type { Client } from '../call/exchange.ts'
import { Catalog, type Part } from '../catalog/catalog.ts'
import type { ClientOptions } from '../catalog/fit/options.ts'
import type { CatalogOptions } from '../catalog/options.ts'
import type { ProfileOptions, SurfaceOptions } from '../catalog/surface.ts'
import type { Listing } from '../upstream/listing.ts'
import type { Member } from './member.ts'
import type { ResultsOptions } from './results/options.ts'

/** Clients differ in what they are shown by capabilities and profiles, of which there are a handful. */
const CATALOGS_MAX = 64

/** What the config says of how servers are shown. */
export interface ShowOptions {
  catalog: CatalogOptions
  surface: SurfaceOptions
  profiles: Record<string, ProfileOptions>
  /** By glob of the name that clients give of themselves. */
  clients: Record<string, ClientOptions>
  results: ResultsOptions
}

/** Which servers a catalog is made of, under which names. */
export interface Scope {
  /** Equal scopes have equal keys; they need not have equal members. */
  key: string
  members: Iterable<Member>
  prefixed: boolean
}

export class Generation {
  readonly members: ReadonlyMap<string, Member>
  readonly options: ShowOptions
  readonly #catalogs = new Map<string, Catalog>()
  /** By client: the catalog it is shown, good until the epoch changes. */
  readonly #shown = new WeakMap<Client, { epoch: number; scope: string; catalog: Catalog }>()
  #epoch = 0
  readonly #listingIds = new WeakMap<Listing, number>()
  #nextListingId = 1

  constructor(members: ReadonlyMap<string, Member>, options: ShowOptions) {
    this.members = members
    this.options = options
  }

  /** What clients are shown may be other lists from now on. */
  moved(): void {
    this.#epoch++
  }

  /** What this client is shown of these servers. Equal lists give the same catalog, and so the same bytes. */
  catalog(client: Client, scope: Scope): Catalog {
    const shown = this.#shown.get(client)
    if (shown?.epoch === this.#epoch && shown.scope === scope.key) return shown.catalog
    const catalog = this.#build(client, scope)
    this.#shown.set(client, { epoch: this.#epoch, scope: scope.key, catalog })
    return catalog
  }

  #build(client: Client, { key: scope, members, prefixed }: Scope): Catalog {
    const parts: Part[] = []
    for (const { server, allowed } of members) {
      const listing = server.shown.listing(client)
      if (listing) parts.push({ server: server.name, listing, allowed })
    }
    const key = `${scope} ${parts.map((part) => `${part.server} ${this.#listingId(part.listing)}`).join(' ')}`
    const known = this.#catalogs.get(key)
    if (known) return known
    const catalog = new Catalog(parts, { prefixed, lengthMax: this.options.catalog.name_length })
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
