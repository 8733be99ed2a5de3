/** The calls that wait until their client comes back with answers: bounded in number and in time. */
import { randomUUID } from 'node:crypto'
import type { StatelessOptions } from '../options.ts'
import type { Conversation } from './conversation.ts'

/** How many may wait at once, beyond which the one that has waited longest is given up, and for how long. */
type ParkedLimits = Pick<StatelessOptions, 'parked' | 'answer'>

interface Parked {
  readonly call: Conversation
  readonly until: number
}

export class ParkedCalls {
  readonly #limits: () => ParkedLimits
  /** By name, those that have waited longest first. */
  readonly #byName = new Map<string, Parked>()

  constructor(limits: () => ParkedLimits) {
    this.#limits = limits
  }

  get size(): number {
    return this.#byName.size
  }

  /** Parks a call; the name is for `resume`, and good once. */
  park(call: Conversation, now: number): string {
    const { parked: max, answer: ttlMs } = this.#limits()
    const name = randomUUID()
    this.#byName.set(name, { call, until: now + ttlMs })
    const [oldest] = this.#byName.keys()
    if (this.#byName.size > max && oldest !== undefined) this.#giveUp(oldest, 'too many calls wait for answers')
    return name
  }

  /** Takes the call out that waits under this name; undefined where none does. */
  resume(name: string): Conversation | undefined {
    const parked = this.#byName.get(name)
    this.#byName.delete(name)
    return parked?.call
  }

  /** Gives up those that have waited for too long. */
  sweep(now: number): void {
    for (const [name, { until }] of this.#byName) {
      if (until > now) return
      this.#giveUp(name, 'the client did not come back with its answers in time')
    }
  }

  close(): void {
    for (const name of [...this.#byName.keys()]) this.#giveUp(name, 'the gateway is shutting down')
  }

  #giveUp(name: string, why: string): void {
    this.#byName.get(name)?.call.expire(why)
    this.#byName.delete(name)
  }
}
