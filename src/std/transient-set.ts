/** A set of what comes and goes with every call; see TransientMap for why no plain Set. */
import { TransientMap } from './transient-map.ts'

export class TransientSet<Value> {
  readonly #byNumber = new TransientMap<number, Value>()
  #next = 0

  get size(): number {
    return this.#byNumber.size
  }

  /** Gives the function that takes it out again. */
  add(value: Value): () => void {
    const number = this.#next++
    this.#byNumber.set(number, value)
    return () => {
      this.#byNumber.delete(number)
    }
  }

  [Symbol.iterator](): Iterator<Value> {
    return this.#byNumber.values()[Symbol.iterator]()
  }
}
