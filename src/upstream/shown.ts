/** What clients are shown of a server: what their own instance tells, else what is known of their kind, else what all may see. */
import type { Client } from '../call/exchange.ts'
import type { CacheHint } from '../protocol/results.ts'
import { eraOf, isStateless } from '../protocol/versions.ts'
import type { ServerIdentity } from './identity.ts'
import { Knowledge, type Known } from './knowledge.ts'
import type { Listing, Section } from './listing.ts'
import type { ServerOptions } from './options.ts'
import type { Pool } from './pool.ts'
import { isOwn, kindOf, PLAIN, plainSeat } from './sharing.ts'
import type { Slot } from './slot.ts'
import type { Snapshots } from './snapshot.ts'
import { listingForSessions } from './stateless/object-outputs.ts'

export interface ShownSetup {
  name: string
  /** Where it is kept what the server offers, if anywhere. */
  snapshots: Snapshots | undefined
  options(): ServerOptions
  pool(): Pool
  /** What clients are shown has changed. */
  changed(): void
  /** Some client may be shown other lists than before. */
  moved(): void
}

export class Shown {
  readonly #setup: ShownSetup
  /** The one kind that all may see, where what is listed depends on where a client works. */
  readonly #open: string | undefined
  #knowledge: Knowledge
  readonly #listedOnce = new WeakSet<Slot>()

  constructor(setup: ShownSetup) {
    const { name, snapshots, options } = setup
    this.#setup = setup
    this.#open = options().instances === 'workspace' ? plainSeat(options()).kind : undefined
    this.#knowledge = new Knowledge(this.#open, snapshots?.of(name, options))
  }

  /** What the last instance told, whomever it served: not for clients. */
  get last(): Known | undefined {
    return this.#knowledge.last
  }

  /** Whether the server is one of the stateless era, as far as that is known: what runs knows better than what is remembered. */
  get stateless(): boolean {
    const { protocol } = this.#setup.options()
    if (protocol !== 'auto') return protocol === 'stateless'
    const up = this.#setup.pool().slots.find(({ instance }) => instance?.identity)?.instance
    return isStateless((up ?? this.last)?.identity?.version)
  }

  /** What all clients may see. */
  get common(): Known | undefined {
    return this.#knowledge.common
  }

  /** Recalls what earlier runs have learned. */
  async recall(): Promise<void> {
    if (!this.last && (await this.#knowledge.recall())) this.#setup.changed()
  }

  /** Knows from now on what another one knows of the same server. */
  inherit(other: Shown): void {
    this.#knowledge = other.#knowledge
  }

  /** What an instance begins with, until it has given its own lists. */
  toBegin({ seat }: Slot): Listing | undefined {
    return (this.#knowledge.for(seat.kind) ?? this.common)?.listing
  }

  /** An instance has other lists than before, or its first ones. */
  listed(slot: Slot): void {
    const { options, changed, moved } = this.#setup
    const { instance, listing } = slot
    if (!instance?.identity || !listing) return
    moved()
    // What the instance of one client lists first is for any client like it; what it lists later may tell of that client.
    const personal = isOwn(slot.key) && (options().instances !== 'shared' || instance.link.asked)
    if (personal && this.#listedOnce.has(slot)) return changed()
    if (slot.complete) this.#listedOnce.add(slot)
    const learned = this.#knowledge.learn(slot.seat.kind, { identity: instance.identity, listing })
    slot.listing = learned.listing
    // A list that could not be read yet must not be remembered as one with nothing in it.
    if (slot.complete) this.#knowledge.save()
    if (learned.news) changed()
  }

  listing(client: Client): Listing | undefined {
    const listing = this.#setup.pool().slotOf(client)?.listing ?? (this.#ofKind(client) ?? this.common)?.listing
    const { version } = this.identity(client) ?? {}
    const translated = client.era === 'session' && version !== undefined && eraOf(version) === 'stateless'
    return listing && translated ? listingForSessions(listing) : listing
  }

  /**
   * How long a list may be kept as this client is shown it, by what the server said when it was read; undefined where it said
   * nothing, as servers of the session era do. Of several servers' lists together holds `stricter` of all of them.
   */
  hint(client: Client, section: Section): CacheHint | undefined {
    const { slots } = this.#setup.pool()
    return (this.#setup.pool().slotOf(client) ?? slots.find(({ seat }) => seat.mute))?.hint(section)
  }

  /** What the server says of itself to clients like this one, as far as that is known without starting it. */
  identityFor(client: Client): ServerIdentity | undefined {
    return this.#setup.pool().held(client)?.identity ?? this.#ofKind(client)?.identity
  }

  /** The same, or else what it says to anybody. */
  identity(client: Client): ServerIdentity | undefined {
    const known = this.identityFor(client) ?? this.common?.identity
    if (known) return known
    // Of one that has just come up for the first time, the lists may still be on their way.
    const { slots } = this.#setup.pool()
    return slots.find(({ key, starting }) => starting?.identity && (!this.#open || key === PLAIN))?.starting?.identity
  }

  /** Whether it is known what clients like this one are shown. */
  knows(client: Client): boolean {
    return this.#ofKind(client) !== undefined
  }

  #ofKind(client: Client): Known | undefined {
    return this.#knowledge.for(kindOf(client, this.#setup.options(), this.stateless))
  }
}
