/** The clients of the stateless era that are known at this moment: made for a request, kept a while for those that follow. */
import { randomUUID } from 'node:crypto'
import type { Envelope } from '../../protocol/envelope.ts'
import { GatewayError } from '../../protocol/errors.ts'
import type { Endpoint } from '../endpoint.ts'
import type { Wishes } from '../session.ts'
import type { StatelessLimits } from './host.ts'
import { Lease } from './lease.ts'

/** Where a request comes from, beside what it says itself. */
export interface Origin {
  readonly door: Endpoint
  readonly wishes: Wishes
  /** The folder that the client was started in, where whoever brings it can tell. */
  readonly folder?: string | undefined
  /** The one connection by which the client speaks, where it has one. */
  readonly connection?: string
}

/** Where a client had several calls at once, those beyond one are kept as clients for so long. */
const SPARE_IDLE_MS = 60_000

const NOWHERE = { send: () => undefined }

export class Leases {
  readonly #byKey = new Map<string, Lease[]>()
  /** Called with each new one. */
  readonly #begun: (lease: Lease) => void
  readonly #ended: (lease: Lease) => void
  readonly #limits: () => Pick<StatelessLimits, 'clients' | 'idle'>
  #size = 0

  constructor(setup: {
    begun(lease: Lease): void
    ended(lease: Lease): void
    limits(): Pick<StatelessLimits, 'clients' | 'idle'>
  }) {
    this.#begun = setup.begun
    this.#ended = setup.ended
    this.#limits = setup.limits
  }

  get size(): number {
    return this.#size
  }

  /**
   * The client of a request, until `free`. Who can be asked something is not shared by two calls: a server that asks is then
   * asking in the one call that there is. Throws `GatewayError` where there are too many.
   */
  take(origin: Origin, envelope: Envelope): Lease {
    const key = keyOf(origin, envelope)
    const alike = this.#byKey.get(key)
    const lease = alike?.find(({ users }) => users === 0 || !canBeAsked(envelope)) ?? this.#make(key, origin, envelope)
    lease.users++
    return lease
  }

  free(lease: Lease): void {
    lease.users--
    lease.lastActive = Date.now()
    if (lease.spent && lease.users === 0) this.#end(lease)
  }

  /** Ends those that nobody has used for a while. The first of a kind is kept as long as a session: its instances have a state. */
  sweep(now: number): void {
    const { idle } = this.#limits()
    for (const alike of [...this.#byKey.values()]) {
      for (const [index, lease] of [...alike.entries()].toReversed()) {
        const idleMs = index === 0 ? idle : Math.min(idle, SPARE_IDLE_MS)
        if (lease.users === 0 && lease.lastActive < now - idleMs) this.#end(lease)
      }
    }
  }

  close(): void {
    for (const lease of this) this.#end(lease)
  }

  *[Symbol.iterator](): Iterator<Lease> {
    for (const alike of [...this.#byKey.values()]) yield* [...alike]
  }

  #make(key: string, { door, wishes, folder, connection }: Origin, envelope: Envelope): Lease {
    if (this.#size >= this.#limits().clients)
      throw new GatewayError('overloaded', 'too many clients are served at once; try again later')
    const lease = new Lease(randomUUID(), { door, introduction: envelope, outlet: NOWHERE, wishes, folder }, Date.now())
    lease.kind = key
    lease.whose = JSON.stringify([door.key, folder, connection, envelope.capabilities.key, envelope.info])
    lease.logLevel = envelope.logLevel
    const alike = this.#byKey.get(key)
    if (alike) alike.push(lease)
    else this.#byKey.set(key, [lease])
    this.#size++
    this.#begun(lease)
    return lease
  }

  #end(lease: Lease): void {
    const alike = this.#byKey.get(lease.kind)
    if (!alike?.includes(lease)) return
    if (alike.length === 1) this.#byKey.delete(lease.kind)
    else alike.splice(alike.indexOf(lease), 1)
    this.#size--
    this.#ended(lease)
  }
}

function canBeAsked({ capabilities: { value } }: Envelope): boolean {
  return Object.hasOwn(value, 'elicitation') || Object.hasOwn(value, 'sampling') || Object.hasOwn(value, 'roots')
}

function keyOf({ door, wishes, folder, connection }: Origin, { key }: Envelope): string {
  // Most come by HTTP and wish for nothing: the key is made anew with every request.
  const where = folder === undefined && connection === undefined ? '' : JSON.stringify([folder, connection])
  return `${door.key} ${wishes.surface ?? ''} ${where} ${key}`
}
