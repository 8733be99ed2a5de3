/** One event stream to a client that survives its connection: what was sent is kept a while, to be sent again on resumption. */

import type { ServerResponse } from 'node:http'
import type { Outlet } from '../gateway/questions.ts'
import { messageEvent, primingEvent } from '../protocol/event-stream.ts'
import type { Chunks } from '../protocol/message.ts'
import { clock } from '../std/clock.ts'

const EVENTS_MAX = 1_000
const BYTES_MAX = 4 * 1_048_576
/** A client that lets this much pile up is cut off; it can resume. */
const BACKLOG_BYTES_MAX = 16 * 1_048_576
/** How long a client should wait before it reconnects. */
const RETRY_MS = 1_000

export const STREAM_HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
}

interface Kept {
  n: number
  message: Chunks
  bytes: number
}

export class EventLog implements Outlet {
  readonly id: string
  /** When the last event was sent, by `clock`; undefined while there may be more. */
  endedAt: number | undefined
  readonly #kept: Kept[] = []
  #keptBytes = 0
  #last = 0
  #delivered = 0
  #res: ServerResponse | undefined

  constructor(id: string) {
    this.id = id
  }

  get attached(): boolean {
    return this.#res !== undefined
  }

  send(message: Chunks): void {
    const n = ++this.#last
    this.#keep({ n, message, bytes: message.reduce((sum, chunk) => sum + chunk.length, 0) })
    if (this.#res) this.#write(this.#res, n, message)
  }

  /** Opens the stream on a response whose headers were written, with an event to resume from where the client knows such. */
  attach(res: ServerResponse, priming: boolean, after?: number): void {
    const before = this.#res
    this.#res = res
    before?.end()
    res.once('close', () => {
      if (this.#res === res) this.#res = undefined
    })
    if (priming) res.write(primingEvent(this.#name(after ?? this.#delivered), RETRY_MS))
    for (const event of this.#kept) if (event.n > (after ?? this.#delivered)) this.#write(res, event.n, event.message)
    if (this.endedAt !== undefined) this.#close()
  }

  /** Sends the last event and closes the stream; a client that missed it can still fetch it. */
  end(message?: Chunks): void {
    if (message) this.send(message)
    this.endedAt = clock()
    this.#close()
  }

  /** Ends the connection, not the stream. */
  detach(): void {
    this.#close()
  }

  #close(): void {
    const res = this.#res
    this.#res = undefined
    res?.end()
  }

  #write(res: ServerResponse, n: number, message: Chunks): void {
    if (this.#res !== res) return
    // Asked before writing: what piles up shows that a client does not read, the size of one message does not.
    if (res.writableLength > BACKLOG_BYTES_MAX) {
      this.#res = undefined
      res.destroy()
      return
    }
    res.cork()
    for (const chunk of messageEvent(message, this.#name(n))) res.write(chunk)
    res.uncork()
    this.#delivered = n
  }

  #name(n: number): string {
    return `${this.id}_${n}`
  }

  #keep(event: Kept): void {
    this.#kept.push(event)
    this.#keptBytes += event.bytes
    // The newest always stays, however large: it may be the answer.
    while (this.#kept.length > 1 && (this.#kept.length > EVENTS_MAX || this.#keptBytes > BYTES_MAX)) {
      this.#keptBytes -= (this.#kept.shift() as Kept).bytes
    }
  }
}

/** The stream and the event that an event id names. */
export function parseEventId(id: string): { stream: string; n: number } | undefined {
  const match = /^(\w[\w-]*)_(\d+)$/.exec(id)
  return match ? { stream: match[1] as string, n: Number(match[2]) } : undefined
}
