/** One session of the bridge with the gateway: requests and notifications go out by POST, the stream of the session comes by GET. */
import { EventStreamParser } from '../../protocol/event-stream.ts'
import type { Message } from '../../protocol/message.ts'
import { isMalformed, readBatch, readMessage } from '../../protocol/read.ts'
import { endSession } from '../../upstream/end-session.ts'
import type { Flow, HttpHandle } from '../../upstream/http-line.ts'
import { type HttpReader, type HttpTarget, httpRequest, httpTarget } from '../../upstream/http-request.ts'
import type { ResponseHead } from '../../upstream/response-head.ts'
import { SessionHeaders } from '../../upstream/session-headers.ts'
import type { Flows } from './flows.ts'
import { type End, Posted } from './posted.ts'
import { statelessHeaders } from './stateless-headers.ts'

const EVENT_BYTES_MAX = 160 * 1_048_576
/** Between two attempts to open the stream of the session, while the gateway is there. */
const LISTEN_AGAIN_MS = 250
/** A notification that is not acknowledged holds up what follows it no longer than this. */
const ACKNOWLEDGE_MS = 5_000

export interface LinkEvents {
  /** What comes on the stream of the session. */
  message(link: Link, message: Message): void
  /** The gateway is there and answers. */
  alive(link: Link): unknown
  /** The gateway is gone, or no longer knows the session. */
  lost(link: Link): void
}

export interface RequestEvents {
  message(message: Message): void
  end(end: End): void
}

export class Link {
  readonly #target: HttpTarget
  readonly #cwd: string
  readonly #flows: Flows
  readonly #events: LinkEvents
  readonly #headers = new SessionHeaders('application/json, text/event-stream')
  #listening: HttpHandle | undefined
  #lastEventId: string | undefined
  #closed = false

  private constructor(target: HttpTarget, cwd: string, flows: Flows, events: LinkEvents) {
    this.#target = target
    this.#cwd = cwd
    this.#flows = flows
    this.#events = events
  }

  static async to(url: string, cwd: string, flows: Flows, events: LinkEvents): Promise<Link> {
    return new Link(await httpTarget(url), cwd, flows, events)
  }

  /** Sends a request; what `initialize` brings (the session, the version) holds for all that follows in its era. */
  request(request: Message, events: RequestEvents): Posted {
    const stateless = request.claimStart >= 0
    const opening = request.method === 'initialize'
    const extra = opening ? { 'mcp-gw-cwd': encodeURIComponent(this.#cwd) } : undefined
    const { message, end } = events
    const posted = {
      headers: stateless ? statelessHeaders(request, this.#cwd) : this.#headers,
      head: (head: ResponseHead) => {
        if (head.status < 300) this.#events.alive(this)
        if (opening) this.#headers.name(head.header('mcp-session-id'))
      },
      message: (received: Message) => {
        if (opening && received.kind === 'result') this.#headers.speak(String(received.body.protocolVersion))
        message(received)
      },
      end,
    }
    return new Posted(this.#target, request, this.#flows, posted, extra)
  }

  /** Sends what gets no answer; resolves with false where the gateway or the session is gone. */
  tell(body: Buffer): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(true), ACKNOWLEDGE_MS)
      const settle = (taken: boolean): undefined => {
        clearTimeout(timer)
        resolve(taken)
      }
      httpRequest(this.#target, {
        method: 'POST',
        headers: this.#headers.post,
        body: [body],
        response: ({ status }) => settle(status !== 404 || this.#headers.session === undefined),
        error: () => settle(false),
      })
    })
  }

  /** Opens the stream of the session and keeps it open. */
  listen(): void {
    if (this.#closed) return
    this.#listening = httpRequest(this.#target, {
      method: 'GET',
      headers: {
        ...this.#headers.plain,
        accept: 'text/event-stream',
        ...(this.#lastEventId !== undefined && { 'last-event-id': this.#lastEventId }),
      },
      response: (head, flow) => this.#opened(head, flow),
      error: (error) => (error.unsent ? this.#lost() : this.#again()),
    })
  }

  /** Listens no more; requests that are under way still get their answers. */
  close(): void {
    this.#closed = true
    this.#listening?.destroy()
  }

  /** Tells the gateway that the session is over. */
  async end(): Promise<void> {
    this.close()
    if (this.#headers.session !== undefined) await endSession(this.#target, this.#headers.plain)
    this.#target.pool.destroy()
  }

  #opened(head: ResponseHead, flow: Flow): HttpReader | undefined {
    const { status } = head
    if (status === 200 && head.header('content-type')?.startsWith('text/event-stream')) return this.#stream(flow)
    if (status === 404) return this.#lost()
    const resumed = this.#lastEventId !== undefined
    this.#lastEventId = undefined
    // A gateway that remembers the session but not the event gives a new stream; one without streams (405) never will.
    if (resumed || status >= 500) this.#again()
    return undefined
  }

  #stream(flow: Flow): HttpReader {
    const leave = this.#flows.add(flow)
    this.#events.alive(this)
    const parser = new EventStreamParser(EVENT_BYTES_MAX, {
      event: (event) => {
        this.#lastEventId = event.id ?? this.#lastEventId
        if (event.data.length > 0) this.#read(event.data)
      },
      overflow: () => undefined,
    })
    const over = (): void => {
      leave()
      this.#again()
    }
    return { data: (chunk) => parser.push(chunk), end: over, broken: over }
  }

  #read(bytes: Buffer): void {
    for (const message of readBatch(bytes) ?? [readMessage(bytes)]) if (!isMalformed(message)) this.#events.message(this, message)
  }

  #again(): void {
    if (!this.#closed) setTimeout(() => this.listen(), LISTEN_AGAIN_MS)
  }

  #lost(): undefined {
    if (!this.#closed) this.#events.lost(this)
  }
}
