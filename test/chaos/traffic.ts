/** The calls of the storm: each carries a nonce, and each outcome is held to what it may be. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Caller, DEADLINE_MS, type Outcome } from './callers.ts'
import type { Random } from './random.ts'

/** Where every call is answered in the end; other servers come and go. */
export const SERVERS = ['one', 'two', 'restless', 'remote', 'frail', 'shop']

/** The honest answer where a call that must not run twice was interrupted. */
const MAY_HAVE_RUN = /may have run/
/** How often a client of its own makes a call again whose connection to the gateway broke. */
const REDONE_MAX = 20
const LANES = 2

interface Kind {
  method: string
  /** Doing it twice is doing it once. */
  harmless: boolean
  params(server: string, nonce: string, delayMs: number): Record<string, unknown>
}

const tool = (name: string, harmless: boolean): Kind => ({
  method: 'tools/call',
  harmless,
  params: (server, nonce, delayMs) => ({ name: `${server}__${name}`, arguments: { nonce, delayMs } }),
})

const KINDS: Kind[] = [
  tool('look', true),
  tool('look', true),
  tool('put', true),
  tool('change', false),
  tool('change', false),
  {
    method: 'prompts/get',
    harmless: true,
    params: (server, nonce, delayMs) => ({ name: `${server}__say`, arguments: { nonce, delayMs } }),
  },
  { method: 'resources/read', harmless: true, params: (server, nonce) => ({ uri: `note://${server}/${nonce}` }) },
]

export interface Tally {
  calls: number
  answered: number
  /** Calls that may run once only and got the honest answer. */
  honest: number
  /** Calls of clients without a bridge whose connection broke with the gateway. */
  lost: number
  slowestMs: number
  /** What must not have happened, in words. */
  faults: string[]
  /** The nonces of `change` that were answered. */
  changed: string[]
}

export interface Weather {
  readonly over: boolean
  /** Whether the gateway was away, or about to go, at some moment since then. */
  awaySince(from: number): boolean
}

export class Traffic {
  readonly tally: Tally = { calls: 0, answered: 0, honest: 0, lost: 0, slowestMs: 0, faults: [], changed: [] }
  readonly #weather: Weather

  constructor(weather: Weather) {
    this.#weather = weather
  }

  /** Calls all the time until the weather is over. */
  async run(callers: readonly Caller[], random: Random): Promise<void> {
    const lanes = callers.flatMap((caller) => Array.from({ length: LANES }, () => this.#lane(caller, random.fork())))
    await Promise.all(lanes)
  }

  async #lane(caller: Caller, random: Random): Promise<void> {
    while (!this.#weather.over) {
      await this.#call(caller, random.pick(KINDS), random.pick(SERVERS), random.chance(0.05) ? 400 : random.between(0, 60))
      await sleep(random.between(0, 60))
    }
  }

  async #call(caller: Caller, kind: Kind, server: string, delayMs: number): Promise<void> {
    const nonce = randomUUID()
    const call = `${caller.name}: ${kind.method} ${kind.harmless ? '' : 'change '}of ${server}`
    this.tally.calls++
    for (let attempt = 0; attempt <= REDONE_MAX; attempt++) {
      const from = Date.now()
      const outcome = await caller.request(kind.method, kind.params(server, nonce, delayMs))
      const ms = Date.now() - from
      this.tally.slowestMs = Math.max(this.tally.slowestMs, ms)
      if (outcome.kind !== 'lost') return this.#judge(outcome, kind, nonce, `${call}, after ${ms} ms`)
      this.tally.lost++
      if (caller.bridged || !this.#weather.awaySince(from)) {
        return void this.tally.faults.push(`${call}: the connection broke while the gateway was there: ${outcome.why}`)
      }
      await this.#reopen(caller)
      if (!kind.harmless) return
    }
    this.tally.faults.push(`${call}: the connection broke ${REDONE_MAX} times`)
  }

  #judge(outcome: Exclude<Outcome, { kind: 'lost' }>, { harmless }: Kind, nonce: string, call: string): void {
    const { tally } = this
    if (outcome.kind === 'hung') return void tally.faults.push(`${call}: no answer in ${DEADLINE_MS} ms`)
    if (outcome.kind === 'error') {
      if (!harmless && MAY_HAVE_RUN.test(outcome.message)) tally.honest++
      else tally.faults.push(`${call}: ${outcome.code} ${outcome.message} at ${new Date().toISOString()}`)
      return
    }
    const text = JSON.stringify(outcome.result)
    if (!text.includes(nonce)) return void tally.faults.push(`${call}: the answer is another call's: ${text.slice(0, 300)}`)
    tally.answered++
    if (!harmless) tally.changed.push(nonce)
  }

  /** What the specification asks of a client whose session is gone, once the gateway is back. */
  async #reopen(caller: Caller): Promise<void> {
    const end = Date.now() + DEADLINE_MS
    for (;;) {
      try {
        return await caller.reopen()
      } catch (error) {
        if (Date.now() > end) throw error
        await sleep(50)
      }
    }
  }
}
