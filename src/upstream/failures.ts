/** Why a server failed last, and how long it is left alone for that. */
import { GatewayError } from '../protocol/errors.ts'

const REST_MIN_MS = 1_000
const REST_MAX_MS = 60_000

export class Failures {
  last: { message: string; at: number } | undefined
  #count = 0
  #restUntil = 0

  /** It could not be started; each time in a row doubles the rest. */
  add(error: GatewayError): void {
    this.note(error)
    this.#restUntil = Date.now() + Math.min(REST_MAX_MS, REST_MIN_MS * 2 ** this.#count++)
  }

  /** Something went wrong that is no reason to wait. */
  note(error: GatewayError): void {
    this.last = { message: error.message, at: Date.now() }
  }

  /** It is up. */
  clear(): void {
    this.last = undefined
    this.#count = 0
  }

  /** Throws the last failure while it is too early to try again. */
  check(): void {
    if (this.last && Date.now() < this.#restUntil) throw new GatewayError('unavailable', this.last.message)
  }
}
