/** The connection to a server over Streamable HTTP (specification: Transports, Streamable HTTP). */

import type { Log } from '../observe/log.ts'
import { GatewayError } from '../protocol/errors.ts'
import type { Chunks, Message } from '../protocol/message.ts'
import { isMalformed, readMessage } from '../protocol/read.ts'
import { TransientMap } from '../std/transient-map.ts'
import type { Connection, ConnectionEvents } from './connection.ts'
import { endSession } from './end-session.ts'
import { connectionError, HttpStatusError } from './http-failure.ts'
import type { Flow } from './http-line.ts'
import { bodyReader, type HttpReader, type HttpTarget, httpRequest } from './http-request.ts'
import { ListenStream } from './listen-stream.ts'
import { MessageReader } from './message-reader.ts'
import type { ServerOptions } from './options.ts'
import type { ResponseHead } from './response-head.ts'
import { SessionHeaders } from './session-headers.ts'
import { tell } from './tell.ts'
import { newWaiting, type Waiting } from './waiting.ts'

const ACCEPT = 'application/json, text/event-stream'
/** However short a pause a server asks for, its stream is not resumed in a busy loop. */
const RETRY_MIN_MS = 100
/** How long a stream may stay open after the answer, which should be its end. */
const LINGER_MS = 5_000
const REFUSAL_BYTES_MAX = 65_536
const RESUMES_MAX = 5

export class StreamableHttpConnection implements Connection {
  readonly transport = 'streamable'
  readonly stderr: readonly string[] = []
  readonly pid = undefined
  readonly #name: string
  readonly #target: HttpTarget
  readonly #log: Log
  readonly #waiting = new TransientMap<number, Waiting>()
  readonly #reader: MessageReader
  readonly #headers: SessionHeaders
  #events: ConnectionEvents | undefined
  #listening: ListenStream | undefined

  constructor(name: string, target: HttpTarget, quirks: ServerOptions['quirks'], log: Log) {
    this.#name = name
    this.#target = target
    this.#log = log
    this.#headers = new SessionHeaders(quirks.inject_accept_header ?? ACCEPT)
    this.#reader = new MessageReader(name, quirks, log, (message, stream) => this.#delivered(message, stream))
  }

  async open(events: ConnectionEvents): Promise<void> {
    this.#events = events
  }

  send(message: Chunks, request?: number): Promise<void> | void {
    if (request === undefined) return this.#tell(message)
    const waiting = newWaiting(message, this.#headers.session)
    this.#waiting.set(request, waiting)
    waiting.handle = httpRequest(this.#target, {
      method: 'POST',
      headers: this.#headers.post,
      body: message,
      response: (head, flow) => this.#answer(request, waiting, head, flow),
      error: (error) => this.#broken(request, waiting, error),
    })
  }

  speak(version: string): void {
    this.#headers.speak(version)
  }

