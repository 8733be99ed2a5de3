/** The failures of one server: of each workspace by itself, where it has instances for them. */
import type { RootSet } from '../protocol/roots.ts'
import { type Failure, Failures } from './failures.ts'
import type { ServerOptions } from './options.ts'

/** More workspaces in which a server fails are not worth the memory. */
const WORKSPACES_MAX = 100

export class ServerFailures {
  readonly #options: () => ServerOptions['reconnect']
  readonly #byRoots = new Map<string, Failures>()
  /** Those of where it failed or came up last. */
  #latest: Failures

  constructor(options: () => ServerOptions['reconnect']) {
    this.#options = options
    this.#latest = new Failures(options)
  }

  /** What went wrong last, wherever that was: not for clients. */
  get last(): Failure | undefined {
    return this.#latest.last
  }

  get failing(): boolean {
    return this.#latest.failing
  }

  /** Those in this workspace: what happens in another is neither told here nor waited for. */
  of(roots: RootSet | undefined): Failures {
    const id = roots?.id ?? ''
    const known = this.#byRoots.get(id)
    if (known) return known
    const failures = new Failures(this.#options, () => {
      this.#latest = failures
    })
    this.#byRoots.set(id, failures)
    if (this.#byRoots.size > WORKSPACES_MAX) this.#byRoots.delete(this.#byRoots.keys().next().value as string)
    return failures
  }
}
