/** The stream by which a Streamable HTTP server reaches us outside of any request: opened by GET, resumed when it breaks. */
import type { Flow, HttpHandle } from './http-line.ts'
import { type HttpReader, type HttpTarget, httpRequest } from './http-request.ts'
import type { StreamSigns } from './message-reader.ts'
import type { HttpHeaders } from './request-head.ts'
import type { ResponseHead } from './response-head.ts'

const PAUSE_MIN_MS = 1_000
/** However short a pause a server asks for, its stream is not opened in a busy loop. */
const RETRY_MIN_MS = 100
const PAUSE_MAX_MS = 30_000

export interface ListenEvents {
  headers(): HttpHeaders
  /** Reads a stream that was opened. */
  read(flow: Flow, signs: StreamSigns): HttpReader
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
      response: (head, flow) => this.#opened(head, flow),
      error: () => this.#again(),
    })
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#handle?.destroy()
  }

  #opened(head: ResponseHead, flow: Flow): HttpReader | undefined {
    const { status } = head
    if (status !== 200 || !head.header('content-type')?.startsWith('text/event-stream')) {
      // A 404 to the very first GET only says that there is no such stream.
      if (status === 404 && this.#worked) this.#events.expired()
      // 405 says that the server has no such stream; other refusals of a client's kind will not change either.
      if (status >= 500) this.#again()
      return undefined
    }
    this.#worked = true
    return this.#events.read(flow, {
      seen: (id, retryMs) => {
        this.#failures = 0
        if (id !== undefined) this.#lastEventId = id
        if (retryMs !== undefined) this.#retryMs = retryMs
      },
      ended: () => this.#again(),
    })
  }

  #again(): void {
    if (this.#stopped) return
    const pause = Math.max(RETRY_MIN_MS, this.#retryMs ?? PAUSE_MIN_MS)
    const ms = Math.min(PAUSE_MAX_MS, pause * 2 ** this.#failures++)
    this.#timer = setTimeout(() => this.start(), ms)
    this.#timer.unref()
  }
}
