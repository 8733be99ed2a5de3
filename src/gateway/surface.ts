/** The lists that a session is shown: of tools all, or the meta-tools and what is pinned; the bytes are the same for the same catalog. */
import type { Catalog } from '../catalog/catalog.ts'
import { chooseSurface, type SurfaceChoice } from '../catalog/surface.ts'
import { estimateTokens } from '../observe/tokens.ts'
import type { Message } from '../protocol/message.ts'
import { resultOf } from '../protocol/read.ts'
import { globMatcher } from '../std/glob.ts'
import type { Section } from '../upstream/listing.ts'
import type { Generation } from './generation.ts'
import type { ListCosts } from './list-costs.ts'
import { metaDefinitions } from './meta/definitions.ts'
import { serversOf } from './meta/servers.ts'
import type { Session } from './session.ts'
import type { Usage } from './usage.ts'

const FAVOURITES_MAX = 50

export class Surfaces {
  readonly #costs: ListCosts
  /** By session: what was chosen for it, good for one generation and endpoint. */
  readonly #choices = new WeakMap<Session, { generation: Generation; endpoint: object; choice: SurfaceChoice }>()
  /** By catalog: the lists made of it, by what they differ in. */
  #searchLists = new WeakMap<Catalog, Map<string, Message>>()

  /** The tools that are used most, the most used first, as of the last quiet moment. */
  #favourites: readonly string[] = []

  constructor(costs: ListCosts) {
    this.#costs = costs
  }

  /** Nobody has a list at this moment, so what it would promote may change without costing anybody anything. */
  quiet(usage: Usage): void {
    this.#favourites = usage.favourites(FAVOURITES_MAX)
    this.#searchLists = new WeakMap()
  }

  /** A list as this session is shown it, under a placeholder id; undefined while it is counted what it would cost. */
  list(session: Session, section: Section): Message | undefined {
    const catalog = session.endpoint.catalog(session)
    if (section !== 'tools') return catalog.list(section)
    const mode = this.mode(session)
    if (mode === 'direct') return catalog.list('tools')
    return mode && this.#searchList(session, catalog)
  }

  /** The same list, waited for. */
  async settled(session: Session, section: Section): Promise<Message> {
    let list = this.list(session, section)
    while (!list) {
      await this.#costs.ready()
      list = this.list(session, section)
    }
    return list
  }

  /** What stands for `auto`; undefined while that is counted. */
  mode(session: Session): 'direct' | 'search' | undefined {
    const { mode, budget } = this.choice(session)
    if (session.endpoint.name !== undefined) return 'direct'
    if (mode !== 'auto') return mode
    const catalog = session.endpoint.catalog(session)
    // Most of those who have too many tools have far too many: then the long list need not even be made.
    if (this.#costs.certainlyExceeds(catalog.bytesMin('tools'), budget)) return 'search'
    const exceeds = this.#costs.exceeds(catalog.list('tools').bytes, budget)
    return exceeds === undefined ? undefined : exceeds ? 'search' : 'direct'
  }

  choice(session: Session): SurfaceChoice {
    const { endpoint, wishes, info } = session
    const { generation } = endpoint
    const known = this.#choices.get(session)
    if (known?.generation === generation && known.endpoint === endpoint) return known.choice
    const { surface, profiles } = generation.options
    const profile = endpoint.profile === undefined ? undefined : profiles[endpoint.profile]?.surface
    const choice = chooseSurface(surface, { client: String(info.name ?? ''), asked: wishes.surface, profile })
    this.#choices.set(session, { generation, endpoint, choice })
    return choice
  }

  #searchList(session: Session, catalog: Catalog): Message {
    const { pin, tiers, promote, budget } = this.choice(session)
    const definitions = metaDefinitions(serversOf(session), tiers)
    const lists = this.#searchLists.get(catalog) ?? new Map<string, Message>()
    this.#searchLists.set(catalog, lists)
    const key = JSON.stringify([pin, definitions, promote && [budget, this.#favourites]])
    let list = lists.get(key)
    if (!list) {
      const pinned = globMatcher(pin)
      const parts = [...definitions, ...catalog.definitions('tools', pinned)]
      const room = (): number => budget - estimateTokens(parts.join(','))
      const promoted = promote ? affordable(catalog, this.#favourites, pinned, room()) : []
      list = resultOf(`{"tools":[${[...parts, ...promoted].join(',')}]}`)
      lists.set(key, list)
    }
    return list
  }
}

/** The definitions of the most used tools that fit the room, in the order of the catalog. */
function affordable(catalog: Catalog, favourites: readonly string[], pinned: (name: string) => boolean, room: number): string[] {
  const chosen = new Set<string>()
  let left = room
  for (const name of favourites) {
    if (pinned(name) || !catalog.tools.has(name)) continue
    left -= estimateTokens(catalog.definitions('tools', (one) => one === name).join())
    if (left < 0) break
    chosen.add(name)
  }
  return catalog.definitions('tools', (name) => chosen.has(name))
}
