/** Why a server failed last, and how long it is left alone for that. */
import { GatewayError } from '../protocol/errors.ts'
import { Backoff } from '../std/backoff.ts'
import type { ServerOptions } from './options.ts'

/** A call waits for the next attempt where that is so near; else it fails with the last reason. */
const PATIENCE_MS = 2_000

export class Failures {
  last: { message: string; at: number } | undefined
  readonly #options: () => ServerOptions['reconnect']
  readonly #backoff: Backoff
  #restUntil = 0

  constructor(options: () => ServerOptions['reconnect']) {
    this.#options = options
    this.#backoff = new Backoff(options)
  }

  /** The last attempt to start it failed, or it died before it served anybody. */
  get failing(): boolean {
    return this.#backoff.failures > 0
  }

  /** Until the next attempt, in milliseconds. */
  get waitMs(): number {
    return Math.max(0, this.#restUntil - Date.now())
  }

  /** It could not be started, or died at once: each time in a row lengthens the rest. */
  add(error: GatewayError): void {
    this.note(error)
    this.#restUntil = Date.now() + this.#backoff.fail()
  }

  /** Something went wrong that is no reason to wait. */
  note(error: GatewayError): void {
    this.last = { message: error.message, at: Date.now() }
  }

  /** It is up and serves. */
  clear(): void {
    this.last = undefined
    this.#restUntil = 0
    this.#backoff.succeed()
  }

  /** Waits for the next attempt where it is near; throws the last failure where it is not. */
  async pass(): Promise<void> {
    const { attempts } = this.#options()
    if (attempts > 0 && this.#backoff.failures >= attempts) {
      throw new GatewayError('unavailable', `given up after ${attempts} failures in a row: ${this.last?.message}`)
    }
    const ms = this.waitMs
    if (ms > PATIENCE_MS)
      throw new GatewayError('unavailable', `${this.last?.message}; tried again in ${Math.ceil(ms / 1_000)} s`)
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms))
  }
}
