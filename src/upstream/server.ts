/** One entry of `servers:` at work: its instances, what is known of it, and what its failures mean. */
import type { Client } from '../call/exchange.ts'
import type { Traffic } from '../observe/traffic.ts'
import { NO_CAPABILITIES } from '../protocol/capabilities.ts'
import { beforeSending, GatewayError } from '../protocol/errors.ts'
import { InFlight } from '../std/in-flight.ts'
import type { Failures } from './failures.ts'
import type { ServerIdentity } from './identity.ts'
import type { Instance, ListKind } from './instance.ts'
import { Knowledge } from './knowledge.ts'
import type { Listing, ListLimits } from './listing.ts'
import type { ServerOptions } from './options.ts'
import { Pool } from './pool.ts'
import type { ServerSetup, ServerState } from './server-setup.ts'
import type { Slot } from './slot.ts'
import { Supervision } from './supervision.ts'
import { Watches } from './watches.ts'

export class Server {
  readonly name: string
  readonly traffic: Traffic
  /** The calls that wait for it or that it works on. */
  readonly underWay = new InFlight()
  readonly failures: Failures
  readonly watches = new Watches()
  readonly #setup: ServerSetup
  readonly #pool: Pool
  readonly #limits: ListLimits
  /** Who has taken its place: what would start an instance here starts one there. */
  successor: Server | undefined
  #options: ServerOptions
  #knowledge: Knowledge

  constructor(setup: ServerSetup) {
    const { name, traffic, options, clientInfo, log, children, moved } = setup
    this.name = name
    this.traffic = traffic
    this.#options = options
    this.#limits = { pages: setup.pages, timeoutMs: options.timeout }
    this.#setup = setup
    const supervision = new Supervision({
      name,
      log,
      watches: this.watches,
      options: () => this.#options,
      pool: () => this.#pool,
      welcome: (clients) => this.welcome(clients),
      learn: () => this.learn(),
    })
    this.failures = supervision.failures
    this.#knowledge = new Knowledge(setup.snapshots?.of(name, () => this.#options))
    const events = {
      started: (slot: Slot, instance: Instance) => this.#started(slot, instance),
      failed: (slot: Slot, error: GatewayError) => supervision.failed(slot, error),
      lost: (slot: Slot, error: GatewayError) => supervision.lost(slot, error),
      asked: (slot: Slot) => this.#asked(slot),
      listed: (slot: Slot) => this.#listed(slot),
      known: (slot: Slot) => this.#knowledge.for(slot.capabilities)?.listing ?? this.known,
    }
    this.#pool = new Pool({ name, clientInfo, log, children, limits: this.#limits, events, options: () => this.#options, moved })
  }

  get options(): ServerOptions {
    return this.#options
  }

  /** Knows from now on what a server for the same entry knows. */
  inherit(other: Server): void {
    this.#knowledge = other.#knowledge
  }

