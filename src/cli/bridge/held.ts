/** What could not be sent yet, in the order in which it came. Nothing waits for ever. */
import type { Message } from '../../protocol/message.ts'

/** How long what waits for a gateway waits. */
const HELD_MS = 30_000

/** A message of the client that has not been settled yet. */
export interface Entry {
  readonly message: Message
  readonly seq: number
  readonly since: number
  repeats: number
}

export class Held {
  #entries: Entry[] = []
  readonly #late: () => void
  #expiry: NodeJS.Timeout | undefined

  /** `late` is told when something has waited for too long: it is to be taken with `takeLate`. */
  constructor(late: () => void) {
    this.#late = late
  }

  get size(): number {
    return this.#entries.length
  }

  add(entry: Entry): void {
    this.#entries.push(entry)
    this.#entries.sort((a, b) => a.seq - b.seq)
    this.#expiry ??= setTimeout(() => this.#expire(), HELD_MS)
  }

  next(): Entry | undefined {
    return this.#entries.shift()
  }

  /** Takes a request out; false where it is not here. */
  drop(id: string): boolean {
    const at = this.#entries.findIndex(({ message }) => message.kind === 'request' && message.id === id)
    if (at >= 0) this.#entries.splice(at, 1)
    return at >= 0
  }

  takeAll(): Entry[] {
    return this.#entries.splice(0)
  }

  takeLate(): Entry[] {
    const before = Date.now() - HELD_MS
    const late = this.#entries.filter(({ since }) => since <= before)
    this.#entries = this.#entries.filter(({ since }) => since > before)
    return late
  }

  #expire(): void {
    this.#expiry = undefined
    this.#late()
    const [oldest] = this.#entries
    if (oldest) this.#expiry = setTimeout(() => this.#expire(), Math.max(100, oldest.since + HELD_MS - Date.now()))
  }
}
