/** Instances on their way out: each is ended in order, and killed where the whole process is about to exit. */
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

  kill(): void {
    for (const instance of this.#ending.keys()) instance.connection.kill()
  }
}
