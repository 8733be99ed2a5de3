/** Walks JSON as bytes: checks the whole grammar and tells where values stand, without building them. */

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const MINUS = 0x2d
const ZERO = 0x30

/** Deeper documents are refused: nobody writes them in good faith, and parsers further on may overflow. */
const DEPTH_MAX = 1_000

/** 1 for the bytes that may follow a backslash, `u` apart. */
const ESCAPES = new Uint8Array(256)
for (const char of '"\\/bfnrt') ESCAPES[char.charCodeAt(0)] = 1

/** 1 for the bytes that end the plain run of a string: quote, backslash and control characters. */
const STRING_STOPS = new Uint8Array(256)
STRING_STOPS.fill(1, 0, 0x20)
STRING_STOPS[QUOTE] = 1
STRING_STOPS[BACKSLASH] = 1

/** Strings are read in words of four bytes only once they prove longer than this: a view costs more than short ones take. */
const SHORT_STRING = 48
/** After a stop, so many single bytes are read before words are tried again. */
const WORD_PAUSE = 4

/** The offset of the first byte at or after `at` that is not white space. */
export function skipSpace(bytes: Uint8Array, at: number): number {
  let i = at
  while (bytes[i] === 0x20 || bytes[i] === 0x0a || bytes[i] === 0x0d || bytes[i] === 0x09) i++
  return i
}

/** The offset behind the value that begins at `at` (no white space before it), or -1 where that is no JSON value. */
export function skipValue(bytes: Uint8Array, at: number): number {
  // One entry an open container: its closing byte.
  const open: number[] = []
  let i = at
  for (;;) {
    // A value begins at i.
    const c = bytes[i]
    if (c === OPEN_OBJECT || c === OPEN_ARRAY) {
      if (open.length === DEPTH_MAX) return -1
      const close = c === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_ARRAY
      i = skipSpace(bytes, i + 1)
      if (bytes[i] !== close) {
        open.push(close)
        if (close === CLOSE_OBJECT) i = skipKey(bytes, i)
        if (i < 0) return -1
        continue
      }
      i++
    } else {
      i = skipScalar(bytes, i)
      if (i < 0) return -1
    }
    // A value ended at i: close what ends with it, then go on behind the comma.
    for (;;) {
      const close = open.at(-1)
      if (close === undefined) return i
      i = skipSpace(bytes, i)
      if (bytes[i] === COMMA) {
        i = skipSpace(bytes, i + 1)
        if (close === CLOSE_OBJECT) i = skipKey(bytes, i)
        if (i < 0) return -1
        break
      }
      if (bytes[i] !== close) return -1
      open.pop()
      i++
    }
  }
}

/**
 * Visits the members of the object that begins at `at`. `visit` gets the offsets of the key (quotes included) and of the
 * value, and returns the offset behind the value, or -1 to give up. Returns the offset behind the object, or -1.
 */
export function eachMember(
  bytes: Uint8Array,
  at: number,
  visit: (keyStart: number, keyEnd: number, valueStart: number) => number,
): number {
  if (bytes[at] !== OPEN_OBJECT) return -1
  let i = skipSpace(bytes, at + 1)
  if (bytes[i] === CLOSE_OBJECT) return i + 1
  for (;;) {
    const keyStart = i
    const keyEnd = bytes[i] === QUOTE ? skipString(bytes, i) : -1
    if (keyEnd < 0) return -1
    i = skipSpace(bytes, keyEnd)
    if (bytes[i] !== COLON) return -1
    i = visit(keyStart, keyEnd, skipSpace(bytes, i + 1))
    if (i < 0) return -1
    i = skipSpace(bytes, i)
    if (bytes[i] === CLOSE_OBJECT) return i + 1
    if (bytes[i] !== COMMA) return -1
    i = skipSpace(bytes, i + 1)
  }
}

/** Visits the elements of the array that begins at `at`; `visit` gets their offsets. Returns the offset behind it, or -1. */
export function eachElement(bytes: Uint8Array, at: number, visit: (start: number, end: number) => void): number {
  if (bytes[at] !== OPEN_ARRAY) return -1
  let i = skipSpace(bytes, at + 1)
  if (bytes[i] === CLOSE_ARRAY) return i + 1
  for (;;) {
    const end = skipValue(bytes, i)
    if (end < 0) return -1
    visit(i, end)
    i = skipSpace(bytes, end)
    if (bytes[i] === CLOSE_ARRAY) return i + 1
    if (bytes[i] !== COMMA) return -1
    i = skipSpace(bytes, i + 1)
  }
}

