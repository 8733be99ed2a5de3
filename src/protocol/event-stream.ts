/** Server-Sent Events as bytes: a parser that copies nothing it need not, and the frames we write (HTML, 9.2). */
import { type Chunks, oneLine } from './message.ts'

const LF = 0x0a
const CR = 0x0d
const COLON = 0x3a
const SPACE = 0x20

export interface StreamEvent {
  /** The `event:` field, '' where there is none. */
  name: string
  data: Buffer
  /** The `id:` field of this event, undefined where it has none. */
  id: string | undefined
}

export interface StreamHandler {
  event(event: StreamEvent): void
  /** The server asks for this pause, in milliseconds, before a reconnection. */
  retry?(ms: number): void
  /** A line that is no field, for servers that send bare JSON lines. */
  stray?(line: Buffer): void
  /** An event grew over the limit and is dropped up to its end. */
  overflow(bytes: number): void
}

/** Parses a stream of events. Lines may end in LF, CR or CRLF, and be cut anywhere by chunk borders. */
export class EventStreamParser {
  readonly #handler: StreamHandler
  readonly #bytesMax: number
  #pieces: Buffer[] = []
  /** What the unfinished line and the data of the unfinished event take. */
  #bytes = 0
  #dropping = false
  /** The beginning of the unfinished line was dropped. */
  #cut = false
  #afterCr = false
  #first = true
  #name = ''
  #id: string | undefined
  #data: Buffer[] = []

  constructor(bytesMax: number, handler: StreamHandler) {
    this.#bytesMax = bytesMax
    this.#handler = handler
  }

  push(chunk: Buffer): void {
    let from = 0
    if (this.#afterCr && chunk.length > 0) {
      this.#afterCr = false
      if (chunk[0] === LF) from = 1
    }
    let lf = chunk.indexOf(LF, from)
    let cr = chunk.indexOf(CR, from)
    while (lf >= 0 || cr >= 0) {
      const at = lf < 0 ? cr : cr < 0 ? lf : Math.min(lf, cr)
      this.#end(chunk.subarray(from, at))
      from = at + 1
      if (at === cr) {
        if (from === chunk.length) this.#afterCr = true
        else if (chunk[from] === LF) from++
        cr = chunk.indexOf(CR, from)
      }
      if (lf >= 0 && lf < from) lf = chunk.indexOf(LF, from)
    }
    if (from < chunk.length) this.#keep(chunk.subarray(from))
  }

  #keep(piece: Buffer): void {
    if (this.#dropping) this.#cut = true
    else if (this.#bytes + piece.length > this.#bytesMax) {
      this.#cut = true
      this.#drop(piece.length)
    } else {
      this.#pieces.push(piece)
      this.#bytes += piece.length
    }
  }

  #end(last: Buffer): void {
    if (this.#cut) this.#cut = false
    else if (this.#dropping) this.#dropping = last.length > 0
    else if (this.#bytes + last.length > this.#bytesMax) this.#drop(last.length)
    else this.#line(this.#joined(last))
  }

  #drop(more: number): void {
    this.#handler.overflow(this.#bytes + more)
    this.#dropping = true
    this.#bytes = 0
    this.#pieces = []
    this.#data = []
    this.#name = ''
    this.#id = undefined
  }

  #joined(last: Buffer): Buffer {
    if (this.#pieces.length === 0) return last
    const line = Buffer.concat([...this.#pieces, last])
    for (const piece of this.#pieces) this.#bytes -= piece.length
    this.#pieces = []
    return line
  }

  #line(line: Buffer): void {
    let at = line
    if (this.#first) {
      this.#first = false
      if (at[0] === 0xef && at[1] === 0xbb && at[2] === 0xbf) at = at.subarray(3)
    }
    if (at.length === 0) return this.#dispatch()
    const colon = at.indexOf(COLON)
    if (colon === 0) return
    const field = at.toString('latin1', 0, colon < 0 ? at.length : Math.min(colon, 16))
    const value = colon < 0 ? at.subarray(at.length) : at.subarray(at[colon + 1] === SPACE ? colon + 2 : colon + 1)
    if (field === 'data') this.#add(value)
    else if (field === 'event') this.#name = value.toString()
    else if (field === 'id') this.#id = value.includes(0) ? this.#id : value.toString()
    else if (field === 'retry') this.#retry(value.toString())
    else this.#handler.stray?.(at)
  }

  #add(value: Buffer): void {
    if (this.#data.length > 0) this.#data.push(NEWLINE)
    this.#data.push(value)
    this.#bytes += value.length
  }

  #retry(value: string): void {
    if (/^\d+$/.test(value)) this.#handler.retry?.(Number(value))
  }

  #dispatch(): void {
    const data = this.#data.length === 1 ? (this.#data[0] as Buffer) : Buffer.concat(this.#data)
    const event = { name: this.#name, id: this.#id, data }
    for (const piece of this.#data) this.#bytes -= piece === NEWLINE ? 0 : piece.length
    this.#name = ''
    this.#id = undefined
    this.#data = []
    if (data.length > 0 || event.id !== undefined) this.#handler.event(event)
  }
}

const NEWLINE = Buffer.from('\n')
const EVENT_HEAD = Buffer.from('event: message\ndata: ')
const EVENT_END = Buffer.from('\n\n')

/** One message as an event; with `id`, a client can resume behind it. */
export function messageEvent(message: Chunks, id?: string): Chunks {
  const head = id === undefined ? EVENT_HEAD : Buffer.from(`id: ${id}\nevent: message\ndata: `)
  return [head, ...oneLine(message), EVENT_END]
}

/** An event without data that only tells an id to resume from and how long to wait before doing so. */
export function primingEvent(id: string, retryMs: number): Buffer {
  return Buffer.from(`id: ${id}\nretry: ${retryMs}\ndata: \n\n`)
}