  initialized(): void {
    this.#listening?.stop()
    this.#listening = new ListenStream(this.#target, {
      headers: () => this.#headers.plain,
      read: (flow, signs) => this.#reader.stream(undefined, flow, signs),
      expired: () => this.#headers.session !== undefined && this.#events?.expired(undefined),
    })
    this.#listening.start()
  }

  forget(request: number): void {
    this.#waiting.delete(request)?.handle?.destroy()
  }

  reset(): void {
    this.#headers.name(undefined)
    this.#headers.speak(undefined)
    this.#listening?.stop()
  }

  pause(): void {
    this.#reader.pause()
  }

  resume(): void {
    this.#reader.resume()
  }

  async close(): Promise<void> {
    const session = this.#headers.session
    this.#listening?.stop()
    for (const request of [...this.#waiting.keys()]) this.forget(request)
    if (session !== undefined) await endSession(this.#target, this.#headers.plain)
    void this.#target.pool.destroy()
  }

  async #tell(message: Chunks): Promise<void> {
    const session = this.#headers.session
    const outcome = await tell(this.#target, this.#headers.post, message)
    if (outcome === 404 && session !== undefined && session === this.#headers.session) this.#events?.expired(undefined)
    if (outcome instanceof Error) this.#log.debug({ server: this.#name, err: outcome }, 'a notification could not be sent')
  }

  #answer(request: number, waiting: Waiting, head: ResponseHead, flow: Flow): HttpReader | undefined {
    const { status } = head
    if (status < 200 || status > 299) return this.#refused(request, waiting, status)
    this.#headers.name(head.header('mcp-session-id') ?? this.#headers.session)
    const type = (head.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase()
    if (type === 'text/event-stream') return this.#stream(request, waiting, flow)
    if (type !== 'application/json') {
      this.#fail(request, `answered ${status} with ${type || 'no content type'} instead of JSON or an event stream`)
      return undefined
    }
    return this.#reader.body(request, {
      alive: () => this.#events?.alive(request),
      fail: (reason) => this.#fail(request, reason),
    })
  }

  /** A refusal that is a JSON-RPC error of the server's own is its answer; anything else is a failure. */
  #refused(request: number, waiting: Waiting, status: number): HttpReader | undefined {
    if (status === 404 && waiting.session !== undefined) {
      this.#waiting.delete(request)
      // Another request may have had the session renewed meanwhile.
      const renewed = this.#headers.session !== undefined && this.#headers.session !== waiting.session
      if (renewed) void this.send(waiting.message, request)
      else this.#events?.expired(request)
      return undefined
    }
    return bodyReader(REFUSAL_BYTES_MAX, (body = Buffer.alloc(0)) => {
      const message = readMessage(body)
      if (!isMalformed(message) && message.kind === 'error' && (message.id === 'null' || message.idNumber === request)) {
        const code = message.body.code
        // Codes that name our hop, not the call (unsupported version, missing session): the caller can do nothing with them.
        if (status !== 401 && status !== 403 && typeof code === 'number' && code !== -32000) {
          return this.#reader.read(Buffer.concat(message.withId(String(request))), request)
        }
      }
      this.#fail(request, new HttpStatusError(this.#name, status, body.toString('utf8', 0, 500)))
    })
  }

  #stream(request: number, waiting: Waiting, flow: Flow): HttpReader {
    waiting.streaming = true
    return this.#reader.stream(request, flow, {
      alive: () => {
        waiting.resumes = 0
        this.#events?.alive(request)
      },
      seen: (id, retryMs) => {
        if (id !== undefined) waiting.lastEventId = id
        if (retryMs !== undefined) waiting.retryMs = retryMs
      },
      ended: () => {
        clearTimeout(waiting.linger)
        if (this.#waiting.has(request)) this.#resume(request, waiting)
      },
    })
  }

  /** A stream that broke off before the answer goes on by GET where its events had ids, after the pause the server asked for. */
  #resume(request: number, waiting: Waiting): void {
    const lastEventId = waiting.lastEventId
    if (lastEventId === undefined || ++waiting.resumes > RESUMES_MAX) {
      return this.#fail(request, 'closed the stream before it answered')
    }
    setTimeout(
      () => {
        if (!this.#waiting.has(request)) return
        waiting.handle = httpRequest(this.#target, {
          method: 'GET',
          headers: { ...this.#headers.plain, accept: 'text/event-stream', 'last-event-id': lastEventId },
          response: ({ status }, flow) => {
            if (status === 200) return this.#stream(request, waiting, flow)
            this.#fail(request, new HttpStatusError(this.#name, status, 'the stream cannot be resumed'))
            return undefined
          },
          error: (error) => this.#broken(request, waiting, error),
        })
      },
      Math.max(RETRY_MIN_MS, waiting.retryMs),
    )
  }

  #delivered(message: Message, stream: number | undefined): void {
    if (message.kind === 'result' || message.kind === 'error') this.#answered(message.idNumber)
    this.#events?.message(message, stream)
  }

  #answered(request: number): void {
    const waiting = this.#waiting.delete(request)
    if (waiting?.streaming) waiting.linger = setTimeout(() => waiting.handle?.destroy(), LINGER_MS).unref()
  }

  #broken(request: number, waiting: Waiting, error: NodeJS.ErrnoException): void {
    if (!this.#waiting.has(request)) return
    if (waiting.lastEventId !== undefined) return this.#resume(request, waiting)
    this.#fail(request, connectionError(this.#name, this.#target.url, error))
  }

  /** `reason` is the error, or what the server did in words that follow its name. */
  #fail(request: number, reason: GatewayError | string): void {
    const error = typeof reason === 'string' ? new GatewayError('interrupted', `${this.#name} ${reason}`) : reason
    if (this.#waiting.delete(request)) this.#events?.failed(request, error)
  }
}
