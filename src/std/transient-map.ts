/**
 * A map of what comes and goes with every call. V8 chains the tables that a Map outgrows, and one that has grown old keeps all that
 * was ever in the younger ones alive until a full collection: here only empty slots are left in them.
 */
export class TransientMap<Key, Value> {
  readonly #slots = new Map<Key, { value: Value | undefined }>()

  get size(): number {
    return this.#slots.size
  }

  has(key: Key): boolean {
    return this.#slots.has(key)
  }

  get(key: Key): Value | undefined {
    return this.#slots.get(key)?.value
  }

  set(key: Key, value: Value): void {
    this.delete(key)
    this.#slots.set(key, { value })
  }

  /** Takes an entry out, and gives its value. */
  delete(key: Key): Value | undefined {
    const slot = this.#slots.get(key)
    if (!slot) return undefined
    const { value } = slot
    slot.value = undefined
    this.#slots.delete(key)
    return value
  }

  keys(): Iterable<Key> {
    return this.#slots.keys()
  }

  /** The values, oldest first. */
  *values(): Iterable<Value> {
    for (const { value } of this.#slots.values()) if (value !== undefined) yield value
  }
}
