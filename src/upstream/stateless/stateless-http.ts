/** The connection to a server of the stateless era over Streamable HTTP: every request stands for itself. */
import type { Log } from '../../observe/log.ts'
import { GatewayError } from '../../protocol/errors.ts'
import type { Chunks, Message } from '../../protocol/message.ts'
import { isMalformed, readMessage } from '../../protocol/read.ts'
import { TransientMap } from '../../std/transient-map.ts'
import type { Connection, ConnectionEvents } from '../connection.ts'
import { connectionError, HttpStatusError } from '../http-failure.ts'
import type { Flow, HttpHandle } from '../http-line.ts'
import { bodyReader, type HttpReader, type HttpTarget, httpRequest } from '../http-request.ts'
import { MessageReader } from '../message-reader.ts'
import type { ServerOptions } from '../options.ts'
import type { HttpHeaders } from '../request-head.ts'
import type { ResponseHead } from '../response-head.ts'

const ACCEPT = 'application/json, text/event-stream'
const REFUSAL_BYTES_MAX = 65_536
/** How long a stream may stay open after the answer, which should be its end. */
const LINGER_MS = 5_000

/** A request without an answer. */
interface Waiting {
  handle: HttpHandle | undefined
  /** The answer comes on an event stream. */
  streaming: boolean
  /** Runs while that stream is open although it has brought the answer. */
  linger: NodeJS.Timeout | undefined
}

export class StatelessHttpConnection implements Connection {
  readonly transport = 'streamable'
  readonly stderr: readonly string[] = []
  readonly pid = undefined
  readonly #name: string
  readonly #target: HttpTarget
  readonly #waiting = new TransientMap<number, Waiting>()
  readonly #reader: MessageReader
  readonly #always: HttpHeaders
  /** Headers are written once for those that are sent often: the same ones in must be the same ones out. */
  readonly #whole = new WeakMap<HttpHeaders, HttpHeaders>()
  #events: ConnectionEvents | undefined

  constructor(name: string, target: HttpTarget, quirks: ServerOptions['quirks'], log: Log) {
    this.#name = name
    this.#target = target
    this.#always = { accept: quirks.inject_accept_header ?? ACCEPT, 'content-type': 'application/json' }
    this.#reader = new MessageReader(name, quirks, log, (message, stream) => this.#delivered(message, stream))
  }

  async open(events: ConnectionEvents): Promise<void> {
    this.#events = events
  }

  /** Only requests: over HTTP, a client of this era has nothing else to say. */
  send(message: Chunks, request?: number, headers: HttpHeaders = {}): void {
    if (request === undefined) return
    const waiting: Waiting = { handle: undefined, streaming: false, linger: undefined }
    this.#waiting.set(request, waiting)
    waiting.handle = httpRequest(this.#target, {
      method: 'POST',
      headers: this.#headers(headers),
      body: message,
      response: (head, flow) => this.#answer(request, waiting, head, flow),
      error: (error) => this.#fail(request, connectionError(this.#name, this.#target.url, error)),
    })
  }

  speak(): void {
    // Each request says its version.
  }

  initialized(): void {
    // There is no handshake.
  }

  /** The end of its connection is what tells the server. */
  forget(request: number): void {
    this.#waiting.delete(request)?.handle?.destroy()
  }

  reset(): void {
    // There is no session to lose.
  }

  pause(): void {
    this.#reader.pause()
  }

  resume(): void {
    this.#reader.resume()
  }

  async close(): Promise<void> {
    for (const request of [...this.#waiting.keys()]) this.forget(request)
    void this.#target.pool.destroy()
  }

  #headers(headers: HttpHeaders): HttpHeaders {
    const known = this.#whole.get(headers)
    if (known) return known
    const whole = { ...this.#always, ...headers }
    this.#whole.set(headers, whole)
    return whole
  }

  #answer(request: number, waiting: Waiting, head: ResponseHead, flow: Flow): HttpReader | undefined {
    const { status } = head
    if (status < 200 || status > 299) return this.#refused(request, status)
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

  #stream(request: number, waiting: Waiting, flow: Flow): HttpReader {
    waiting.streaming = true
    return this.#reader.stream(request, flow, {
      alive: () => this.#events?.alive(request),
      seen: () => undefined,
      // Such a stream cannot be resumed: what the server did meanwhile nobody can tell.
      ended: () => {
        clearTimeout(waiting.linger)
        this.#fail(request, 'closed the stream before it answered')
      },
    })
  }

  /** A refusal that is a JSON-RPC error is the server's answer, unless it is about who may ask; anything else is a failure. */
  #refused(request: number, status: number): HttpReader {
    return bodyReader(REFUSAL_BYTES_MAX, (body = Buffer.alloc(0)) => {
      const message = readMessage(body)
      const answers = !isMalformed(message) && message.kind === 'error' && status !== 401 && status !== 403
      if (answers && (message.id === 'null' || message.idNumber === request))
        return this.#reader.read(Buffer.concat(message.withId(String(request))), request)
      this.#fail(request, new HttpStatusError(this.#name, status, body.toString('utf8', 0, 500)))
    })
  }

  #delivered(message: Message, stream: number | undefined): void {
    if (message.kind === 'result' || message.kind === 'error') this.#answered(message.idNumber)
    this.#events?.message(message, stream)
  }

  #answered(request: number): void {
    const waiting = this.#waiting.delete(request)
    if (waiting?.streaming) waiting.linger = setTimeout(() => waiting.handle?.destroy(), LINGER_MS).unref()
  }

  /** `reason` is the error, or what the server did in words that follow its name. Without effect once the request has its answer. */
  #fail(request: number, reason: GatewayError | string): void {
    if (!this.#waiting.delete(request)) return
    const error = typeof reason === 'string' ? new GatewayError('interrupted', `${this.#name} ${reason}`) : reason
    this.#events?.failed(request, error)
  }
}
