/** Takes the escapes out of a JSON string piece by piece, so that a text of 100 MB never stands in memory twice. */

const BACKSLASH = 0x5c
const LOWER_U = 0x75

const PIECE_BYTES = 65_536
/** `\\uXXXX`, of which two may make one character. */
const ESCAPE_BYTES_MAX = 6

/** The bytes, in UTF-8, of the text of a valid JSON string whose inside stands from `start` to `end`. */
export function* unescaped(bytes: Buffer, start: number, end: number): Generator<Buffer> {
  for (let at = start; at < end; ) {
    const cut = at + PIECE_BYTES < end ? seam(bytes, at, at + PIECE_BYTES) : end
    const piece = bytes.subarray(at, cut)
    // The parser of the engine is many times faster than a loop of ours.
    yield piece.includes(BACKSLASH) ? Buffer.from(JSON.parse(`"${piece.toString()}"`) as string) : piece
    at = cut
  }
}

/** The last offset at or before `to` where neither an escape, nor a pair of them, nor a character is cut in two. */
function seam(bytes: Buffer, from: number, to: number): number {
  const begins = escapeBegin(bytes, from, to)
  if (begins !== undefined) return begins
  let cut = to
  while (cut > to - 4 && isContinuation(bytes[cut])) cut--
  return cut
}

/** Where the escape begins that the offset `to` is in the middle of, or that makes one character with what may follow there. */
function escapeBegin(bytes: Buffer, from: number, to: number): number | undefined {
  const last = bytes.lastIndexOf(BACKSLASH, to - 1)
  if (last < to - ESCAPE_BYTES_MAX || !beginsEscape(bytes, from, last)) return undefined
  if (bytes[last + 1] !== LOWER_U) return last + 1 < to ? undefined : last
  if (isHigh(bytes, last)) return last
  if (last + ESCAPE_BYTES_MAX <= to) return undefined
  const before = last - ESCAPE_BYTES_MAX
  return beginsEscape(bytes, from, before) && isHigh(bytes, before) ? before : last
}

/** Whether this is a backslash that no other one escapes. */
function beginsEscape(bytes: Buffer, from: number, at: number): boolean {
  let first = at
  while (first >= from && bytes[first] === BACKSLASH) first--
  return (at - first) % 2 === 1
}

/** Whether the escape that begins here is the first half of a pair. */
function isHigh(bytes: Buffer, at: number): boolean {
  const unit = Number.parseInt(bytes.toString('latin1', at + 2, at + ESCAPE_BYTES_MAX), 16)
  return unit >= 0xd800 && unit < 0xdc00
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80
}
