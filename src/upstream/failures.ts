/** Why a server failed last, and how long it is left alone for that. */
import { GatewayError } from '../protocol/errors.ts'
import { Backoff } from '../std/backoff.ts'
import type { ServerOptions } from './options.ts'
import type { Usage } from './pending.ts'

/** A call waits for the next attempt where that is so near; else it fails with the last reason. */
const PATIENCE_MS = 2_000
/** Who has lived for so long has started well, even if no client has asked it anything. */
const STABLE_MS = 60_000

/** What is seen of an instance. */
interface Lived {
  /** It has answered a client. */
  readonly proven: boolean
  readonly usage: Readonly<Usage>
  readonly connection: { readonly stderr: readonly string[] }
}

export interface Failure {
  message: string
  at: number
  /** The last lines that it wrote; some may come when it is gone already. */
  stderr: readonly string[]
}

export class Failures {
  last: Failure | undefined
  readonly #options: () => ServerOptions['reconnect']
  readonly #news: () => void
  readonly #backoff: Backoff
  #restUntil = 0
  /** What came up after the last failure. */
  #up: Lived | undefined

  /** `news` is told whenever it failed or came up. */
  constructor(options: () => ServerOptions['reconnect'], news: () => void = () => undefined) {
    this.#options = options
    this.#news = news
    this.#backoff = new Backoff(options)
  }

  /** The last attempt to start it failed, or it died before it had served anybody. */
  get failing(): boolean {
    return this.#backoff.failures > 0 && this.#up === undefined
  }

  /** Until the next attempt, in milliseconds. */
  get waitMs(): number {
    return Math.max(0, this.#restUntil - Date.now())
  }

  /** It could not be started: each time in a row lengthens the rest. `begun` is the instance that did not come up. */
  unstarted(error: GatewayError, begun: Lived | undefined): void {
    if (this.#up) this.#settle(this.#up)
    this.#add(error, begun)
    this.#restUntil = Date.now() + this.#backoff.fail()
  }

  /** An instance ended of itself. One that has served somebody may come back at once; the others may die for ever. */
  died(error: GatewayError, instance: Lived): void {
    this.#settle(instance)
    this.#add(error, instance)
    if (!instance.proven) this.#restUntil = Date.now() + this.#backoff.fail()
  }

  /** An instance is up. The failures before it count until it has proved to be stable. */
  up(instance: Lived): void {
    this.last = undefined
    this.#restUntil = 0
    this.#up = instance
    this.#news()
  }

  /** What came before an instance that was good enough to be used, or to live for long, does not count any more. */
  #settle({ usage }: Lived): void {
    if (usage.last > usage.since || Date.now() - usage.since >= STABLE_MS) this.#backoff.succeed()
  }

  #add(error: GatewayError, instance: Lived | undefined): void {
    this.#up = undefined
    this.last = { message: error.message, at: Date.now(), stderr: instance?.connection.stderr ?? [] }
    this.#news()
  }

  /** Waits for the next attempt where it is near; throws the last failure where it is not. */
  async pass(): Promise<void> {
    const { attempts } = this.#options()
    if (attempts > 0 && this.failing && this.#backoff.failures >= attempts) {
      const until = 'until mcp-gw reconnect or a reload that changes it'
      throw new GatewayError('unavailable', `given up after ${attempts} failures in a row, ${until}: ${this.last?.message}`)
    }
    const ms = this.waitMs
    if (ms > PATIENCE_MS)
      throw new GatewayError('unavailable', `${this.last?.message}; tried again in ${Math.ceil(ms / 1_000)} s`)
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms))
  }
}
