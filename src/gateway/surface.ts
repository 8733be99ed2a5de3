/** The lists that a session is shown: of tools all, or the meta-tools and what is pinned; the bytes are the same for the same catalog. */
import type { Catalog } from '../catalog/catalog.ts'
import type { Fit } from '../catalog/fit/fit.ts'
import { fitOf } from '../catalog/fit/fit-of.ts'
import { chooseSurface, type SurfaceChoice } from '../catalog/surface.ts'
import type { Log } from '../observe/log.ts'
import { estimateTokens } from '../observe/tokens.ts'
import { locateIn } from '../protocol/locate.ts'
import type { Message } from '../protocol/message.ts'
import { resultOf } from '../protocol/read.ts'
import { skipSpace } from '../protocol/scan.ts'
import { globMatcher } from '../std/glob.ts'
import type { Section } from '../upstream/listing.ts'
import { affordable, type Definitions } from './affordable.ts'
import type { Offer } from './endpoint.ts'
import { FittedLists, type LeftOut } from './fitted-lists.ts'
import type { Generation } from './generation.ts'
import type { ListCosts } from './list-costs.ts'
import { metaDefinitions, READ_RESULT, withoutOutputSchema } from './meta/definitions.ts'
import { serversOf } from './meta/servers.ts'
import { resultLimit } from './results/options.ts'
import type { Results } from './results/results.ts'
import type { Session } from './session.ts'
import type { Usage } from './usage.ts'

const FAVOURITES_MAX = 50
/** Said where the instructions of servers are cut. */
const REST = 'What is cut here, gateway_list_servers tells in full: give it the name of the server.'

/** What holds for a session: what it is shown, and what its client can take. */
interface Settled {
  readonly generation: Generation
  readonly endpoint: object
  readonly choice: SurfaceChoice
  readonly fit: Fit
  /** What `auto` stands for with the catalog of this moment. */
  auto?: { catalog: Catalog; mode: 'direct' | 'search' | undefined }
}

export class Surfaces {
  readonly #costs: ListCosts
  readonly #log: Log
  readonly #results: Pick<Results, 'able' | 'spilled'>
  readonly #fitted: FittedLists
  /** By session: what was chosen for it, good for one generation and endpoint. */
  readonly #settled = new WeakMap<Session, Settled>()
  /** By session: the list of tools that it keeps to its end, because its client would have all approved anew. */
  readonly #kept = new WeakMap<Session, Message>()
  readonly #warned = new WeakSet<Session>()
  /** By session: the list of tools that it was given last. */
  readonly #given = new WeakMap<Session, Message>()
  /** The lists that do not say what the results of tools consist of. */
  readonly #unpromising = new WeakSet<Message>()
  /** By catalog: the lists made of it, by what they differ in. */
  #ownLists = new WeakMap<Catalog, Map<string, Message>>()

  /** The tools that are used most, the most used first, as of the last quiet moment. */
  #favourites: readonly string[] = []

  constructor(costs: ListCosts, results: Pick<Results, 'able' | 'spilled'>, log: Log) {
    this.#costs = costs
    this.#results = results
    this.#log = log
    this.#fitted = new FittedLists(log)
  }

  /** Nobody has a list at this moment, so what it would promote may change without costing anybody anything. */
  quiet(usage: Usage): void {
    this.#favourites = usage.favourites(FAVOURITES_MAX)
    this.#ownLists = new WeakMap()
  }

  /** A list as this session is shown it, under a placeholder id; undefined while it is counted what it would cost. */
  list(session: Session, section: Section): Message | undefined {
    const { endpoint } = session
    const catalog = endpoint.catalog(session)
    if (section !== 'tools' || endpoint.name !== undefined) return catalog.list(section)
    const kept = this.#kept.get(session)
    if (kept) return kept
    const mode = this.mode(session)
    if (mode === undefined) return undefined
    if (mode === 'direct') this.#warnOfMany(session, catalog)
    const limited = this.resultLimit(session) !== undefined
    const spilled = this.#results.spilled(session)
    if (mode === 'direct' && !limited && !spilled) return this.#fitted.list(catalog, this.fit(session)).message
    return this.#ownList(session, { mode, limited, spilled })
  }

  /** The same list, waited for. */
  async settled(session: Session, section: Section): Promise<Message> {
    let list = this.list(session, section)
    while (!list) {
      await this.#costs.ready()
      list = this.list(session, section)
    }
    if (section === 'tools') this.#given.set(session, list)
    return list
  }

