/** Writes a result that is too large into files: all of it as it came, and each content that is taken out of it by itself. */
import { join } from 'node:path'
import type { Message } from '../../protocol/message.ts'
import { type Content, type Flood, pieces, type ResultBody } from './body.ts'
import { type Contents, type Part, type Slice, writePieces } from './store.ts'

/** More contents than this are no parts that anybody wants one by one: then the result as JSON is the only part. */
const PARTS_MAX = 16

/** What is taken out of a result, in the order in which it stands there; undefined where that is too much to tell apart. */
export function takenOut({ blocks, structured }: ResultBody, flood: Flood): Content[] | undefined {
  const contents: Content[] = blocks.filter((block) => flood.blocks.has(block))
  if (flood.structured && structured) contents.push(structured)
  return contents.length > PARTS_MAX ? undefined : contents
}

/** `from` and `to` are where the result stands in the bytes; without contents it is its own and only part. */
export function contentsOf(
  { bytes, bodyStart: from, bodyEnd: to }: Message,
  contents: readonly Content[] | undefined,
): Omit<Contents, 'gone'> {
  let estimate = to - from
  for (const { place, encoding } of contents ?? []) if (encoding !== 'json') estimate += place.end - place.start
  return {
    estimate,
    async write(folder) {
      const file = join(folder, 'result.json')
      const whole: Slice = { file, start: 0, bytes: await writePieces(file, [bytes.subarray(from, to)]) }
      if (!contents) return { whole, parts: [wholeAsPart(whole)], size: whole.bytes }
      const parts: Part[] = []
      let size = whole.bytes
      for (const [index, content] of contents.entries()) {
        const part = await writePart(bytes, content, { whole, from, file: join(folder, `part-${index}`) })
        if (part.file !== file) size += part.bytes
        parts.push(part)
      }
      return { whole, parts, size }
    },
  }
}

interface Place {
  whole: Slice
  /** Where the whole begins in the bytes. */
  from: number
  /** Where the part may be written by itself. */
  file: string
}

function wholeAsPart(whole: Slice): Part {
  return { ...whole, encoding: 'json', mimeType: 'application/json', literal: undefined }
}

async function writePart(bytes: Buffer, content: Content, { whole, from, file }: Place): Promise<Part> {
  const { place, encoding } = content
  const mimeType = content.mimeType ?? (encoding === 'text' ? 'text/plain' : 'application/octet-stream')
  const there = { file: whole.file, start: place.start - from, bytes: place.end - place.start }
  // JSON stands for itself, all else stands between quotes.
  if (encoding === 'json') return { ...there, encoding, mimeType, literal: undefined }
  const literal = { ...there, start: there.start - 1, bytes: there.bytes + 2 }
  // A text without escapes need not be written twice.
  if (encoding === 'text' && !bytes.subarray(place.start, place.end).includes(0x5c))
    return { ...there, encoding, mimeType, literal }
  const written = encoding === 'text' ? pieces(bytes, content) : decoded(pieces(bytes, content))
  return { encoding, mimeType, literal, file, start: 0, bytes: await writePieces(file, written) }
}

function* decoded(base64: Iterable<Buffer>): Generator<Buffer> {
  for (const piece of base64) yield Buffer.from(piece.toString('latin1'), 'base64')
}
