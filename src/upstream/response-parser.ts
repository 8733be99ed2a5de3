/** Reads HTTP/1.1 responses from the bytes of a connection, one after the other (RFC 9112). */

const HEAD_BYTES_MAX = 65_536
const EMPTY = Buffer.alloc(0)

export type Headers = Record<string, string | string[] | undefined>

export interface ResponseEvents {
  head(status: number, headers: Headers): void
  data(chunk: Buffer): void
  /** The response is over; further bytes on the connection belong to no response that was asked for. */
  end(): void
}

type State = 'head' | 'length' | 'size' | 'chunk' | 'gap' | 'trailer' | 'close' | 'done'

export class ResponseParser {
  readonly #events: ResponseEvents
  #state: State = 'head'
  #kept: Buffer = EMPTY
  #left = 0
  /** The connection may serve another request after this response. */
  reusable = true

  constructor(events: ResponseEvents) {
    this.#events = events
  }

  /** Throws where the bytes are no HTTP. */
  push(chunk: Buffer): void {
    let rest = this.#kept.length > 0 ? Buffer.concat([this.#kept, chunk]) : chunk
    this.#kept = EMPTY
    while (rest.length > 0) {
      const next = this.#step(rest)
      if (next === undefined) {
        if (rest.length > HEAD_BYTES_MAX) throw new Error('the head of the HTTP response is too long')
        this.#kept = rest
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
    if (this.#state === 'length' || this.#state === 'chunk' || this.#state === 'close') return this.#body(rest)
    if (this.#state === 'done') {
      this.reusable = false
      return EMPTY
    }
    const mark = this.#state === 'head' ? '\r\n\r\n' : '\r\n'
    const at = rest.indexOf(mark)
    if (at < 0) return undefined
    const line = rest.toString('latin1', 0, at)
    if (this.#state === 'head') this.#head(line)
    else if (this.#state === 'size') this.#size(line)
    else if (this.#state === 'gap') this.#state = 'size'
    else if (line === '') this.#done()
    return rest.subarray(at + mark.length)
  }

  #head(text: string): void {
    const [first = '', ...lines] = text.split('\r\n')
    const [, minor, code] = /^HTTP\/1\.(\d) (\d{3})/.exec(first) ?? []
    if (code === undefined) throw new Error('the answer is no HTTP response')
    const status = Number(code)
    // 100 Continue and its like announce the response proper.
    if (status < 200) return
    const headers = parseHeaders(lines)
    const connection = String(headers.connection ?? '').toLowerCase()
    this.reusable = minor === '0' ? connection.includes('keep-alive') : !connection.includes('close')
    this.#events.head(status, headers)
    if (status === 204 || status === 304) this.#done()
    else if (/chunked\s*$/i.test(String(headers['transfer-encoding'] ?? ''))) this.#state = 'size'
    else if (headers['content-length'] === undefined) this.#state = 'close'
    else this.#measured(Number(headers['content-length']))
  }

  #measured(length: number): void {
    if (!Number.isSafeInteger(length) || length < 0) throw new Error('the length of the HTTP response is no number')
    this.#left = length
    this.#state = 'length'
    if (length === 0) this.#done()
  }

  #size(line: string): void {
    const [, digits] = /^([0-9a-f]{1,12})\s*(?:;|$)/i.exec(line) ?? []
    if (digits === undefined) throw new Error('a chunk of the HTTP response has no length')
    this.#left = Number.parseInt(digits, 16)
    this.#state = this.#left === 0 ? 'trailer' : 'chunk'
  }

  #body(rest: Buffer): Buffer {
    if (this.#state === 'close') {
      this.#events.data(rest)
      return EMPTY
    }
    const part = rest.length > this.#left ? rest.subarray(0, this.#left) : rest
    this.#left -= part.length
    this.#events.data(part)
    if (this.#left === 0 && this.#state === 'chunk') this.#state = 'gap'
    else if (this.#left === 0) this.#done()
    return rest.subarray(part.length)
  }

  #done(): void {
    if (this.#state === 'close') this.reusable = false
    this.#state = 'done'
    this.#events.end()
  }
}

function parseHeaders(lines: string[]): Headers {
  const headers: Headers = {}
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon < 1) continue
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    const before = headers[name]
    headers[name] = before === undefined ? value : [before, value].flat()
  }
  return headers
}
