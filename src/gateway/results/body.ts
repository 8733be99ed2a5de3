/** Looks into the result of a tool without parsing it: its blocks, where their contents stand, and which of them are too much. */
import { estimateTokens } from '../../observe/tokens.ts'
import type { Place } from '../../protocol/locate.ts'
import type { Message } from '../../protocol/message.ts'
import { eachMember, readString, skipSpace } from '../../protocol/scan.ts'
import { skipKnown } from '../../protocol/skip-known.ts'
import { unescaped } from '../../protocol/unescape.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const OPEN_OBJECT = 0x7b
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d

/** A text, JSON as it stands there, or base64. */
export type Encoding = 'text' | 'json' | 'base64'

/** A multiple of four, so that base64 in pieces is base64. */
const PIECE_BYTES = 65_536

/** Something of a result that can be kept by itself. */
export interface Content {
  /** The content itself: the inside of a JSON string, or for `json` the whole value. */
  readonly place: Place
  readonly encoding: Encoding
  /** As the result says it. */
  readonly mimeType: string | undefined
}

export interface Block extends Content {
  /** The block with everything that belongs to it. */
  readonly whole: Place
}

export interface ResultBody {
  readonly bytes: Buffer
  readonly blocks: readonly Block[]
  /** `structuredContent`. */
  readonly structured: Content | undefined
  /** All other members: the key, and where the value stands. */
  readonly rest: readonly { key: string; place: Place }[]
}

/** What a result may take. */
export interface Room {
  tokens: number
  /** Bytes of all that is binary. */
  media: number
}

/** What of a result is too much. */
export interface Flood {
  blocks: ReadonlySet<Block>
  structured: boolean
}

/** The result of a tool; undefined where it is an error or has no list of contents. */
export function readBody(reply: Message): ResultBody | undefined {
  if (reply.kind !== 'result') return undefined
  const { bytes } = reply
  let blocks: Block[] | undefined
  let structured: Content | undefined
  const rest: { key: string; place: Place }[] = []
  eachMember(bytes, reply.bodyStart, (keyStart, keyEnd, start) => {
    const key = readString(bytes, keyStart, keyEnd)
    if (key === 'content' && bytes[start] === OPEN_ARRAY) {
      const read = readBlocks(bytes, start)
      blocks = read.blocks
      return read.end
    }
    const place = { start, end: skipKnown(bytes, start) }
    if (key === 'structuredContent') structured = { place, encoding: 'json', mimeType: 'application/json' }
    else rest.push({ key, place })
    return place.end
  })
  return blocks && { bytes, blocks, structured, rest }
}

/** What has to go so that the rest fits: of each kind the largest first. Undefined where all of it fits. */
export function floodOf(body: ResultBody, room: Room): Flood | undefined {
  const texts = body.blocks.filter(({ encoding }) => encoding !== 'base64')
  const media = body.blocks.filter(({ encoding }) => encoding === 'base64')
  const tokens = (content: Content): number => tokensUpTo(body.bytes, content, room.tokens)
  const blocks = new Set([
    ...beyond(texts, tokens, room.tokens),
    ...beyond(media, ({ place }) => ((place.end - place.start) * 3) / 4, room.media),
  ])
  const structured = body.structured !== undefined && tokens(body.structured) > room.tokens
  return blocks.size > 0 || structured ? { blocks, structured } : undefined
}

function beyond(blocks: readonly Block[], weigh: (block: Block) => number, room: number): Block[] {
  const weighed = blocks.map((block) => ({ block, weight: weigh(block), bytes: block.place.end - block.place.start }))
  let sum = 0
  for (const { weight } of weighed) sum += weight
  const out: Block[] = []
  // Weights are counted no further than the room, sizes are.
  for (const { block, weight } of weighed.sort((a, b) => b.bytes - a.bytes)) {
    if (sum <= room) break
    sum -= weight
    out.push(block)
  }
  return out
}

/** The tokens of a content, or a little more than `max` where it has more than that. */
function tokensUpTo(bytes: Buffer, content: Content, max: number): number {
  let tokens = 0
  for (const piece of pieces(bytes, content)) {
    tokens += estimateTokens(piece.toString())
    if (tokens > max) break
  }
  return tokens
}

/** What a content says, in pieces: the bytes of a text or of JSON, or base64 in whole groups of four. */
export function* pieces(bytes: Buffer, { place, encoding }: Content): Generator<Buffer> {
  if (encoding === 'text') return yield* unescaped(bytes, place.start, place.end)
  for (let at = place.start; at < place.end; at += PIECE_BYTES) yield bytes.subarray(at, Math.min(at + PIECE_BYTES, place.end))
}

function readBlocks(bytes: Buffer, at: number): { blocks: Block[]; end: number } {
  const blocks: Block[] = []
  let i = skipSpace(bytes, at + 1)
  while (bytes[i] !== CLOSE_ARRAY) {
    const block = readBlock(bytes, i)
    blocks.push(block)
    i = skipSpace(bytes, block.whole.end)
    if (bytes[i] === COMMA) i = skipSpace(bytes, i + 1)
  }
  return { blocks, end: i + 1 }
}

/** By the type of a block: the member that holds its content (specification: Tools, Tool Result). */
const MEMBERS: Record<string, { member: string; encoding: Encoding }> = {
  text: { member: 'text', encoding: 'text' },
  image: { member: 'data', encoding: 'base64' },
  audio: { member: 'data', encoding: 'base64' },
}

function readBlock(bytes: Buffer, start: number): Block {
  const { strings, resource, end } = readMembers(bytes, start)
  const whole = { start, end }
  const type = textAt(bytes, strings.get('type'))
  const known = type === undefined || !Object.hasOwn(MEMBERS, type) ? undefined : MEMBERS[type]
  const place = known && strings.get(known.member)
  if (known && place) return { whole, place, encoding: known.encoding, mimeType: textAt(bytes, strings.get('mimeType')) }
  const embedded = type === 'resource' && resource ? contentOf(bytes, resource) : undefined
  // Of a kind that we do not know, or one that only points elsewhere.
  return { whole, ...(embedded ?? { place: whole, encoding: 'json', mimeType: 'application/json' }) }
}

/** The content of an embedded resource, which is a text or a blob. */
function contentOf(bytes: Buffer, strings: Strings): Content | undefined {
  const [text, blob] = [strings.get('text'), strings.get('blob')]
  const place = text ?? blob
  return place && { place, encoding: text ? 'text' : 'base64', mimeType: textAt(bytes, strings.get('mimeType')) }
}

/** By key: the insides of the members that are strings. */
type Strings = ReadonlyMap<string, Place>

/** The strings of the object that begins here, those of its `resource`, and where it ends. */
function readMembers(bytes: Buffer, at: number): { strings: Strings; resource: Strings | undefined; end: number } {
  const strings = new Map<string, Place>()
  let resource: Strings | undefined
  if (bytes[at] !== OPEN_OBJECT) return { strings, resource, end: skipKnown(bytes, at) }
  const end = eachMember(bytes, at, (keyStart, keyEnd, start) => {
    const key = readString(bytes, keyStart, keyEnd)
    if (key === 'resource' && bytes[start] === OPEN_OBJECT) {
      const inner = readMembers(bytes, start)
      resource = inner.strings
      return inner.end
    }
    const end = skipKnown(bytes, start)
    if (bytes[start] === QUOTE) strings.set(key, { start: start + 1, end: end - 1 })
    return end
  })
  return { strings, resource, end }
}

function textAt(bytes: Buffer, place: Place | undefined): string | undefined {
  return place && bytes.toString('utf8', place.start, place.end)
}
