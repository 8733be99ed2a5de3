/** What it means for a server when an instance of it fails: what is told, when it is tried again, and for whom. */
import type { Client } from '../call/exchange.ts'
import type { Log } from '../observe/log.ts'
import type { GatewayError } from '../protocol/errors.ts'
import { Checkup } from './checkup.ts'
import type { Instance } from './instance.ts'
import type { ServerOptions } from './options.ts'
import type { Pool } from './pool.ts'
import { ServerFailures } from './server-failures.ts'
import { rootsFor } from './sharing.ts'
import type { Slot } from './slot.ts'
import type { Watches } from './watches.ts'

/** How long those who need a server all the time go without it before it is started again for them. */
const RETURN_MS = 1_000

export interface SupervisionSetup {
  name: string
  log: Log
  watches: Watches
  options(): ServerOptions
  pool(): Pool
  /** Gives these clients their instances. */
  welcome(clients: Client[]): Promise<void>
  /** Starts an instance for nobody. */
  learn(): Promise<void>
}

export class Supervision {
  readonly failures: ServerFailures
  readonly checkup: Checkup
  readonly #setup: SupervisionSetup

  constructor(setup: SupervisionSetup) {
    this.#setup = setup
    const { name, log, options, pool } = setup
    this.failures = new ServerFailures(() => options().reconnect)
    const instances = (): Instance[] => pool().slots.flatMap(({ instance }) => instance ?? [])
    this.checkup = new Checkup({ name, log, options: () => options().health, instances })
  }

  /** Why the server cannot be used for this client at the moment; undefined where nothing is known against it. */
  trouble(client: Client): string | undefined {
    const roots = rootsFor(client, this.#setup.options())
    const { failing, last } = this.failures.of(roots)
    const { slots } = this.#setup.pool()
    const up = slots.some((slot) => slot.instance && (roots === undefined || slot.clients.has(client)))
    return failing && !up ? (last?.message ?? 'it failed to start') : undefined
  }

  /** An instance is up. */
  started(slot: Slot, instance: Instance): void {
    this.failures.of(slot.seat.roots).up(instance)
    this.checkup.started()
  }

  /** An instance could not be started. */
  failed(slot: Slot, error: GatewayError): void {
    const { log, name } = this.#setup
    const pool = this.#setup.pool()
    // Ended by us while it started, because its client left: no failure of the server.
    if (!pool.has(slot)) return
    pool.end(slot)
    this.failures.of(slot.seat.roots).unstarted(error, slot.starting)
    if (!pool.closed) log.warn({ server: name }, error.message)
    this.#return(slot)
  }

  /** An instance ended of itself, or was given up because it no longer answered. */
  lost(slot: Slot, error: GatewayError): void {
    const { log, name } = this.#setup
    const pool = this.#setup.pool()
    const { instance } = slot
    if (!instance) return
    pool.end(slot)
    this.failures.of(slot.seat.roots).died(error, instance)
    const when = this.#needed ? 'it is started again' : 'it is started again when it is needed'
    if (!pool.closed) log.warn({ server: name }, `${error.message}; ${when}`)
    this.#return(slot)
  }

  /** Who is to be kept is needed always, and who was found not to answer is to be well again before the next call. */
  get #needed(): boolean {
    return this.#setup.options().keep || this.checkup.state === 'unhealthy'
  }

  /** Starts the server again where it is needed, and for those who watch a resource, who may do nothing but wait. */
  #return({ clients, seat }: Slot): void {
    const { name, log, watches, welcome, learn } = this.#setup
    const waiting = [...clients].filter((client) => watches.has(client) || this.checkup.state === 'unhealthy')
    if (waiting.length === 0 && !this.#needed) return
    const again = async (): Promise<void> => {
      await welcome(waiting)
      const { slots, closed } = this.#setup.pool()
      if (this.#needed && slots.length === 0 && !closed) await learn()
    }
    const missing = (error: unknown): void => log.debug({ server: name, err: error }, 'a needed server stays away')
    setTimeout(() => void again().catch(missing), Math.max(RETURN_MS, this.failures.of(seat.roots).waitMs)).unref()
  }
}
