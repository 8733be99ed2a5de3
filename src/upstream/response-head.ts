/** The head of an HTTP/1.1 response: its status, and its headers, which are looked up in the text because few are asked for. */

/** The status line, then lines of a name, which is a token, and a value (RFC 9112, 4 and 5). */
const HEAD = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?(?:\r\n[!#$%&'*+.^_`|~\w-]+:[\t\x20-\x7e\x80-\xff]*)*$/

/** The headers that are asked for. */
const PATTERNS = {
  connection: /^connection:(.*)$/gim,
  'content-length': /^content-length:(.*)$/gim,
  'content-type': /^content-type:(.*)$/gim,
  'keep-alive': /^keep-alive:(.*)$/gim,
  location: /^location:(.*)$/gim,
  'mcp-session-id': /^mcp-session-id:(.*)$/gim,
  'transfer-encoding': /^transfer-encoding:(.*)$/gim,
}

export class ResponseHead {
  readonly status: number
  /** The minor version of HTTP: 0 or 1. */
  readonly minor: number
  readonly #text: string

  constructor(status: number, minor: number, text: string) {
    this.status = status
    this.minor = minor
    this.#text = text
  }

  /** A header; one that was sent several times comes joined by commas. */
  header(name: keyof typeof PATTERNS): string | undefined {
    const pattern = PATTERNS[name]
    let value: string | undefined
    for (let found = pattern.exec(this.#text); found; found = pattern.exec(this.#text)) {
      const part = (found[1] as string).trim()
      value = value === undefined ? part : `${value}, ${part}`
    }
    return value
  }
}

/** Reads a head without the empty line that ends it. Throws where it is none. */
export function readHead(text: string): ResponseHead {
  // A line that begins with a blank goes on with the one before it (RFC 9112, 5.2).
  const unfolded = /\r\n[ \t]/.test(text) ? text.replace(/\r\n[ \t]+/g, ' ') : text
  const [, minor, code] = HEAD.exec(unfolded) ?? []
  // Nobody asks for another protocol.
  if (code === undefined || code === '101') throw new Error('the answer is no HTTP response')
  return new ResponseHead(Number(code), Number(minor), unfolded)
}
