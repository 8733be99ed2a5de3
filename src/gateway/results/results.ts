/** Results that were too large to be shown, as sessions know them: each is there for the client that got it, and for nobody else. */
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

/** The client that a result is for. */
export interface Receiver {
  readonly id: string
  /** Whom what is kept for it belongs to: itself, or all who say the same of themselves where there are no sessions. */
  readonly owner: string
  readonly closed: boolean
}

export class Results {
  /** What takes long, or may never end, is done elsewhere. */
  readonly apart = new Apart()
  readonly #store: ResultStore | undefined
  /** Those that have got a handle at some time: their list of tools does not change back. */
  readonly #sessions = new WeakSet<Receiver>()

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

  /** Whether this client has got a handle: then it has a use for the tool that takes one. */
  spilled(receiver: Receiver): boolean {
    return this.#sessions.has(receiver) || (receiver.owner !== receiver.id && this.#store?.holds(receiver.owner) === true)
  }

  /** Keeps a result, and by themselves the contents that are taken out of it. Undefined where that is not possible. */
  async keep(receiver: Receiver, reply: Message, contents: Content[] | undefined): Promise<Kept | undefined> {
    // Without a session, the end of a client is nothing but silence.
    const gone = (): boolean => receiver.closed && receiver.owner === receiver.id
    const kept = await this.#store?.keep(receiver.owner, { ...contentsOf(reply, contents), gone })
    if (kept) this.#sessions.add(receiver)
    return kept
  }

  find({ owner }: Receiver, handle: string): Kept | undefined {
    return this.#store?.get(owner, handle)
  }

  end(receiver: Receiver): void {
    if (receiver.owner === receiver.id) this.#store?.release(receiver.owner)
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
