/** What a session has over HTTP: the stream of the session itself, and those of its requests that may be resumed. */

import type { Session } from '../gateway/session.ts'
import { clock } from '../std/clock.ts'
import { TransientMap } from '../std/transient-map.ts'
import { EventLog } from './event-log.ts'

/** How long the stream of an answered request can still be fetched. */
const KEEP_MS = 60_000
const STREAMS_MAX = 100

export class HttpSession {
  /** Takes what belongs to no request, until the client opens a stream for it. */
  readonly push = new EventLog('s')
  session: Session | undefined
  readonly #streams = new TransientMap<string, EventLog>()
  #next = 1
  #sweeper: NodeJS.Timeout | undefined

  constructor() {
    this.#streams.set('s', this.push)
  }

  /** A stream for one request. */
  open(): EventLog {
    const log = new EventLog(`r${this.#next++}`)
    this.#streams.set(log.id, log)
    if (this.#streams.size > STREAMS_MAX) this.#forgetOldest()
    return log
  }

  /** A stream has ended; forget it once nobody can be expected to come back for it. */
  finished(): void {
    this.#sweeper ??= setTimeout(() => this.#sweep(), KEEP_MS).unref()
  }

  stream(id: string): EventLog | undefined {
    return this.#streams.get(id)
  }

  close(): void {
    for (const log of this.#streams.values()) log.detach()
    for (const id of [...this.#streams.keys()]) this.#streams.delete(id)
    clearTimeout(this.#sweeper)
  }

  #forgetOldest(): void {
    for (const log of this.#streams.values()) if (log.endedAt !== undefined) return void this.#streams.delete(log.id)
  }

  /** One timer for all: where every call has a stream, a timer for each would be the larger part of it. */
  #sweep(): void {
    const until = clock() - KEEP_MS
    const ended = [...this.#streams.values()].filter(({ endedAt }) => endedAt !== undefined)
    for (const { id, endedAt = 0 } of ended) if (endedAt <= until) this.#streams.delete(id)
    this.#sweeper = ended.length > 0 ? setTimeout(() => this.#sweep(), KEEP_MS / 10).unref() : undefined
  }
}
