/** A place for one instance of a server: who uses it, and the last lists it gave. */
import type { Client } from '../call/exchange.ts'
import type { Log } from '../observe/log.ts'
import { asGatewayError, type GatewayError } from '../protocol/errors.ts'
import type { JsonObject, Message } from '../protocol/message.ts'
import type { CacheHint } from '../protocol/results.ts'
import type { Children } from './children.ts'
import type { ServerIdentity } from './identity.ts'
import type { Instance } from './instance.ts'
import type { ListKind } from './instance-setup.ts'
import { EMPTY_LISTING, type Item, type Listing, type ListLimits, readSection, type Section, sameItems } from './listing.ts'
import type { ServerOptions } from './options.ts'
import type { Seat } from './sharing.ts'
import { startInstance } from './start.ts'

/** Servers announce changes in bursts; they are read once the burst is over, or has lasted this long. */
const QUIET_MS = 50
const BURST_MS = 1_000

/** Between attempts to read a list that could not be read. */
const RETRY_MIN_MS = 1_000
const RETRY_MAX_MS = 60_000

const SECTIONS_OF: Record<ListKind, Section[]> = { tools: ['tools'], prompts: ['prompts'], resources: ['resources', 'templates'] }
const ALL_SECTIONS: Section[] = ['tools', 'prompts', 'resources', 'templates']

export interface SlotSetup {
  seat: Seat
  name: string
  options: ServerOptions
  clientInfo: JsonObject
  limits: ListLimits
  log: Log
  children: Children
  events: SlotEvents
}

export interface SlotEvents {
  started(slot: Slot, instance: Instance): void
  failed(slot: Slot, error: GatewayError): void
  /** The instance ended of itself. */
  lost(slot: Slot, error: GatewayError): void
  /** The server asked a client something. */
  asked(slot: Slot): void
  /** The lists changed in fact, not only by announcement. */
  listed(slot: Slot): void
  /** The lists that are known from other instances or another day. */
  known(slot: Slot): Listing | undefined
  /** What the server said of itself last. */
  met(): ServerIdentity | undefined
}

export class Slot {
  readonly seat: Seat
  readonly clients = new Set<Client>()
  /** Settled when the instance has shaken hands, or cannot. */
  ready: Promise<Instance> = Promise.reject(new Error('not started'))
  /** The instance once it is ready. */
  instance: Instance | undefined
  /** The instance from its first moment on. */
  starting: Instance | undefined
  /** The last lists, undefined until the first were read. */
  listing: Listing | undefined
  readonly #setup: SlotSetup
  readonly #listedAt = new Map<Section, number>()
  readonly #hints = new Map<Section, CacheHint | undefined>()
  #announced = new Set<Section>()
  #timer: NodeJS.Timeout | undefined
  #burstStart = 0
  /** What could not be read when it was last tried. */
  readonly #unread = new Set<Section>()
  #retry: NodeJS.Timeout | undefined
  #retries = 0
  #reading: Promise<void> = Promise.resolve()
  #closed = false

  constructor(setup: SlotSetup) {
    this.seat = setup.seat
    this.#setup = setup
    this.ready.catch(() => {
      // The placeholder until the start is under way.
    })
  }

  get key(): string {
    return this.seat.key
  }

  /** Whether it is for the folders that the client works in now. */
  fits({ workspace }: Client): boolean {
    return this.seat.roots === undefined || this.seat.roots.id === workspace.roots?.id
  }

  /** Starts the instance; `ready` tells how that ends. */
  start(): void {
    const { name, options, seat, clientInfo, children, log, events } = this.#setup
    const begun = (instance: Instance): void => {
      this.starting = instance
    }
    const heard = {
      listChanged: (kind: ListKind) => this.announce(kind),
      updated: (notification: Message) => this.instance?.link.updated(notification),
      asked: () => events.asked(this),
      closed: (error: GatewayError) => events.lost(this, error),
    }
    const tools = (): readonly Item[] => (this.listing ?? events.known(this) ?? EMPTY_LISTING).tools
    const relist = (): Promise<void> => this.#read(['tools'])
    const wanted = (): boolean => !this.#closed
    const own = { name, options, seat, clientInfo, children, log, begun, tools, relist, wanted, events: heard }
    this.ready = startInstance({ ...own, met: events.met() }).then(
      (instance) => {
        this.instance = instance
        events.started(this, instance)
        return instance
      },
      (error) => {
        const reason = asGatewayError(error)
        events.failed(this, reason)
        throw reason
      },
    )
    this.ready.catch(() => {
      // Told above; whoever waits for the instance gets the error too.
    })
  }