  /** Takes on options with the same fingerprint: what runs goes on under them. */
  retune(options: ServerOptions, pages: number): void {
    const listsMore = pages !== this.#limits.pages
    this.#options = options
    Object.assign(this.#limits, { pages, timeoutMs: options.timeout } satisfies ListLimits)
    if (listsMore) for (const slot of this.#pool.slots) void slot.learn()
  }

  /** Whoever has an instance of it. */
  get clients(): Client[] {
    return this.#pool.clients
  }

  get asksClients(): boolean {
    return this.#pool.asksClients
  }

  get state(): ServerState {
    const { slots } = this.#pool
    if (slots.some((slot) => slot.instance)) return 'ready'
    if (slots.length > 0) return 'starting'
    if (this.failures.failing) return 'failed'
    return this.#knowledge.last ? 'asleep' : 'stopped'
  }

  get instances(): Instance[] {
    return this.#pool.instances
  }

  /** What it last said of itself. */
  get identity(): ServerIdentity | undefined {
    // Of one that has just come up for the first time, the lists may still be on their way.
    return this.#knowledge.last?.identity ?? this.instances.find(({ identity }) => identity)?.identity
  }

  /** The last lists that any instance gave. */
  get known(): Listing | undefined {
    return this.#knowledge.last?.listing
  }

  /** Recalls what earlier runs have learned of it; then it need not start to be listed. */
  async recall(): Promise<void> {
    if (!this.#knowledge.last && (await this.#knowledge.recall())) this.#setup.changed()
  }

  /** Starts an instance to learn what the server offers; resolves when its lists are read. */
  async learn(): Promise<void> {
    await this.failures.pass()
    const slot = this.#pool.plain()
    await slot.ready
    await slot.settled()
  }

  /** The instance that serves this client, if it is ready at this moment. */
  held(client: Client): Instance | undefined {
    return this.#pool.held(client)
  }

  /** The instance that serves this client, started where there is none. Throws `GatewayError` where it cannot be. */
  async acquire(client: Client): Promise<Instance> {
    const held = this.held(client)
    if (held) return held
    if (this.successor) return this.successor.acquire(client)
    await this.failures.pass()
    return this.#join(client).catch((error) => {
      throw beforeSending(error)
    })
  }

  async #join(client: Client): Promise<Instance> {
    if (client.closed) throw new GatewayError('cancelled', 'the client is gone')
    const slot = this.#pool.take(client)
    const instance = await slot.ready
    if (client.closed) throw new GatewayError('cancelled', 'the client is gone')
    if (this.#pool.slotOf(client) !== slot) throw new GatewayError('unsent', `${this.name} went away while it started`)
    if (instance.link.clients.has(client)) return instance
    instance.link.clients.add(client)
    await instance.link.settleLevel(instance)
    await this.watches.replay(client, instance)
    return instance
  }

  /** The client has left. */
  release(client: Client): void {
    this.watches.forget(client)
    this.#pool.leave(client)
  }

  /** What this client is shown: the lists of its own instance, else of one for clients like it, else of any. */
  listing(client: Client): Listing | undefined {
    return this.#pool.slotOf(client)?.listing ?? this.#knowledge.for(client.capabilities)?.listing ?? this.known
  }

  /** What it says of itself to clients like this one, as far as that is known without starting it. */
  identityFor(client: Client): ServerIdentity | undefined {
    return this.held(client)?.identity ?? this.#knowledge.for(client.capabilities)?.identity
  }

  /** Makes sure that lists which change without announcement are no older than `ageMs`; a server that sleeps is left alone. */
  async refresh(client: Client, kind: ListKind, ageMs: number): Promise<void> {
    const slot = this.#pool.slotOf(client) ?? this.#pool.slots.find((one) => one.instance)
    await slot?.refresh(kind, ageMs)
  }

  /** Makes sure that it is known what clients like this one are shown: kinds of clients it has never met it meets once. */
  async meet(client: Client): Promise<void> {
    if (!this.#knowledge.for(client.capabilities)) await this.listed(client)
  }

  /** Waits until the lists of the client's own instance are read. */
  async listed(client: Client): Promise<void> {
    await this.acquire(client)
    await this.#pool.slotOf(client)?.settled()
  }

  /** Gives clients their instances, with what they watch, before they ask for them. Resolves when that is done or cannot be. */
  async welcome(clients: Client[]): Promise<void> {
    const greet = async (client: Client): Promise<void> => {
      if (client.closed || this.#pool.closed) return
      await this.watches.replay(client, await this.acquire(client))
      await this.#pool.slotOf(client)?.settled()
    }
    await Promise.allSettled(clients.map(greet))
  }

  /** Puts to sleep what nobody has used for long. */
  sweep(now: number): void {
    const { idle, keep } = this.#options
    if (idle === 'never' || keep) return
    const count = this.#pool.sweep(now, idle)
    if (count > 0) this.#setup.log.debug({ server: this.name, instances: count }, 'falls asleep')
  }

  /** The places whose instance nobody uses at this moment. */
  get idle(): Slot[] {
    return this.#pool.idle
  }

  /** Puts one of them to sleep. */
  sleep(slot: Slot): void {
    this.#pool.end(slot)
  }

  async close(): Promise<void> {
    await this.#pool.close()
  }

  #started(slot: Slot, instance: Instance): void {
    // It was let go while it started, and found another way to come up.
    if (!this.#pool.has(slot)) return this.#pool.end(slot)
    this.failures.up(instance)
    this.#setup.log.debug({ server: this.name, pid: instance.connection.pid }, 'server is up')
    void slot.learn().then(() => this.#pool.retirePlain(slot))
  }

  #listed(slot: Slot): void {
    const identity = slot.instance?.identity
    if (!slot.listing || !identity) return
    const { listing, news } = this.#knowledge.learn(slot.capabilities, { identity, listing: slot.listing })
    slot.listing = listing
    this.#setup.moved()
    // A list that could not be read yet must not be remembered as one with nothing in it.
    if (slot.complete) this.#knowledge.save()
    if (news) this.#setup.changed()
  }

  #asked(slot: Slot): void {
    if (this.#pool.asksClients || slot.capabilities === NO_CAPABILITIES) return
    this.#pool.asksClients = true
    this.#setup.log.debug({ server: this.name }, 'the server asks its clients; each gets an instance of its own from now on')
  }
}
