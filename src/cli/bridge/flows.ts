/** The responses that are being read, so that a client which does not read holds them up together. */
import type { Flow } from '../../upstream/http-line.ts'

export class Flows {
  readonly #open = new Set<Flow>()
  #paused = false

  add(flow: Flow): void {
    this.#open.add(flow)
    if (this.#paused) flow.pause()
  }

  delete(flow: Flow): void {
    this.#open.delete(flow)
  }

  pause(): void {
    this.#paused = true
    for (const flow of this.#open) flow.pause()
  }

  resume(): void {
    this.#paused = false
    for (const flow of this.#open) flow.resume()
  }
}
