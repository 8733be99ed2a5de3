/** One JSON-RPC message, held as the bytes it came in together with the places that a hop may have to change. */
import { readString } from './scan.ts'

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }

/** Bytes to be written one after the other; several where joining them would copy a large message. */
export type Chunks = readonly Buffer[]

/** A place in a message and the JSON text that is to stand there. */
export interface Edit {
  start: number
  end: number
  json: string
}

/** A member of an object and where it stands. */
export interface Member {
  readonly key: string
  /** Where the key begins, quote included. */
  readonly keyStart: number
  readonly start: number
  readonly end: number
}

/** Why bytes are not one JSON-RPC message: the code and, where it could be read, the id (as JSON text) for the error. */
export interface Malformed {
  code: -32700 | -32600
  message: string
  id: string
}

export type Kind = 'request' | 'notification' | 'result' | 'error'

/** Above this size a changed message is written in pieces instead of being copied. */
const COPY_BYTES_MAX = 32_768

/** Every message has two or three, and a general sort of so few takes longer than writing them. */
const FEW_EDITS = 16

/** A place that is not there. */
const NONE = -1

/**
 * A message of JSON-RPC 2.0. Offsets are into `bytes`; -1 means that the member is absent. Nothing is parsed until somebody
 * asks, so what nobody looks at leaves as it came: number precision, key order and unknown members included.
 */
export class Message {
  bytes: Buffer
  kind: Kind = 'notification'
  method = ''
  idStart = NONE
  idEnd = NONE
  paramsStart = NONE
  paramsEnd = NONE
  /** `result` or `error`, by `kind`. */
  bodyStart = NONE
  bodyEnd = NONE
  /** `params.name` (tools/call, prompts/get). */
  nameStart = NONE
  nameEnd = NONE
  /** `params.uri` (resources). */
  uriStart = NONE
  uriEnd = NONE
  /** `params._meta`, where it is an object. */
  metaStart = NONE
  metaEnd = NONE
  /** The revision that `params._meta` claims: only messages of the stateless era claim one. */
  claimStart = NONE
  claimEnd = NONE
  /** `params._meta.progressToken`, where a request asks for progress. */
  tokenStart = NONE
  tokenEnd = NONE
  /** `params.progressToken`, where `notifications/progress` tells it. */
  progressStart = NONE
  progressEnd = NONE
  /** `params.requestId` in `notifications/cancelled`. */
  requestIdStart = NONE
  requestIdEnd = NONE
  /** Where the members of a `result` stand, four offsets each (see `notePlaces`); undefined where nobody looked while reading it. */
  places: number[] | undefined
  /** The same, once somebody has asked for them (see `bodyMembers`). */
  members: readonly Member[] | undefined
  #body: unknown
  #params: JsonObject | undefined

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  /** The id as JSON text (`1` and `"1"` differ), or '' in notifications. */
  get id(): string {
    return this.text(this.idStart, this.idEnd)
  }

  /** The id where it is a number, else NaN. */
  get idNumber(): number {
    return this.idStart === NONE || this.bytes[this.idStart] === 0x22 ? Number.NaN : Number(this.id)
  }

  get name(): string {
    return this.string(this.nameStart, this.nameEnd)
  }

  get uri(): string {
    return this.string(this.uriStart, this.uriEnd)
  }

  /** `params`, parsed once; an empty object where there are none. */
  get params(): JsonObject {
    this.#params ??= this.paramsStart === NONE ? {} : (JSON.parse(this.text(this.paramsStart, this.paramsEnd)) as JsonObject)
    return this.#params
  }

  /** `result` or `error`, parsed once. */
  get body(): JsonObject {
    this.#body ??= JSON.parse(this.text(this.bodyStart, this.bodyEnd))
    return this.#body as JsonObject
  }

  text(start: number, end: number): string {
    return start === NONE ? '' : this.bytes.toString('utf8', start, end)
  }

  /** The message with other values in some places. */
  with(...edits: Edit[]): Chunks {
    return splice(this.bytes, edits)
  }

  /** The message under another id, given as JSON text. */
  withId(json: string): Chunks {
    return splice(this.bytes, [{ start: this.idStart, end: this.idEnd, json }])
  }

  /** A reply with other JSON in some places of its `result` or `error`. It takes the place of this one, which is not to be used again. */
  edited(edits: Edit[]): Message {
    // What is only taken out of a large one is blanked in its place: a copy would cost more than all else that is done to it.
    if (this.bytes.length > COPY_BYTES_MAX && edits.every(({ json }) => json === '')) {
      for (const { start, end } of edits) this.bytes.fill(0x20, start, end)
      this.#body = undefined
      return this
    }
    const edited = new Message(Buffer.concat(splice(this.bytes, edits)))
    const longer = edited.bytes.length - this.bytes.length
    const behind = this.idStart > this.bodyStart ? longer : 0
    edited.kind = this.kind
    edited.idStart = this.idStart + behind
    edited.idEnd = this.idEnd + behind
    edited.bodyStart = this.bodyStart
    edited.bodyEnd = this.bodyEnd + longer
    return edited
  }

  private string(start: number, end: number): string {
    return start === NONE || this.bytes[start] !== 0x22 ? '' : readString(this.bytes, start, end)
  }
}

/** `bytes` with other JSON in some places; the edits must not overlap. */
export function splice(bytes: Buffer, edits: Edit[]): Chunks {
  if (edits.length > 1) inOrder(edits)
  if (bytes.length > COPY_BYTES_MAX) return splicePieces(bytes, edits)
  let length = bytes.length
  for (const edit of edits) length += Buffer.byteLength(edit.json) - (edit.end - edit.start)
  const out = Buffer.allocUnsafe(length)
  let from = 0
  let to = 0
  for (const edit of edits) {
    to += bytes.copy(out, to, from, edit.start)
    to += out.write(edit.json, to)
    from = edit.end
  }
  bytes.copy(out, to, from)
  return [out]
}

/** Edits that begin at the same place keep their order. */
function inOrder(edits: Edit[]): void {
  if (edits.length > FEW_EDITS) return void edits.sort((a, b) => a.start - b.start)
  for (let i = 1; i < edits.length; i++) {
    const edit = edits[i] as Edit
    let to = i
    for (; to > 0 && (edits[to - 1] as Edit).start > edit.start; to--) edits[to] = edits[to - 1] as Edit
    edits[to] = edit
  }
}

/** The same bytes on one line: JSON has line breaks only between tokens, where a space says the same. */
export function oneLine(chunks: Chunks): Chunks {
  if (!chunks.some((chunk) => chunk.includes(0x0a) || chunk.includes(0x0d))) return chunks
  return chunks.map((chunk) => Buffer.from(chunk).map((byte) => (byte === 0x0a || byte === 0x0d ? 0x20 : byte)) as Buffer)
}

function splicePieces(bytes: Buffer, edits: Edit[]): Chunks {
  const chunks: Buffer[] = []
  let from = 0
  for (const edit of edits) {
    chunks.push(bytes.subarray(from, edit.start), Buffer.from(edit.json))
    from = edit.end
  }
  chunks.push(bytes.subarray(from))
  return chunks
}
