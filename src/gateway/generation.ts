/** One valid config at work: its servers, the handler of each, and the catalogs that clients are shown. */

import { compose, type Handler } from '../call/call.ts'
import type { Client } from '../call/exchange.ts'
import { Catalog, type Part } from '../catalog/catalog.ts'
import type { CatalogOptions } from '../catalog/options.ts'
import { interceptors } from '../interceptors/order.ts'
import type { Log } from '../observe/log.ts'
import type { JsonObject } from '../protocol/message.ts'
import { globMatcher } from '../std/glob.ts'
import type { Children } from '../upstream/children.ts'
import type { Listing } from '../upstream/listing.ts'
import type { ServerOptions } from '../upstream/options.ts'
import { Server } from '../upstream/server.ts'

export interface GenerationSetup {
  servers: Record<string, ServerOptions>
  catalog: CatalogOptions
  clientInfo: JsonObject
  log: Log
  children: Children
  changed(server: Server): void
}

/** A server with what the generation settled for it. */
export interface Member {
  readonly server: Server
  readonly handler: Handler
  readonly allowed: (tool: string) => boolean
}

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

  constructor(setup: GenerationSetup) {
    this.options = setup.catalog
    const members = Object.entries(setup.servers).filter(([, options]) => !options.disabled)
    this.members = new Map(members.map(([name, options]) => [name, this.#member(name, options, setup)]))
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

  async close(): Promise<void> {
    await Promise.all([...this.members.values()].map(({ server }) => server.close()))
  }

  #listingId(listing: Listing): number {
    let id = this.#listingIds.get(listing)
    if (id === undefined) {
      id = this.#nextListingId++
      this.#listingIds.set(listing, id)
    }
    return id
  }

  #member(name: string, options: ServerOptions, setup: GenerationSetup): Member {
    const { clientInfo, children, log, catalog } = setup
    const moved = (): void => {
      this.#epoch++
    }
    const changed = (server: Server): void => {
      moved()
      setup.changed(server)
    }
    const server = new Server({ name, options, pages: catalog.pages, clientInfo, children, log, changed, moved })
    const allow = options.tools.allow ? globMatcher(options.tools.allow) : () => true
    const deny = globMatcher(options.tools.deny)
    const innermost: Handler = async ({ exchange, edits }) => {
      const instance = server.held(exchange.client) ?? (await server.acquire(exchange.client))
      return instance.request(exchange, edits, options.timeout)
    }
    const handler = compose(interceptors({ traffic: server.traffic }), innermost)
    return { server, handler, allowed: (tool) => allow(tool) && !deny(tool) }
  }
}