/** Whether the bytes from `start` to `end` are the ASCII text `word`. */
export function isWord(bytes: Uint8Array, start: number, end: number, word: string): boolean {
  if (end - start !== word.length) return false
  for (let i = 0; i < word.length; i++) if (bytes[start + i] !== word.charCodeAt(i)) return false
  return true
}

/** The text of the JSON string that stands from `start` to `end`, quotes included. */
export function readString(bytes: Buffer, start: number, end: number): string {
  const inner = bytes.toString('utf8', start + 1, end - 1)
  return inner.includes('\\') ? (JSON.parse(bytes.toString('utf8', start, end)) as string) : inner
}

/** Behind `"key" :` and the white space after it, or -1. */
function skipKey(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== QUOTE) return -1
  let i = skipString(bytes, at)
  if (i < 0) return -1
  i = skipSpace(bytes, i)
  return bytes[i] === COLON ? skipSpace(bytes, i + 1) : -1
}

function skipScalar(bytes: Uint8Array, at: number): number {
  const c = bytes[at] as number
  if (c === QUOTE) return skipString(bytes, at)
  if (c === MINUS || (c >= ZERO && c <= 0x39)) return skipNumber(bytes, at)
  if (c === 0x74) return isWord(bytes, at, at + 4, 'true') ? at + 4 : -1
  if (c === 0x66) return isWord(bytes, at, at + 5, 'false') ? at + 5 : -1
  if (c === 0x6e) return isWord(bytes, at, at + 4, 'null') ? at + 4 : -1
  return -1
}

function skipString(bytes: Uint8Array, at: number): number {
  const end = bytes.length
  let i = at + 1
  let wordsFrom = i + SHORT_STRING
  let words: DataView | undefined
  while (i < end) {
    const c = bytes[i] as number
    if (STRING_STOPS[c] === 0) {
      if (++i < wordsFrom) continue
      words ??= new DataView(bytes.buffer, bytes.byteOffset, end)
      i = skipPlainWords(words, i, end)
      wordsFrom = i + WORD_PAUSE
      continue
    }
    if (c === QUOTE) return i + 1
    if (c !== BACKSLASH) return -1
    const escaped = bytes[i + 1] as number
    if (ESCAPES[escaped] === 1) {
      i += 2
      continue
    }
    if (escaped !== 0x75 || !isHex(bytes, i + 2)) return -1
    i += 6
  }
  return -1
}

/**
 * Skips four bytes at a time while none of them stops a string. A byte b of the word is 0 where b - 1 borrows into the high
 * bit that b itself has not set; the same with 0x20 finds control characters.
 */
function skipPlainWords(words: DataView, at: number, end: number): number {
  let i = at
  while (i + 4 <= end) {
    const word = words.getInt32(i, true)
    const quote = word ^ 0x22222222
    const backslash = word ^ 0x5c5c5c5c
    const zeros = ((quote - 0x01010101) & ~quote) | ((backslash - 0x01010101) & ~backslash) | ((word - 0x20202020) & ~word)
    if ((zeros & 0x80808080) !== 0) break
    i += 4
  }
  return i
}

function isHex(bytes: Uint8Array, at: number): boolean {
  for (let i = at; i < at + 4; i++) {
    const c = bytes[i] as number
    const digit = (c >= 0x30 && c <= 0x39) || (c >= 0x41 && c <= 0x46) || (c >= 0x61 && c <= 0x66)
    if (!digit) return false
  }
  return true
}

function skipNumber(bytes: Uint8Array, at: number): number {
  let i = bytes[at] === MINUS ? at + 1 : at
  i = bytes[i] === ZERO ? i + 1 : skipDigits(bytes, i)
  if (i >= 0 && bytes[i] === 0x2e) i = skipDigits(bytes, i + 1)
  if (i < 0 || (bytes[i] !== 0x65 && bytes[i] !== 0x45)) return i
  const sign = bytes[i + 1]
  return skipDigits(bytes, sign === 0x2b || sign === MINUS ? i + 2 : i + 1)
}

/** Behind one or more digits, or -1. */
function skipDigits(bytes: Uint8Array, at: number): number {
  let i = at
  while ((bytes[i] as number) >= ZERO && (bytes[i] as number) <= 0x39) i++
  return i > at ? i : -1
}