  /** Tokens that the result of a tool may take; undefined where every result passes whole. */
  resultLimit(session: Session, surface = this.mode(session)): number | undefined {
    const { endpoint, info } = session
    if (endpoint.name !== undefined || !this.#results.able) return undefined
    const { results } = endpoint.generation.options
    return resultLimit(results, { client: String(info.name ?? ''), surface, fit: this.fit(session) })
  }

  /**
   * Whether the list that the session was given says of a tool what its results consist of. A client that checks them by that
   * would refuse a preview, so lists leave it out where results may be kept; but a session may know the list of an earlier moment.
   */
  promisesStructure(session: Session, tool: string): boolean {
    const given = this.#given.get(session)
    const item = given && !this.#unpromising.has(given) ? session.endpoint.catalog(session).tools.get(tool)?.item : undefined
    return item !== undefined && locateIn(item.bytes, skipSpace(item.bytes, 0), ['outputSchema']) !== undefined
  }

  /** The session has been given its tools, and all its servers were up or had failed: a client that cannot bear changes keeps them. */
  given(session: Session, list: Message): void {
    if (this.fit(session).listChanges === 'resets') this.#kept.set(session, list)
  }

  /** What stands for `auto`; undefined while that is counted. */
  mode(session: Session): 'direct' | 'search' | undefined {
    const settled = this.#settle(session)
    if (session.endpoint.name !== undefined) return 'direct'
    if (settled.choice.mode !== 'auto') return settled.choice.mode
    const catalog = session.endpoint.catalog(session)
    // Calls ask for it, too, and a catalog never changes.
    if (settled.auto?.catalog !== catalog) settled.auto = { catalog, mode: undefined }
    settled.auto.mode ??= this.#auto(catalog, settled)
    return settled.auto.mode
  }

  #auto(catalog: Catalog, { choice: { budget }, fit }: Settled): 'direct' | 'search' | undefined {
    if (catalog.tools.size > (fit.toolsMax ?? Number.POSITIVE_INFINITY)) return 'search'
    // Most of those who have too many tools have far too many: then the long list need not even be made.
    if (this.#costs.certainlyExceeds(catalog.bytesMin('tools'), budget)) return 'search'
    const exceeds = this.#costs.exceeds(this.#fitted.list(catalog, fit).message.bytes, budget)
    return exceeds === undefined ? undefined : exceeds ? 'search' : 'direct'
  }

  choice(session: Session): SurfaceChoice {
    return this.#settle(session).choice
  }

  /** What the client of a session can take. */
  fit(session: Session): Fit {
    return this.#settle(session).fit
  }

  /** What this session is told of the gateway itself, and how much of the instructions of servers. */
  offer(session: Session): Offer {
    const { server = Number.POSITIVE_INFINITY, all = Number.POSITIVE_INFINITY } = this.fit(session).instructions ?? {}
    // Whoever is not shown the tool that tells the rest need not hear of it.
    const rest = (): string | undefined => (this.mode(session) === 'search' ? REST : undefined)
    const limits = { server, all: Math.min(all, session.endpoint.generation.options.catalog.instructions), rest }
    // What is kept can be read, whatever the servers have.
    const keeps = this.resultLimit(session, this.choice(session).mode === 'direct' ? 'direct' : 'search') !== undefined
    return { own: keeps ? { resources: {} } : {}, limits }
  }

  /** The tools that this session is not shown although it has all of them before it. */
  leftOut(session: Session): readonly LeftOut[] {
    if (session.endpoint.name !== undefined || this.mode(session) !== 'direct') return []
    return this.#fitted.list(session.endpoint.catalog(session), this.fit(session)).leftOut
  }

  #settle(session: Session): Settled {
    const { endpoint, wishes, info } = session
    const { generation } = endpoint
    const known = this.#settled.get(session)
    if (known?.generation === generation && known.endpoint === endpoint) return known
    const { surface, profiles, clients } = generation.options
    const profile = endpoint.profile === undefined ? undefined : profiles[endpoint.profile]?.surface
    const name = String(info.name ?? '')
    const choice = chooseSurface(surface, { client: name, asked: wishes.surface, profile })
    const fit = fitOf(clients, { name, version: String(info.version ?? '') })
    const settled: Settled = { generation, endpoint, choice, fit }
    this.#settled.set(session, settled)
    return settled
  }

  /** Whoever asked for all tools gets them, and is told once that the client does not take so many. */
  #warnOfMany(session: Session, catalog: Catalog): void {
    const { client, toolsMax = Number.POSITIVE_INFINITY } = this.fit(session)
    const tools = catalog.tools.size
    if (tools <= toolsMax || this.#warned.has(session)) return
    this.#warned.add(session)
    this.#log.warn({ client, tools, toolsMax }, 'a client is shown more tools than it takes, because its surface is `direct`')
  }

  #ownList(session: Session, kind: ListKind): Message {
    const { mode, limited, spilled } = kind
    const catalog = session.endpoint.catalog(session)
    const { pin, tiers, promote, budget } = this.choice(session)
    const fit = this.fit(session)
    const meta = mode === 'search' ? metaDefinitions(serversOf(session), tiers) : undefined
    const lists = this.#ownLists.get(catalog) ?? new Map<string, Message>()
    this.#ownLists.set(catalog, lists)
    const key = JSON.stringify([kind, meta && [pin, meta, promote && [budget, this.#favourites]], fit.key, fit.stayLoaded])
    const known = lists.get(key)
    if (known) return known
    const pinned = meta ? globMatcher(pin) : () => true
    const definitions: Definitions = (chosen) => {
      const whole = catalog.definitions('tools', chosen)
      return this.#fitted.definitions(limited ? whole.map(withoutOutputSchema) : whole, fit)
    }
    const own = (texts: readonly string[]): readonly string[] => stayingLoaded(this.#fitted.definitions(texts, fit), fit)
    const parts = [...own(meta ?? []), ...definitions(pinned)]
    if (meta && promote) {
      const names = this.#favourites.filter((name) => !pinned(name) && catalog.tools.has(name))
      parts.push(...affordable(definitions, names, budget - estimateTokens(parts.join(','))))
    }
    // Last, so that what a client has in its cache of prompts stays good.
    if (spilled) parts.push(...own([READ_RESULT]))
    const list = resultOf(`{"tools":[${parts.join(',')}]}`)
    if (limited) this.#unpromising.add(list)
    lists.set(key, list)
    return list
  }
}

/** What the lists of one catalog differ in. */
interface ListKind {
  mode: 'direct' | 'search'
  /** Results that are too large are kept. */
  limited: boolean
  /** One was kept. */
  spilled: boolean
}

/** A client that loads tools on demand has these at hand from the start: a search for the tool that searches helps nobody. */
function stayingLoaded(definitions: readonly string[], { stayLoaded }: Fit): readonly string[] {
  if (stayLoaded === undefined) return definitions
  return definitions.map((definition) => `${definition.slice(0, -1)},"_meta":${JSON.stringify({ [stayLoaded]: true })}}`)
}
