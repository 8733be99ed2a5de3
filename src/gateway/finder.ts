/** Searches the tools that a session may use. An index is made when a catalog is first searched, and what has not changed is kept. */
import type { Catalog } from '../catalog/catalog.ts'
import { type Hit, openSearch, type Search, type SearchOptions } from '../catalog/search/search.ts'
import { buildIndex, type SearchIndex } from '../catalog/search/search-index.ts'

export class Finder {
  readonly #indexes = new WeakMap<Catalog, SearchIndex>()
  #last: SearchIndex | undefined
  #search: Search | undefined

  /** The tools of a catalog that fit a query, the best first. */
  find(catalog: Catalog, query: string, options: SearchOptions): Hit[] {
    this.#search ??= openSearch()
    return this.#search(this.#indexOf(catalog), query, options)
  }

  #indexOf(catalog: Catalog): SearchIndex {
    const known = this.#indexes.get(catalog)
    if (known) return known
    const index = buildIndex(catalog.tools.values(), this.#last)
    this.#indexes.set(catalog, index)
    this.#last = index
    return index
  }
}
