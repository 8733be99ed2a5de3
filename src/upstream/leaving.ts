/** Instances on their way out: each is ended in order. */
import type { Instance } from './instance.ts'

export class Leaving {
  readonly #ending = new Map<Instance, Promise<void>>()

  /** Ends an instance, once. */
  end(instance: Instance): void {
    if (this.#ending.has(instance)) return
    const ended = instance.close().finally(() => this.#ending.delete(instance))
    this.#ending.set(instance, ended)
  }

  /** Resolves when all of them are gone. */
  async gone(): Promise<void> {
    await Promise.all(this.#ending.values())
  }
}
