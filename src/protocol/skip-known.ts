/** Skips JSON that was checked when it came in: strings of many megabytes at the speed of a compiled expression. */
import { skipValue } from './scan.ts'

const QUOTE = 0x22

/** What may stand in a string. It takes every text, so that it has nothing to go back for. */
const INSIDE = /^(?:[^"\\]+|\\.)*/s
/** Most strings are short; the others are looked through in windows, as far as the stack of the engine goes. */
const SHORT_BYTES = 256
const WINDOW_BYTES = 65_536

/** The offset behind the value that begins at `at`. Only for JSON that is known to be valid. */
export function skipKnown(bytes: Buffer, at: number): number {
  return bytes[at] === QUOTE ? behindString(bytes, at) : skipValue(bytes, at)
}

function behindString(bytes: Buffer, at: number): number {
  let i = at + 1
  for (let window = SHORT_BYTES; i < bytes.length; window = WINDOW_BYTES) {
    const [run = ''] = INSIDE.exec(bytes.toString('latin1', i, i + window)) ?? []
    i += run.length
    if (bytes[i] === QUOTE) return i + 1
    if (run.length === 0) return -1
  }
  return -1
}
