/** Takes the escapes out of a JSON string piece by piece, so that a text of 100 MB never stands in memory twice. */

const BACKSLASH = 0x5c
const LOWER_U = 0x75

const PIECE_BYTES = 65_536
/** A run without escapes that is so long is handed on as it is. */
const PLAIN_RUN = 4_096
/** The longest that one escape becomes, in UTF-8. */
const CHARACTER_BYTES_MAX = 4

const REPLACEMENT = 0xfffd

/** By the byte behind the backslash: what both of them stand for. */
const SHORT: Record<number, number> = { 98: 0x08, 102: 0x0c, 110: 0x0a, 114: 0x0d, 116: 0x09 }

/** The bytes, in UTF-8, of the text of a valid JSON string whose inside stands from `start` to `end`. */
export function* unescaped(bytes: Buffer, start: number, end: number): Generator<Buffer> {
  for (let at = start; at < end; ) {
    const piece = bytes.subarray(at, Math.min(at + PIECE_BYTES, end))
    const plain = piece.indexOf(BACKSLASH)
    if (plain < 0 || plain >= PLAIN_RUN) {
      const run = plain < 0 ? piece : piece.subarray(0, plain)
      yield run
      at += run.length
      continue
    }
    const out = Buffer.allocUnsafe(PIECE_BYTES)
    const { next, written } = fill(out, bytes, at, end)
    yield out.subarray(0, written)
    at = next
  }
}

/** Writes from `at` on, until `out` or the string is at its end. */
function fill(out: Buffer, bytes: Buffer, at: number, end: number): { next: number; written: number } {
  const room = out.length - CHARACTER_BYTES_MAX
  let written = 0
  let next = at
  while (next < end && written <= room) {
    const byte = bytes[next] as number
    if (byte !== BACKSLASH) {
      out[written++] = byte
      next++
    } else if (bytes[next + 1] !== LOWER_U) {
      const escaped = bytes[next + 1] as number
      out[written++] = SHORT[escaped] ?? escaped
      next += 2
    } else {
      const unit = hexAt(bytes, next + 2)
      const low = isHigh(unit) && next + 12 <= end && bytes[next + 6] === BACKSLASH ? lowAt(bytes, next + 7) : undefined
      const code = low === undefined ? unit : 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00)
      written = writeCodePoint(out, written, code)
      next += low === undefined ? 6 : 12
    }
  }
  return { next, written }
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00
}

/** The second half of a pair, where `u` and its digits stand here. */
function lowAt(bytes: Buffer, at: number): number | undefined {
  if (bytes[at] !== LOWER_U) return undefined
  const unit = hexAt(bytes, at + 1)
  return unit >= 0xdc00 && unit < 0xe000 ? unit : undefined
}

function hexAt(bytes: Buffer, at: number): number {
  return Number.parseInt(bytes.toString('latin1', at, at + 4), 16)
}

/** Half a pair alone is no character, and becomes what every writer of UTF-8 makes of it. */
function writeCodePoint(out: Buffer, at: number, code: number): number {
  const sound = code >= 0xd800 && code < 0xe000 ? REPLACEMENT : code
  if (sound < 0x80) {
    out[at] = sound
    return at + 1
  }
  return at + out.write(String.fromCodePoint(sound), at)
}
