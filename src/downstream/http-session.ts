/** What a session has over HTTP: the stream of the session itself, and those of its requests that may be resumed. */
import type { Session } from '../gateway/session.ts'
import { EventLog } from './event-log.ts'

/** How long the stream of an answered request can still be fetched. */
const KEEP_MS = 60_000
const STREAMS_MAX = 100

export class HttpSession {
  /** Takes what belongs to no request, until the client opens a stream for it. */
  readonly push = new EventLog('s')
  session: Session | undefined
  readonly #streams = new Map<string, EventLog>([['s', this.push]])
  #next = 1

  /** A stream for one request. */
  open(): EventLog {
    const log = new EventLog(`r${this.#next++}`)
    this.#streams.set(log.id, log)
    if (this.#streams.size > STREAMS_MAX) {
      const [oldest] = [...this.#streams.values()].filter((one) => one.ended)
      if (oldest) this.#streams.delete(oldest.id)
    }
    return log
  }

  /** The stream has ended; forget it once nobody can be expected to come back for it. */
  finished(log: EventLog): void {
    setTimeout(() => this.#streams.delete(log.id), KEEP_MS).unref()
  }

  stream(id: string): EventLog | undefined {
    return this.#streams.get(id)
  }

  close(): void {
    for (const log of this.#streams.values()) log.detach()
    this.#streams.clear()
  }
}
