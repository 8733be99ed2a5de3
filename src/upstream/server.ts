/** One entry of `servers:` at work: its instances, who holds which, and what is known of it. */
import type { Client } from '../call/exchange.ts'
import type { Traffic } from '../observe/traffic.ts'
import { type Capabilities, NO_CAPABILITIES } from '../protocol/capabilities.ts'
import { GatewayError } from '../protocol/errors.ts'
import type { JsonObject } from '../protocol/message.ts'
import { InFlight } from '../std/in-flight.ts'
import { Failures } from './failures.ts'
import { Holds } from './holds.ts'
import type { Instance, ServerIdentity } from './instance.ts'
import { Leaving } from './leaving.ts'
import type { Listing, ListLimits } from './listing.ts'
import type { ServerOptions } from './options.ts'
import type { ServerSetup, ServerState } from './server-setup.ts'
import { instanceKey, isOwn, PLAIN } from './sharing.ts'
import { Slot, type SlotEvents } from './slot.ts'
import { Watches } from './watches.ts'

/** How long an instance that nobody holds stays, in case somebody comes back. */
const LINGER_MS = 60_000
/** How long those who watch a resource go without their server before it is started again for them. */
const RETURN_MS = 1_000

export class Server {
  readonly name: string
  readonly traffic: Traffic
  /** The calls that wait for it or that it works on. */
  readonly underWay = new InFlight()
  /** What it last said of itself. */
  identity: ServerIdentity | undefined
  readonly failures = new Failures()
  readonly watches = new Watches()
  /** The last lists that any instance gave. */
  known: Listing | undefined
  /** It asks its clients things, so that each client needs an instance of its own. */
  asksClients = false
  readonly #setup: ServerSetup
  readonly #slots = new Map<string, Slot>()
  readonly #held: Holds
  readonly #listings = new Map<string, Listing>()
  readonly #leaving = new Leaving()
  readonly #events: SlotEvents = {
    started: (slot, instance) => this.#started(slot, instance),
    failed: (slot, error) => this.#failed(slot, error),
    lost: (slot, error) => this.#lost(slot, error),
    asked: (slot) => this.#asked(slot),
    listed: (slot) => this.#listed(slot),
  }
  /** Shared with every slot, so that it holds for those that run too. */
  readonly #limits: ListLimits
  #options: ServerOptions
  #closed = false

  constructor(setup: ServerSetup) {
    this.name = setup.name
    this.traffic = setup.traffic
    this.#options = setup.options
    this.#limits = { pages: setup.pages, timeoutMs: setup.options.timeout }
    this.#held = new Holds(setup.moved)
    this.#setup = setup
  }

  get options(): ServerOptions {
    return this.#options
  }

  /** Takes on options with the same fingerprint: what runs goes on under them. */
  retune(options: ServerOptions, pages: number): void {
    const listsMore = pages !== this.#limits.pages
    this.#options = options
    Object.assign(this.#limits, { pages, timeoutMs: options.timeout } satisfies ListLimits)
    if (listsMore) for (const slot of this.#slots.values()) void slot.learn()
  }

  /** Whoever has an instance of it. */
  get clients(): Client[] {
    return this.#held.clients
  }

  get state(): ServerState {
    const slots = [...this.#slots.values()]
    if (slots.some((slot) => slot.instance)) return 'ready'
    return slots.length > 0 ? 'starting' : this.failures.last ? 'failed' : 'stopped'
  }

  get instances(): Instance[] {
    return [...this.#slots.values()].flatMap((slot) => slot.starting ?? [])
  }

  /** Starts an instance to learn what the server offers; resolves when its lists are read. */
  async learn(): Promise<void> {
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
    this.#held.take(client, slot)
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

  /** Gives clients their instances, with what they watch, before they ask for them. Resolves when that is done or cannot be. */
  async welcome(clients: Client[]): Promise<void> {
    const greet = async (client: Client): Promise<void> => {
      if (client.closed || this.#closed) return
      await this.watches.replay(client, await this.acquire(client))
      await this.#held.get(client)?.settled()
    }
    await Promise.allSettled(clients.map(greet))
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const slot of this.#slots.values()) this.#end(slot)
    await this.#leaving.gone()
  }

  /** Ends every process at once. */
  kill(): void {
    for (const instance of this.instances) instance.connection.kill()
    this.#leaving.kill()
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
    if (this.#closed) throw new GatewayError('unavailable', `${this.name} is being stopped`)
    this.failures.check()
    const own = { options: this.#options, limits: this.#limits, log: this.#setup.log, events: this.#events }
    const slot = new Slot({ key, capabilities, name: this.name, clientInfo, ...own })
    this.#slots.set(key, slot)
    slot.start()
    return slot
  }

  #started(slot: Slot, instance: Instance): void {
    // It was let go while it started, and found another way to come up.
    if (this.#slots.get(slot.key) !== slot) return this.#end(slot)
    this.identity = instance.identity
    this.failures.clear()
    this.#setup.log.debug({ server: this.name, pid: instance.connection.pid }, 'server is up')
    void slot.learn().then(() => this.#retirePlain(slot))
  }

  #failed(slot: Slot, error: GatewayError): void {
    // Ended by us while it started, because its client left: no failure of the server.
    if (this.#slots.get(slot.key) !== slot) return
    this.#end(slot)
    this.failures.add(error)
    if (!this.#closed) this.#setup.log.warn({ server: this.name }, error.message)
  }

  #lost(slot: Slot, error: GatewayError): void {
    if (!slot.instance) return
    this.#remove(slot)
    this.failures.note(error)
    if (!this.#closed) this.#setup.log.warn({ server: this.name }, `${error.message}; it is started again when it is needed`)
    // Who watches a resource may do nothing but wait: for them it is needed now.
    const watching = [...slot.clients].filter((client) => this.watches.has(client))
    if (watching.length > 0) setTimeout(() => void this.welcome(watching), RETURN_MS).unref()
  }

  #listed(slot: Slot): void {
    if (slot.listing) {
      this.known = slot.listing
      if (!isOwn(slot.key)) this.#listings.set(slot.capabilities.key, slot.listing)
    }
    this.#setup.changed()
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
    const slot = this.#held.drop(client)
    if (!slot || slot.clients.size > 0) return
    if (isOwn(slot.key)) return this.#end(slot)
    setTimeout(() => {
      if (slot.clients.size === 0 && this.#slots.get(slot.key) === slot && this.#slots.size > 1) this.#end(slot)
    }, LINGER_MS).unref()
  }

  #end(slot: Slot): void {
    this.#remove(slot)
    if (slot.starting) this.#leaving.end(slot.starting)
  }

  #remove(slot: Slot): void {
    slot.close()
    if (this.#slots.get(slot.key) === slot) this.#slots.delete(slot.key)
    this.#held.empty(slot)
  }
}
