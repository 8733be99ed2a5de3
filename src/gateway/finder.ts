/** Searches the tools that a session may use. An index is made when a catalog is first searched, and what has not changed is kept. */
import type { Catalog } from '../catalog/catalog.ts'
import type { Hit, Search, SearchOptions } from '../catalog/search/search.ts'
import type { buildIndex as BuildIndex, SearchIndex } from '../catalog/search/search-index.ts'

interface Means {
  search: Search
  buildIndex: typeof BuildIndex
}

export class Finder {
  readonly #indexes = new WeakMap<Catalog, SearchIndex>()
  #last: SearchIndex | undefined
  #means: Promise<Means> | undefined

  /** The tools of a catalog that fit a query, the best first. */
  async find(catalog: Catalog, query: string, options: SearchOptions): Promise<Hit[]> {
    this.#means ??= load()
    const means = await this.#means
    return means.search(this.#indexOf(catalog, means), query, options)
  }

  #indexOf(catalog: Catalog, { buildIndex }: Means): SearchIndex {
    const known = this.#indexes.get(catalog)
    if (known) return known
    const index = buildIndex(catalog.tools.values(), this.#last)
    this.#indexes.set(catalog, index)
    this.#last = index
    return index
  }
}

/** Not with the gateway: many are never searched, and the lists of words take their time. */
async function load(): Promise<Means> {
  const [{ openSearch }, { buildIndex }] = await Promise.all([
    import('../catalog/search/search.ts'),
    import('../catalog/search/search-index.ts'),
  ])
  return { search: openSearch(), buildIndex }
}
