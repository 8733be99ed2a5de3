/** One entry of `servers:` at work: its instances, who holds which, and what is known of it. */
import type { Client } from '../call/exchange.ts'
import type { Log } from '../observe/log.ts'
import { newTraffic, type Traffic } from '../observe/traffic.ts'
import { type Capabilities, NO_CAPABILITIES } from '../protocol/capabilities.ts'
import { GatewayError } from '../protocol/errors.ts'
import type { JsonObject } from '../protocol/message.ts'
import type { Children } from './children.ts'
import type { Instance, ServerIdentity } from './instance.ts'
import type { Listing } from './listing.ts'
import type { ServerOptions } from './options.ts'
import { instanceKey, isOwn, PLAIN } from './sharing.ts'
import { Slot, type SlotEvents } from './slot.ts'
import { Watches } from './watches.ts'

export type ServerState = 'disabled' | 'stopped' | 'starting' | 'ready' | 'failed'

export interface ServerSetup {
  name: string
  options: ServerOptions
  pages: number
  clientInfo: JsonObject
  log: Log
  children: Children
  /** Something that clients are shown of this server has changed. */
  changed(server: Server): void
  /** Some client may be shown other lists than before, because it holds another instance. */
  moved(): void
}

/** How long an instance that nobody holds stays, in case somebody comes back. */
const LINGER_MS = 60_000
const RETRY_MIN_MS = 1_000
const RETRY_MAX_MS = 60_000

