/** The responses that are being read, so that a client which does not read holds them up together. */
import { TransientSet } from '../../std/transient-set.ts'
import type { Flow } from '../../upstream/http-line.ts'

export class Flows {
  readonly #open = new TransientSet<Flow>()
  #paused = false

  /** Gives the function that is to be called when the response is over. */
  add(flow: Flow): () => void {
    if (this.#paused) flow.pause()
    return this.#open.add(flow)
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