  /** Reads everything that the server offers. */
  learn(): Promise<void> {
    return this.#read(ALL_SECTIONS)
  }

  /** The server says that a list has changed. */
  announce(kind: ListKind): void {
    for (const section of SECTIONS_OF[kind]) this.#announced.add(section)
    const now = Date.now()
    if (!this.#timer) this.#burstStart = now
    if (this.#timer && now - this.#burstStart > BURST_MS) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#readAnnounced(), QUIET_MS)
    this.#timer.unref()
  }

  /**
   * Makes sure that a list is as the server says. Where it would not say that the list changed, it is read again when the last
   * reading is older than `ageMs`.
   */
  async refresh(kind: ListKind, ageMs: number): Promise<void> {
    const declared = this.instance?.identity?.capabilities[kind]
    if (!this.instance) return
    // Whoever asks after a change was announced must not be shown the list from before it.
    if (SECTIONS_OF[kind].some((section) => this.#announced.has(section))) return this.#readAnnounced()
    const announces = (declared as { listChanged?: boolean } | undefined)?.listChanged === true
    const old = (section: Section): boolean =>
      !announces && this.#age(section) > Math.max(ageMs, this.#hints.get(section)?.ttlMs ?? 0)
    const due = SECTIONS_OF[kind].filter((section) => this.#unread.has(section) || old(section))
    if (due.length === 0) return this.listing && this.#reading
    await this.#read(due)
  }

  /** How long a list may be kept from now on, where the server said so when it was read. */
  hint(section: Section): CacheHint | undefined {
    const hint = this.#hints.get(section)
    return hint && { ...hint, ttlMs: Math.max(0, hint.ttlMs - this.#age(section)) }
  }

  /** Every list was read or known before: there is nothing in it that only says that a list could not be read. */
  get complete(): boolean {
    return this.#listedAt.size === ALL_SECTIONS.length
  }

  /** Whether a reading of lists is under way. */
  settled(): Promise<void> {
    return this.#reading
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    clearTimeout(this.#retry)
  }

  #age(section: Section): number {
    return Date.now() - (this.#listedAt.get(section) ?? 0)
  }

  #readAnnounced(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const sections = [...this.#announced]
    this.#announced = new Set()
    return this.#read(sections)
  }

  #read(sections: Section[]): Promise<void> {
    this.#reading = this.#reading.then(() => this.#readNow(sections))
    return this.#reading
  }

  async #readNow(sections: Section[]): Promise<void> {
    const { instance } = this
    if (!instance || instance.closed) return
    const { limits, log } = this.#setup
    const before = this.listing ?? this.#known()
    const after: Listing = { ...before }
    let changed = false
    const read = async (section: Section): Promise<void> => {
      try {
        const { items, hint } = await readSection(instance, section, limits, log)
        this.#listedAt.set(section, Date.now())
        this.#hints.set(section, hint)
        this.#unread.delete(section)
        if (this.listing && sameItems(before[section], items)) return
        Object.assign(after, { [section]: items })
        changed = true
      } catch (error) {
        this.#unread.add(section)
        // What was known stays known: a list that cannot be read now is no reason to take tools away.
        if (!instance.closed) log.warn({ server: instance.name, err: error as Error }, 'a list could not be read')
      }
    }
    const wasComplete = this.complete
    await Promise.all(sections.map(read))
    if (this.#unread.size === 0) this.#retries = 0
    else if (!instance.closed) this.#readLater()
    if (!changed && this.complete === wasComplete) return
    this.listing = after
    this.#setup.events.listed(this)
  }

  /** What the first reading starts from. */
  #known(): Listing {
    const known = this.#setup.events.known(this)
    if (known) for (const section of ALL_SECTIONS) this.#listedAt.set(section, 0)
    return known ?? EMPTY_LISTING
  }

  /** Nobody may ask for the lists again, and the server may have announced its change already. */
  #readLater(): void {
    clearTimeout(this.#retry)
    const ms = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** this.#retries++)
    this.#retry = setTimeout(() => void this.#read([...this.#unread]), ms).unref()
  }
}
