/** One entry of `servers:` at work: its instances, what is known of it, and what its failures mean. */
import type { Client } from '../call/exchange.ts'
import type { Traffic } from '../observe/traffic.ts'
import { beforeSending, GatewayError } from '../protocol/errors.ts'
import type { RootSet } from '../protocol/roots.ts'
import { InFlight } from '../std/in-flight.ts'
import type { ServerIdentity } from './identity.ts'
import type { Instance } from './instance.ts'
import type { ListKind } from './instance-setup.ts'
import type { Listing, ListLimits } from './listing.ts'
import type { ServerOptions } from './options.ts'
import { Pool } from './pool.ts'
import type { ServerSetup, ServerState } from './server-setup.ts'
import { plainSeat, rootsFor, type Sharing, sharing } from './sharing.ts'
import { Shown } from './shown.ts'
import type { Slot } from './slot.ts'
import { Supervision } from './supervision.ts'
import { Watches } from './watches.ts'

export class Server {
  readonly name: string
  readonly traffic: Traffic
  /** The calls that wait for it or that it works on. */
  readonly underWay = new InFlight()
  readonly supervision: Supervision
  readonly watches = new Watches()
  readonly shown: Shown
  readonly #setup: ServerSetup
  readonly #pool: Pool
  readonly #limits: ListLimits
  /** Who has taken its place: what would start an instance here starts one there. */
  successor: Server | undefined
  #options: ServerOptions

  constructor(setup: ServerSetup) {
    const { name, traffic, clientInfo, log, children, snapshots, moved, changed } = setup
    this.name = name
    this.traffic = traffic
    this.#options = setup.options
    this.#limits = { pages: setup.pages, timeoutMs: setup.options.timeout }
    this.#setup = setup
    const options = (): ServerOptions => this.#options
    const pool = (): Pool => this.#pool
    this.shown = new Shown({ name, snapshots, options, pool, changed, moved })
    const welcome = (clients: Client[]): Promise<void> => this.welcome(clients)
    const learn = (): Promise<void> => this.learn()
    this.supervision = new Supervision({ name, log, watches: this.watches, options, pool, welcome, learn })
    const events = {
      started: (slot: Slot, instance: Instance) => this.#started(slot, instance),
      failed: (slot: Slot, error: GatewayError) => this.supervision.failed(slot, error),
      lost: (slot: Slot, error: GatewayError) => this.supervision.lost(slot, error),
      asked: (slot: Slot) => this.#asked(slot),
      listed: (slot: Slot) => this.shown.listed(slot),
      known: (slot: Slot) => this.shown.toBegin(slot),
      met: () => this.shown.last?.identity,
    }
    this.#pool = new Pool({ name, clientInfo, log, children, limits: this.#limits, events, options, shown: this.shown, moved })
  }

  get options(): ServerOptions {
    return this.#options
  }

  /** Knows from now on what a server for the same entry knows. */
  inherit(other: Server): void {
    this.shown.inherit(other.shown)
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

  /** How its clients share it, as far as that has shown. */
  get sharing(): Sharing {
    return sharing(this.#options, this.#pool.manner)
  }

  get state(): ServerState {
    const { slots } = this.#pool
    if (slots.some((slot) => slot.instance)) return 'ready'
    if (slots.length > 0) return 'starting'
    if (this.supervision.failures.failing) return 'failed'
    return this.shown.last ? 'asleep' : 'stopped'
  }

  get instances(): Instance[] {
    return this.#pool.instances
  }

  /** The last lists that any instance gave: not for clients. */
  get known(): Listing | undefined {
    return this.shown.last?.listing
  }

  /** Recalls what earlier runs have learned of it; then it need not start to be listed. */
  recall(): Promise<void> {
    return this.shown.recall()
  }

  /** Starts an instance to learn what the server offers; resolves when its lists are read. */
  async learn(): Promise<void> {
    await this.supervision.failures.of(plainSeat(this.#options).roots).pass()
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
    const roots = await this.#rootsOf(client)
    await this.supervision.failures.of(roots).pass()
    // Meanwhile another one has taken its place, or the client has gone to other folders.
    if (this.successor || (roots && roots !== client.workspace.roots && !client.closed)) return this.acquire(client)
    return this.#join(client).catch((error) => {
      throw beforeSending(error)
    })
  }

  async #join(client: Client): Promise<Instance> {
    if (client.closed) throw new GatewayError('cancelled', 'the client is gone')
    const slot = this.#pool.take(client)
    const instance = await slot.ready
    if (client.closed) throw new GatewayError('cancelled', 'the client is gone')
    if (!slot.fits(client) || this.#pool.wronged(client, slot)) return this.acquire(client)
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

  /** The client works in other folders from now on: what it had of this server it gets anew where that matters. */
  async move(client: Client): Promise<void> {
    if (this.#options.instances !== 'workspace') return
    const before = this.#pool.slotOf(client)
    await client.workspace.settle()
    if (before && !before.fits(client)) this.#pool.leave(client)
    await (before || this.watches.has(client) ? this.welcome([client]) : this.meet(client))
  }

  /** What it says of itself to a client whose `initialize` waits for that. */
  async introduce(client: Client): Promise<ServerIdentity | undefined> {
    const known = this.shown.identityFor(client)
    if (known) return known
    if (this.#options.instances !== 'workspace' || client.workspace.roots) return (await this.acquire(client)).identity
    // It has not told yet where it works, and cannot be asked before this is answered.
    if (!this.shown.common) await this.learn()
    return this.shown.common?.identity
  }

  /** Makes sure that lists which change without announcement are no older than `ageMs`; a server that sleeps is left alone. */
  async refresh(client: Client, kind: ListKind, ageMs: number): Promise<void> {
    const slot = this.#pool.slotOf(client) ?? this.#pool.slots.find((one) => one.instance && one.fits(client))
    await slot?.refresh(kind, ageMs)
  }

  /** Makes sure that it is known what clients like this one are shown: kinds of clients it has never met it meets once. */
  async meet(client: Client): Promise<void> {
    await this.#rootsOf(client)
    if (!this.shown.knows(client)) await this.listed(client)
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

  /** Looks after those that are to be checked, and puts to sleep what nobody has used for long. */
  sweep(now: number): void {
    this.supervision.checkup.sweep(now)
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

  /** Where the client works, if that matters here. */
  async #rootsOf(client: Client): Promise<RootSet | undefined> {
    if (this.#options.instances === 'workspace') await client.workspace.settle()
    return rootsFor(client, this.#options)
  }

  #started(slot: Slot, instance: Instance): void {
    // It was let go while it started, and found another way to come up.
    if (!this.#pool.has(slot)) return this.#pool.end(slot)
    this.supervision.started(slot, instance)
    this.#setup.log.debug({ server: this.name, pid: instance.connection.pid }, 'server is up')
    void slot.learn().then(() => this.#pool.retirePlain(slot))
  }

  #asked(slot: Slot): void {
    if (this.#pool.asksClients || slot.seat.mute) return
    this.#pool.asksClients = true
    this.#setup.log.debug({ server: this.name }, 'the server asks its clients; each gets an instance of its own from now on')
  }
}
