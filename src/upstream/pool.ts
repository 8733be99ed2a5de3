/** The instances of one server: who has which, when another is opened, and when one is let go. */
import type { Client } from '../call/exchange.ts'
import type { Log } from '../observe/log.ts'
import { NO_CAPABILITIES } from '../protocol/capabilities.ts'
import { GatewayError } from '../protocol/errors.ts'
import type { JsonObject } from '../protocol/message.ts'
import { isStateless } from '../protocol/versions.ts'
import type { Children } from './children.ts'
import { Holds } from './holds.ts'
import type { Instance } from './instance.ts'
import { Leaving } from './leaving.ts'
import type { ListLimits } from './listing.ts'
import type { ServerOptions } from './options.ts'
import { isOwn, type Manner, PLAIN, plainSeat, type Seat, seatOf } from './sharing.ts'
import { Slot, type SlotEvents } from './slot.ts'

export interface PoolSetup {
  name: string
  clientInfo: JsonObject
  log: Log
  children: Children
  /** Shared with every slot, so that a change of them holds for those that run too. */
  limits: ListLimits
  events: SlotEvents
  options(): ServerOptions
  /** What is known of the server. */
  shown: { readonly stateless: boolean }
  /** Some client has another instance than before, or none. */
  moved(): void
}

/** How long an instance that nobody holds stays, in case somebody comes back. */
const LINGER_MS = 60_000

export class Pool {
  /** The server asks its clients things, so that each client needs an instance of its own. */
  asksClients = false
  closed = false
  readonly #setup: PoolSetup
  readonly #slots = new Map<string, Slot>()
  readonly #held: Holds
  readonly #leaving = new Leaving()

  constructor(setup: PoolSetup) {
    this.#setup = setup
    this.#held = new Holds(setup.moved)
  }

  get slots(): Slot[] {
    return [...this.#slots.values()]
  }

  /** Those that run or start. */
  get instances(): Instance[] {
    return this.slots.flatMap((slot) => slot.starting ?? [])
  }

  /** Those whose instance nobody uses at this moment. */
  get idle(): Slot[] {
    return this.slots.filter(({ instance }) => instance && !instance.busy)
  }

  /** Whoever has an instance. */
  get clients(): Client[] {
    return this.#held.clients
  }

  /** Whether a slot is still one of these. */
  has(slot: Slot): boolean {
    return this.#slots.get(slot.key) === slot
  }

  slotOf(client: Client): Slot | undefined {
    return this.#held.get(client)
  }

  /** The instance that serves this client, if it is ready at this moment. */
  held(client: Client): Instance | undefined {
    const slot = this.#held.get(client)
    return slot?.instance && slot.fits(client) && !(this.asksClients && slot.clients.size > 1) ? slot.instance : undefined
  }

  /** The slot that is to serve this client, opened where there is none. */
  take(client: Client): Slot {
    const slot = this.#slotFor(client)
    if (this.#held.get(client) === slot) return slot
    this.leave(client)
    this.#held.take(client, slot)
    return slot
  }

  get manner(): Manner {
    return { asksClients: this.asksClients, stateless: this.#setup.shown.stateless }
  }

  /**
   * The instance was told nothing of what the client can do, because the server was taken for a stateless one, and turned out to
   * be none.
   */
  wronged({ capabilities }: Client, { seat, instance }: Slot): boolean {
    const told = capabilities === NO_CAPABILITIES || !seat.mute
    return (
      !told &&
      instance?.identity !== undefined &&
      !isStateless(instance.identity.version) &&
      this.#setup.options().instances === 'shared'
    )
  }

  /** The slot that only learns what the server offers. */
  plain(): Slot {
    return this.#slots.get(PLAIN) ?? this.#open(plainSeat(this.#setup.options()), this.#setup.clientInfo)
  }

  /** The instance that only learned is in the way once there is one that serves. */
  retirePlain(successor: Slot): void {
    const plain = this.#slots.get(PLAIN)
    if (plain && plain !== successor && plain.clients.size === 0) this.end(plain)
  }

  leave(client: Client): void {
    const slot = this.#held.drop(client)
    if (!slot || slot.clients.size > 0) return
    // Who has only moved to other folders still wants the answers to what it asked before.
    if (isOwn(slot.key) && (client.closed || !slot.instance?.busy)) this.end(slot)
    else this.#linger(slot)
  }

  /** Puts to sleep what nobody has used for so long; tells how many that were. */
  sweep(now: number, idleMs: number): number {
    if (this.#slots.size === 0) return 0
    const idle = this.idle.filter(({ instance }) => instance && now - instance.usage.last >= idleMs)
    for (const slot of idle) this.end(slot)
    return idle.length
  }

  end(slot: Slot): void {
    this.remove(slot)
    if (slot.starting) this.#leaving.end(slot.starting)
  }

  remove(slot: Slot): void {
    slot.close()
    if (this.has(slot)) this.#slots.delete(slot.key)
    this.#held.empty(slot)
    this.#setup.moved()
  }

  async close(): Promise<void> {
    this.closed = true
    for (const slot of this.slots) this.end(slot)
    await this.#leaving.gone()
  }

  #linger(slot: Slot): void {
    setTimeout(() => {
      const spare = this.#slots.size > 1 || isOwn(slot.key)
      if (slot.clients.size > 0 || !this.has(slot) || !spare) return
      if (slot.instance?.busy) this.#linger(slot)
      else this.end(slot)
    }, LINGER_MS).unref()
  }

  #slotFor(client: Client): Slot {
    const seat = seatOf(client, this.#setup.options(), this.manner)
    const held = this.#held.get(client)
    // Whoever came first keeps the instance when the server turns out to need one for each.
    const keeps = held && this.has(held) && held.fits(client) && !this.wronged(client, held) && [...held.clients][0] === client
    const slot = keeps ? held : this.#slots.get(seat.key)
    return slot ?? this.#open(seat, isOwn(seat.key) && saysWho(client.info) ? client.info : this.#setup.clientInfo)
  }

  #open(seat: Seat, clientInfo: JsonObject): Slot {
    const { name, limits, log, children, events } = this.#setup
    if (this.closed) throw new GatewayError('unavailable', `${name} is being stopped`)
    const slot = new Slot({ seat, name, clientInfo, options: this.#setup.options(), limits, log, children, events })
    this.#slots.set(seat.key, slot)
    slot.start()
    return slot
  }
}

/** Clients of the stateless era need not say who they are; whoever begins a session must. */
function saysWho({ name, version }: JsonObject): boolean {
  return typeof name === 'string' && typeof version === 'string'
}
