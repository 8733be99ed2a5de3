/** Results that were too large to be shown, as sessions know them: each is there for the session that got it, and for nobody else. */
import type { Log } from '../../observe/log.ts'
import type { Message } from '../../protocol/message.ts'
import { Apart } from './apart/apart.ts'
import type { Content } from './body.ts'
import type { ResultsOptions } from './options.ts'
import { type Kept, ResultStore } from './store.ts'
import { contentsOf } from './write.ts'

export interface ResultsSetup {
  /** Where they are kept; without it, every result passes whole. */
  folder: string | undefined
  log: Log
  options: ResultsOptions
}

export class Results {
  /** What takes long, or may never end, is done elsewhere. */
  readonly apart = new Apart()
  readonly #store: ResultStore | undefined
  /** The sessions that have got a handle at some time. */
  readonly #sessions = new WeakSet<object>()

  constructor({ folder, log, options }: ResultsSetup) {
    this.#store = folder === undefined ? undefined : new ResultStore({ folder, log, limits: options })
  }

  set options(options: ResultsOptions) {
    if (this.#store) this.#store.limits = options
  }

  /** Whether anything can be kept at all. */
  get able(): boolean {
    return this.#store !== undefined
  }

  /** Whether this session has got a handle: then it has a use for the tool that takes one. */
  spilled(session: object): boolean {
    return this.#sessions.has(session)
  }

  /** Keeps a result, and by themselves the contents that are taken out of it. Undefined where that is not possible. */
  async keep(
    session: object,
    { bytes, bodyStart, bodyEnd }: Message,
    contents: Content[] | undefined,
  ): Promise<Kept | undefined> {
    const kept = await this.#store?.keep(session, contentsOf(bytes, bodyStart, bodyEnd, contents))
    if (kept) this.#sessions.add(session)
    return kept
  }

  find(session: object, handle: string): Kept | undefined {
    return this.#store?.get(session, handle)
  }

  end(session: object): void {
    this.#store?.release(session)
  }

  sweep(now: number): void {
    this.#store?.sweep(now)
  }

  /** Removes what gateways have left behind that were killed. */
  async purge(): Promise<void> {
    await this.#store?.purge()
  }

  async close(): Promise<void> {
    this.apart.close()
    await this.#store?.close()
  }
}
