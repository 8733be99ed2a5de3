/** One connection to an HTTP server, and the request that it serves at the moment. */
import type { Socket } from 'node:net'
import type { Chunks } from '../protocol/message.ts'
import type { HttpHeaders } from './request-head.ts'
import type { ResponseHead } from './response-head.ts'
import { type ResponseEvents, ResponseParser } from './response-parser.ts'

export interface HttpSent {
  readonly path: string
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly headers: HttpHeaders
  readonly body: Chunks | undefined
}

/** What becomes of one request. */
export interface HttpEvents {
  head(head: ResponseHead, flow: Flow): void
  data(chunk: Buffer): void
  end(): void
  error(error: HttpError): void
}

export interface HttpError extends NodeJS.ErrnoException {
  /** There was no connection: nothing of the request has left. */
  unsent?: boolean
  /** The connection had served before and ended without a byte of the answer: most likely it was closed while it rested. */
  stale?: boolean
}

/** Holds up a response while its reader cannot keep up. */
export interface Flow {
  pause(): void
  resume(): void
}

/** A request under way. */
export interface HttpHandle {
  /** Ends it, with its connection. */
  destroy(): void
}

export interface HttpLineEvents {
  /** It may take another request. */
  rests(line: HttpLine): void
  closed(line: HttpLine, error: HttpError | undefined): void
}

/** Opens a socket whose bytes go to `read`, which must not keep them. */
export type Open = (read: (chunk: Buffer) => void) => { socket: Socket; ready: 'connect' | 'secureConnect' }

/** How long a server may take to accept a connection. */
const CONNECT_MS = 10_000
/** So that a peer which vanished is noticed also while a stream is silent. */
const PROBE_MS = 60_000
/** Up to this size a body is joined with the head of its request. */
const SMALL_BYTES = 16_384
/** A server drops a connection that rests after five seconds or more; we drop it first, so that none is used while it dies. */
const REST_MS = 4_000
/** Where the server says how long it keeps a connection, we keep it so much shorter. */
const MARGIN_MS = 1_000

export class HttpLine {
  readonly #socket: Socket
  readonly #events: HttpLineEvents
  #turn: Turn | undefined
  /** What is to be sent once there is a connection. */
  #held: (() => void) | undefined
  #ready = false
  #used = false
  /** When it has rested for too long. */
  #until = 0

  constructor(open: Open, events: HttpLineEvents) {
    const { socket, ready } = open((chunk) => this.#read(chunk))
    this.#socket = socket
    this.#events = events
    socket.setNoDelay(true).setKeepAlive(true, PROBE_MS)
    socket.setTimeout(CONNECT_MS, () =>
      socket.destroy(Object.assign(new Error('the connection was not accepted'), { code: 'ETIMEDOUT' })),
    )
    socket.once(ready, () => this.#opened())
    socket.once('end', () => socket.destroy())
    socket.on('error', (error) => this.#over(error))
    socket.once('close', () => this.#over())
  }

  /** It rests, and the server is expected to keep it a while. */
  fresh(now: number): boolean {
    return this.#turn === undefined && now < this.#until && this.#socket.writable && !this.#socket.readableEnded
  }

  send(head: string, body: Chunks | undefined, events: HttpEvents): HttpHandle {
    this.#turn = new Turn(this.#socket, events)
    if (this.#ready) write(this.#socket, head, body)
    else this.#held = () => write(this.#socket, head, body)
    return this.#turn
  }

  close(): void {
    this.#socket.destroy()
  }

  #opened(): void {
    this.#ready = true
    this.#socket.setTimeout(0)
    this.#held?.()
    this.#held = undefined
  }

  #read(chunk: Buffer): void {
    const turn = this.#turn
    // Nobody has asked for anything: this is no HTTP.
    if (!turn) return this.close()
    try {
      turn.parser.push(chunk)
    } catch (error) {
      this.#over(error as HttpError)
    }
    if (!turn.whole || this.#turn !== turn) return
    this.#turn = undefined
    this.#rest(turn)
    turn.events.end()
  }

  #rest({ parser }: Turn): void {
    const ms = Math.min(REST_MS, (parser.keptMs ?? Number.POSITIVE_INFINITY) - MARGIN_MS)
    // A server that answers before it has read the request may take the rest of it for the next one.
    if (!parser.reusable || ms <= 0 || this.#socket.writableLength > 0 || this.#socket.destroyed) return this.close()
    this.#used = true
    this.#until = Date.now() + ms
    if (this.#socket.isPaused()) this.#socket.resume()
    this.#events.rests(this)
  }

  /** Nothing more comes: the end of a response that has no other, or a failure. */
  #over(failure?: HttpError): void {
    const turn = this.#turn
    this.#turn = undefined
    this.#socket.destroy()
    if (!turn) return this.#events.closed(this, failure)
    const whole = failure === undefined && turn.parser.closed()
    const error = whole ? undefined : (failure ?? broken())
    if (error && !this.#ready) error.unsent = true
    if (error && this.#used && !turn.parser.begun) error.stale = true
    this.#events.closed(this, error)
    if (error) turn.events.error(error)
    else turn.events.end()
  }
}

/** One request, from its first byte to the end of its response. */
class Turn implements HttpHandle, Flow, ResponseEvents {
  readonly events: HttpEvents
  readonly parser = new ResponseParser(this)
  readonly #socket: Socket
  /** The response has come to its end. */
  whole = false

  constructor(socket: Socket, events: HttpEvents) {
    this.#socket = socket
    this.events = events
  }

  destroy(): void {
    if (!this.whole) this.#socket.destroy()
  }

  pause(): void {
    if (!this.whole) this.#socket.pause()
  }

  resume(): void {
    if (!this.whole) this.#socket.resume()
  }

  head(head: ResponseHead): void {
    this.events.head(head, this)
  }

  data(chunk: Buffer): void {
    // Whoever reads may keep it, while the socket's own buffer is filled anew.
    this.events.data(Buffer.from(chunk))
  }

  end(): void {
    this.whole = true
  }
}

function broken(): HttpError {
  return Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' })
}

function write(socket: Socket, head: string, body: Chunks = []): void {
  const [only] = body
  // As one text, a small request leaves in one piece; every byte is one latin1 character.
  if (only && body.length === 1 && only.length <= SMALL_BYTES) return void socket.write(head + only.toString('latin1'), 'latin1')
  socket.cork()
  socket.write(head, 'latin1')
  for (const chunk of body) socket.write(chunk)
  socket.uncork()
}
