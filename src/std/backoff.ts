/** How long to wait before the next attempt: exponential, with full jitter, so that many who failed at once do not return at once. */
interface BackoffOptions {
  /** Milliseconds: the longest first pause. */
  base: number
  /** Milliseconds: the longest pause of all. */
  max: number
}

export class Backoff {
  readonly #options: () => BackoffOptions
  readonly #random: () => number
  #failures = 0

  constructor(options: () => BackoffOptions, random: () => number = Math.random) {
    this.#options = options
    this.#random = random
  }

  /** Failures since the last success. */
  get failures(): number {
    return this.#failures
  }

  /** Notes a failure; returns the pause before the next attempt, in milliseconds. */
  fail(): number {
    const { base, max } = this.#options()
    const ceiling = Math.min(max, base * 2 ** this.#failures++)
    return Math.round(ceiling * this.#random())
  }

  succeed(): void {
    this.#failures = 0
  }
}
