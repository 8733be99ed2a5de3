/** The stream by which a Streamable HTTP server reaches us outside of any request: opened by GET, resumed when it breaks. */
import type { IncomingMessage } from 'node:http'
import { type HttpHandle, type HttpTarget, httpRequest } from './http-request.ts'

const PAUSE_MIN_MS = 1_000
const PAUSE_MAX_MS = 30_000

export interface ListenEvents {
  headers(): Record<string, string>
  /** Reads a stream that was opened; `seen` is told every event id and every pause the server asks for. */
  read(response: IncomingMessage, seen: (id: string | undefined, retryMs: number | undefined) => void): void
  /** The server no longer knows the session. */
  expired(): void
}

export class ListenStream {
  readonly #target: HttpTarget
  readonly #events: ListenEvents
  #handle: HttpHandle | undefined
  #timer: NodeJS.Timeout | undefined
  #lastEventId: string | undefined
  #retryMs: number | undefined
  #failures = 0
  #stopped = false
  #worked = false

  constructor(target: HttpTarget, events: ListenEvents) {
    this.#target = target
    this.#events = events
  }

  start(): void {
    this.#handle = httpRequest(this.#target, {
      method: 'GET',
      headers: {
        ...this.#events.headers(),
        accept: 'text/event-stream',
        ...(this.#lastEventId !== undefined && { 'last-event-id': this.#lastEventId }),
      },
      response: (response) => this.#opened(response),
      error: () => this.#again(),
    })
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#handle?.destroy()
  }

  #opened(response: IncomingMessage): void {
    const status = response.statusCode ?? 0
    if (status !== 200 || !response.headers['content-type']?.startsWith('text/event-stream')) {
      response.resume()
      // A 404 to the very first GET only says that there is no such stream.
      if (status === 404 && this.#worked) this.#events.expired()
      // 405 says that the server has no such stream; other refusals of a client's kind will not change either.
      if (status >= 500) this.#again()
      return
    }
    this.#worked = true
    this.#events.read(response, (id, retryMs) => {
      this.#failures = 0
      if (id !== undefined) this.#lastEventId = id
      if (retryMs !== undefined) this.#retryMs = retryMs
    })
    response.once('close', () => this.#again())
  }

  #again(): void {
    if (this.#stopped) return
    const pause = this.#retryMs ?? PAUSE_MIN_MS
    const ms = Math.min(PAUSE_MAX_MS, pause * 2 ** this.#failures++)
    this.#timer = setTimeout(() => this.start(), ms)
    this.#timer.unref()
  }
}
