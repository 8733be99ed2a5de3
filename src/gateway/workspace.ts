/** Where one client works: in the folders that it tells, else in the one that it was started in. */
import type { Workspace } from '../call/exchange.ts'
import { NO_ROOTS, type RootSet, rootOf } from '../protocol/roots.ts'

/** Asks a client for its roots; resolves with undefined where it gives no answer. */
export type AskRoots = () => Promise<RootSet | undefined>

export class ClientWorkspace implements Workspace {
  roots: RootSet | undefined
  readonly #ask: AskRoots | undefined
  /** The client has said so itself, or has nothing to say. */
  #certain: boolean
  #asking: Promise<void> | undefined
  #changes = 0

  /** `ask` is undefined where the client does not know of roots; then the folder that it was started in counts, if any. */
  constructor(ask: AskRoots | undefined, folder: string | undefined) {
    this.#ask = ask
    this.#certain = ask === undefined
    if (!ask) this.roots = folder === undefined ? NO_ROOTS : rootOf(folder)
  }

  settle(): Promise<void> {
    if (this.#certain) return Promise.resolve()
    this.#asking ??= this.#learn().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  /** The client says that its roots are others now; they are asked for when they are needed next. */
  changed(): void {
    if (!this.#ask) return
    this.#changes++
    this.#certain = false
    this.roots = undefined
  }

  async #learn(): Promise<void> {
    for (;;) {
      const changes = this.#changes
      const told = await this.#ask?.()
      // What was told before the last change may be what was true before it.
      if (changes !== this.#changes) continue
      // Whoever does not answer works nowhere until it is asked again: never in the folders of somebody else.
      this.roots = told ?? NO_ROOTS
      this.#certain = told !== undefined
      return
    }
  }
}
