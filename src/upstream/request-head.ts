/** Writes the head of an HTTP/1.1 request (RFC 9112, 3). */

/** By lower-case names. Not to be changed once they are sent: they are written only once. */
export type HttpHeaders = Readonly<Record<string, string>>

/** These say where the request ends or what becomes of the connection, which is not for its sender to say. */
const FRAMING: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

export class RequestHeads {
  readonly #host: string
  readonly #always: HttpHeaders
  /** Whoever calls often sends the same headers again and again. */
  readonly #written = new WeakMap<HttpHeaders, string>()

  /** `host` is what the URL says, `always` what is sent with every request. */
  constructor(host: string, always: HttpHeaders) {
    this.#host = host
    this.#always = always
  }

  /** Throws where a header would be read as something else than a header. */
  write(method: string, path: string, headers: HttpHeaders, bodyBytes: number | undefined): string {
    let lines = this.#written.get(headers)
    if (lines === undefined) {
      lines = headerLines({ host: this.#host, ...this.#always, ...headers })
      this.#written.set(headers, lines)
    }
    const length = bodyBytes === undefined ? '' : `content-length: ${bodyBytes}\r\n`
    return `${method} ${path} HTTP/1.1\r\n${lines}${length}\r\n`
  }
}

function headerLines(headers: HttpHeaders): string {
  const lines = Object.entries(headers).map(([name, value]) => {
    if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name) || /[^\t\x20-\x7e\x80-\xff]/.test(value) || FRAMING.has(name)) {
      throw Object.assign(new Error(`the header ${name} cannot be sent`), { code: 'ERR_INVALID_CHAR' })
    }
    return `${name}: ${value}\r\n`
  })
  return lines.join('')
}