export class Server {
  readonly name: string
  readonly options: ServerOptions
  readonly traffic: Traffic = newTraffic()
  /** What it last said of itself. */
  identity: ServerIdentity | undefined
  lastError: { message: string; at: number } | undefined
  readonly watches = new Watches()
  /** The last lists that any instance gave. */
  known: Listing | undefined
  /** It asks its clients things, so that each client needs an instance of its own. */
  asksClients = false
  readonly #setup: ServerSetup
  readonly #slots = new Map<string, Slot>()
  readonly #held = new Map<Client, Slot>()
  readonly #listings = new Map<string, Listing>()
  /** Instances on their way out. */
  readonly #ending = new Map<Instance, Promise<void>>()
  readonly #events: SlotEvents = {
    started: (slot, instance) => this.#started(slot, instance),
    failed: (slot, error) => this.#failed(slot, error),
    lost: (slot, error) => this.#lost(slot, error),
    asked: (slot) => this.#asked(slot),
    listed: (slot) => this.#listed(slot),
  }
  #failures = 0
  #retryAt = 0
  #closed = false

  constructor(setup: ServerSetup) {
    this.name = setup.name
    this.options = setup.options
    this.#setup = setup
  }

  get state(): ServerState {
    if (this.options.disabled) return 'disabled'
    const slots = [...this.#slots.values()]
    if (slots.some((slot) => slot.instance)) return 'ready'
    return slots.length > 0 ? 'starting' : this.lastError ? 'failed' : 'stopped'
  }

  get instances(): Instance[] {
    return [...this.#slots.values()].flatMap((slot) => slot.starting ?? [])
  }

  /** Starts an instance to learn what the server offers; resolves when its lists are read. */
  async learn(): Promise<void> {
    if (this.options.disabled) return
    const slot = this.#slots.get(PLAIN) ?? this.#open(PLAIN, NO_CAPABILITIES, this.#setup.clientInfo)
    await slot.ready
    await slot.settled()
  }

  /** The instance that serves this client, if it is ready at this moment. */
  held(client: Client): Instance | undefined {
    const slot = this.#held.get(client)
    return slot?.instance && !(this.asksClients && slot.clients.size > 1) ? slot.instance : undefined
  }

  /** The instance that serves this client, started where there is none. Throws `GatewayError` where it cannot be. */
  async acquire(client: Client): Promise<Instance> {
    const held = this.held(client)
    if (held) return held
    const slot = this.#slotFor(client)
    if (client.closed) throw new GatewayError('cancelled', 'the client is gone')
    if (this.#held.get(client) !== slot) this.#leave(client)
    this.#held.set(client, slot)
    this.#setup.moved()
    slot.clients.add(client)
    const instance = await slot.ready
    if (this.#held.get(client) !== slot) throw new GatewayError('cancelled', 'the client is gone')
    if (instance.link.clients.has(client)) return instance
    instance.link.clients.add(client)
    await instance.link.settleLevel(instance)
    await this.watches.replay(client, instance)
    return instance
  }

  /** The client has left. */
  release(client: Client): void {
    this.watches.forget(client)
    this.#leave(client)
  }

  /** What this client is shown: the lists of its own instance, else of one for clients like it, else of any. */
  listing(client: Client): Listing | undefined {
    return this.#held.get(client)?.listing ?? this.#listings.get(client.capabilities.key) ?? this.known
  }

  /** Makes sure that lists which change without announcement are no older than `ageMs`. */
  async refresh(client: Client, kind: 'tools' | 'prompts' | 'resources', ageMs: number): Promise<void> {
    const slot = this.#held.get(client) ?? [...this.#slots.values()].find((one) => one.instance)
    await slot?.refresh(kind, ageMs)
  }

  /** Waits until the lists of the client's own instance are read. */
  async listed(client: Client): Promise<void> {
    await this.acquire(client)
    await this.#held.get(client)?.settled()
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const slot of this.#slots.values()) this.#end(slot)
    await Promise.all(this.#ending.values())
  }

  #slotFor(client: Client): Slot {
    const key = instanceKey(client, this.options, this.asksClients)
    const held = this.#held.get(client)
    // Whoever came first keeps the instance when the server turns out to need one for each.
    const keeps = held && this.#slots.get(held.key) === held && [...held.clients][0] === client
    const slot = keeps ? held : this.#slots.get(key)
    return slot ?? this.#open(key, client.capabilities, isOwn(key) ? client.info : this.#setup.clientInfo)
  }

  #open(key: string, capabilities: Capabilities, clientInfo: JsonObject): Slot {
    const { name, options, children, log, pages } = this.#setup
    if (this.#closed) throw new GatewayError('unavailable', 'the gateway is shutting down')
    if (Date.now() < this.#retryAt && this.lastError) throw new GatewayError('unavailable', this.lastError.message)
    const limits = { pages, timeoutMs: options.timeout }
    const slot = new Slot({ key, capabilities, name, options, clientInfo, limits, children, log, events: this.#events })
    this.#slots.set(key, slot)
    slot.start()
    return slot
  }

  #started(slot: Slot, instance: Instance): void {
    this.identity = instance.identity
    this.lastError = undefined
    this.#failures = 0
    this.#setup.log.debug({ server: this.name, pid: instance.connection.pid }, 'server is up')
    void slot.learn().then(() => this.#retirePlain(slot))
  }

  #failed(slot: Slot, error: GatewayError): void {
    // Ended by us while it started, because its client left: no failure of the server.
    if (this.#slots.get(slot.key) !== slot) return
    this.#end(slot)
    this.lastError = { message: error.message, at: Date.now() }
    this.#retryAt = Date.now() + Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** this.#failures++)
    if (!this.#closed) this.#setup.log.warn({ server: this.name }, error.message)
  }

  #lost(slot: Slot, error: GatewayError): void {
    if (!slot.instance) return
    this.#remove(slot)
    this.lastError = { message: error.message, at: Date.now() }
    if (!this.#closed) this.#setup.log.warn({ server: this.name }, `${error.message}; it is started again when it is needed`)
    // Who watches a resource may do nothing but wait: for them it is needed now.
    const watching = [...slot.clients].filter((client) => this.watches.has(client))
    if (watching.length > 0) setTimeout(() => this.#return(watching), RETRY_MIN_MS).unref()
  }

  #return(clients: Client[]): void {
    for (const client of clients) {
      if (client.closed || this.#closed) continue
      this.acquire(client).catch((error) =>
        this.#setup.log.debug({ server: this.name, err: error }, 'a watched server stays away'),
      )
    }
  }

  #listed(slot: Slot): void {
    if (slot.listing) {
      this.known = slot.listing
      if (!isOwn(slot.key)) this.#listings.set(slot.capabilities.key, slot.listing)
    }
    this.#setup.changed(this)
  }

  #asked(slot: Slot): void {
    if (this.asksClients || slot.capabilities === NO_CAPABILITIES) return
    this.asksClients = true
    this.#setup.log.debug({ server: this.name }, 'the server asks its clients; each gets an instance of its own from now on')
  }

  /** The instance that only learned is in the way once there is one that serves. */
  #retirePlain(slot: Slot): void {
    const plain = this.#slots.get(PLAIN)
    if (plain && plain !== slot && plain.clients.size === 0) this.#end(plain)
  }

  #leave(client: Client): void {
    const slot = this.#held.get(client)
    if (!slot) return
    this.#held.delete(client)
    this.#setup.moved()
    slot.clients.delete(client)
    slot.instance?.link.detach(client, slot.instance)
    if (slot.clients.size > 0) return
    if (isOwn(slot.key)) return this.#end(slot)
    setTimeout(() => {
      if (slot.clients.size === 0 && this.#slots.get(slot.key) === slot && this.#slots.size > 1) this.#end(slot)
    }, LINGER_MS).unref()
  }

  #end(slot: Slot): void {
    this.#remove(slot)
    const instance = slot.starting
    if (!instance || this.#ending.has(instance)) return
    const closed = instance.close().finally(() => this.#ending.delete(instance))
    this.#ending.set(instance, closed)
  }

  #remove(slot: Slot): void {
    slot.close()
    if (this.#slots.get(slot.key) === slot) this.#slots.delete(slot.key)
    for (const client of slot.clients) if (this.#held.get(client) === slot) this.#held.delete(client)
  }
}
