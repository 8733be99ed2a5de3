/** Cuts a stream of chunks into lines without copying a chunk; only a line that spans chunks is joined, once. */

const LF = 0x0a

export interface LineEvents {
  /** One line without its line feed. It may share memory with the chunk it came in. */
  line(line: Buffer): void
  /** A line grew over the limit and is dropped up to its end. */
  overflow(bytes: number): void
}

export class LineSplitter {
  readonly #bytesMax: number
  readonly #events: LineEvents
  #pieces: Buffer[] = []
  #length = 0
  #dropping = false

  constructor(bytesMax: number, events: LineEvents) {
    this.#bytesMax = bytesMax
    this.#events = events
  }

  push(chunk: Buffer): void {
    let from = 0
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, from)) {
      const piece = chunk.subarray(from, at)
      from = at + 1
      if (this.#dropping) this.#dropping = false
      else if (this.#length + piece.length > this.#bytesMax) this.#drop(piece.length, false)
      else this.#events.line(this.#joined(piece))
    }
    if (from === chunk.length || this.#dropping) return
    const rest = chunk.subarray(from)
    if (this.#length + rest.length > this.#bytesMax) return this.#drop(rest.length, true)
    this.#pieces.push(rest)
    this.#length += rest.length
  }

  #joined(last: Buffer): Buffer {
    if (this.#pieces.length === 0) return last
    this.#pieces.push(last)
    const line = Buffer.concat(this.#pieces, this.#length + last.length)
    this.#pieces = []
    this.#length = 0
    return line
  }

  #drop(more: number, unfinished: boolean): void {
    const bytes = this.#length + more
    this.#pieces = []
    this.#length = 0
    this.#dropping = unfinished
    this.#events.overflow(bytes)
  }
}
