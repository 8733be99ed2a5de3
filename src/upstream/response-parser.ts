/** Reads HTTP/1.1 responses from the bytes of a connection, one after the other (RFC 9112). */
import { type ResponseHead, readHead } from './response-head.ts'

/** The head of a response, a line between chunks, or all trailers together: whoever sends more means no good. */
const HEAD_BYTES_MAX = 65_536
const EMPTY = Buffer.alloc(0)

export interface ResponseEvents {
  head(head: ResponseHead): void
  /** A part of the body; the bytes are another's after the call. */
  data(chunk: Buffer): void
  /** The response is over; further bytes on the connection belong to no response that was asked for. */
  end(): void
}

type State = 'head' | 'length' | 'size' | 'chunk' | 'gap' | 'trailer' | 'close' | 'done'

export class ResponseParser {
  readonly #events: ResponseEvents
  #state: State = 'head'
  #kept: Buffer = EMPTY
  /** Bytes that the body, the chunk or the trailers may still have. */
  #left = 0
  #reusable = true
  /** How long the server keeps the connection without a request, where it says so. */
  keptMs: number | undefined
  /** Something of the response has come. */
  begun = false

  constructor(events: ResponseEvents) {
    this.#events = events
  }

  /** The response is over, and the connection may serve another request. */
  get reusable(): boolean {
    return this.#reusable && this.#state === 'done'
  }

  /** Throws where the bytes are no HTTP. */
  push(chunk: Buffer): void {
    this.begun = true
    let rest = this.#kept.length > 0 ? Buffer.concat([this.#kept, chunk]) : chunk
    this.#kept = EMPTY
    while (rest.length > 0) {
      const next = this.#step(rest)
      if (next === undefined) {
        if (rest.length > HEAD_BYTES_MAX) throw new Error('the head of the HTTP response is too long')
        // A copy: the bytes are another's after the call.
        this.#kept = Buffer.from(rest)
        return
      }
      rest = next
    }
  }

  /** The connection was closed; false where that cut the response off. */
  closed(): boolean {
    if (this.#state === 'close') this.#done()
    return this.#state === 'done'
  }

  /** Takes the next part; returns what is behind it, or undefined where it is not complete. */
  #step(rest: Buffer): Buffer | undefined {
    if (this.#state === 'length' || this.#state === 'chunk') return this.#body(rest)
    if (this.#state === 'close') {
      this.#events.data(rest)
      return EMPTY
    }
    if (this.#state === 'done') {
      this.#reusable = false
      return EMPTY
    }
    const mark = this.#state === 'head' ? '\r\n\r\n' : '\r\n'
    const at = rest.indexOf(mark)
    if (at < 0) return undefined
    if (at > HEAD_BYTES_MAX) throw new Error('the head of the HTTP response is too long')
    const line = rest.toString('latin1', 0, at)
    if (this.#state === 'head') this.#head(line)
    else if (this.#state === 'size') this.#size(line)
    else if (this.#state === 'trailer') this.#trailer(line)
    else this.#gap(line)
    return rest.subarray(at + mark.length)
  }

  #head(text: string): void {
    const head = readHead(text)
    const { status, minor } = head
    // 100 Continue and its like announce the response proper.
    if (status < 200) return
    this.#settleKeeping(minor, head.header('connection') ?? '', head.header('keep-alive'))
    this.#events.head(head)
    const coding = head.header('transfer-encoding')
    const length = head.header('content-length')
    // Two measures of one body are how responses are smuggled (RFC 9112, 6.3).
    if (coding !== undefined && length !== undefined) this.#reusable = false
    if (status === 204 || status === 304) this.#done()
    else if (coding !== undefined) this.#state = /(^|,)[ \t]*chunked$/i.test(coding) ? 'size' : 'close'
    else if (length !== undefined) this.#measured(length)
    else this.#state = 'close'
  }

  #settleKeeping(minor: number, connection: string, keepAlive = ''): void {
    const word = minor === 1 ? /(^|,)\s*close\s*(,|$)/i : /(^|,)\s*keep-alive\s*(,|$)/i
    this.#reusable = word.test(connection) === (minor === 0)
    const [, seconds] = /(?:^|[,\s])timeout=(\d{1,6})/i.exec(keepAlive) ?? []
    if (seconds !== undefined) this.keptMs = Number(seconds) * 1000
  }

  #measured(length: string): void {
    this.#left = /^\d{1,15}$/.test(length) ? Number(length) : Number.NaN
    if (Number.isNaN(this.#left)) throw new Error('the length of the HTTP response is no number')
    this.#state = 'length'
    if (this.#left === 0) this.#done()
  }

  #size(line: string): void {
    const [, digits] = /^([0-9a-f]{1,12})[ \t]*(?:;|$)/i.exec(line) ?? []
    if (digits === undefined) throw new Error('a chunk of the HTTP response has no length')
    this.#left = Number.parseInt(digits, 16)
    this.#state = 'chunk'
    if (this.#left > 0) return
    this.#state = 'trailer'
    this.#left = HEAD_BYTES_MAX
  }

  #gap(line: string): void {
    if (line !== '') throw new Error('a chunk of the HTTP response is longer than it says')
    this.#state = 'size'
  }

  #trailer(line: string): void {
    this.#left -= line.length
    if (line === '') this.#done()
    else if (this.#left < 0) throw new Error('the trailers of the HTTP response are too long')
  }

  #body(rest: Buffer): Buffer {
    const part = rest.length > this.#left ? rest.subarray(0, this.#left) : rest
    this.#left -= part.length
    this.#events.data(part)
    if (this.#left === 0 && this.#state === 'chunk') this.#state = 'gap'
    else if (this.#left === 0) this.#done()
    return rest.subarray(part.length)
  }

  #done(): void {
    if (this.#state === 'close') this.#reusable = false
    this.#state = 'done'
    this.#events.end()
  }
}
