/** Reads kept bytes piecewise, and never cuts a character in two. */
import { open } from 'node:fs/promises'
import { fittingLength } from '../../observe/tokens.ts'
import type { Slice } from './store.ts'

/** No model makes more bytes than this of one token on average, so no answer has room for more. */
const BYTES_PER_TOKEN_MAX = 12

/** Some text out of a slice: the bytes from `from` to `to` of it. */
export interface Excerpt {
  text: string
  from: number
  to: number
}

/** The bytes from `from` on, at most `length`. */
export async function readBytes({ file, start, bytes }: Slice, from: number, length: number): Promise<Buffer> {
  const handle = await open(file, 'r')
  try {
    const wanted = Buffer.alloc(Math.max(0, Math.min(length, bytes - from)))
    let read = 0
    while (read < wanted.length) {
      const { bytesRead } = await handle.read(wanted, read, wanted.length - read, start + from + read)
      if (bytesRead === 0) break
      read += bytesRead
    }
    return wanted.subarray(0, read)
  } finally {
    await handle.close()
  }
}

/** Text from an offset on: at most so many bytes, and so many tokens. */
export async function excerpt(
  slice: Slice,
  from: number,
  { bytes, tokens }: { bytes: number; tokens: number },
): Promise<Excerpt> {
  const most = Math.min(bytes, tokens * BYTES_PER_TOKEN_MAX)
  // A few more, to see whether the last character is whole.
  const read = await readBytes(slice, from, most + 3)
  const start = characterStart(read, 0)
  const end = read.length > most ? lastStart(read, most) : read.length
  const text = read.toString('utf8', start, Math.max(start, end))
  const fitting = text.slice(0, fittingLength(text, tokens))
  const to = fitting.length === text.length ? Math.max(start, end) : start + Buffer.byteLength(fitting)
  return { text: fitting, from: from + start, to: from + to }
}

/** The last lines: at most so many, as far as they fit so many tokens. */
export async function lastLines(slice: Slice, { lines, tokens }: { lines: number; tokens: number }): Promise<Excerpt> {
  const length = Math.min(slice.bytes, tokens * BYTES_PER_TOKEN_MAX)
  const base = slice.bytes - length
  const read = await readBytes(slice, base, length)
  let start = read.length
  // The line break at the very end ends the last line and begins no other one.
  let search = read.length - (read.at(-1) === 0x0a ? 2 : 1)
  for (let left = lines; left > 0; left--) {
    const lineBreak = search < 0 ? -1 : read.lastIndexOf(0x0a, search)
    const candidate = lineBreak + 1
    const text = read.toString('utf8', candidate)
    if (fittingLength(text, tokens) < text.length) break
    start = candidate
    if (lineBreak < 0) break
    search = lineBreak - 1
  }
  // Not even one line fits: then what fits of its end.
  if (start === read.length) start = characterStart(read, Math.max(0, read.length - tokens * 2))
  return { text: read.toString('utf8', start), from: base + start, to: slice.bytes }
}

/** The first offset at or behind `at` where a character begins. */
function characterStart(bytes: Buffer, at: number): number {
  let start = at
  while (start < bytes.length && start < at + 4 && isContinuation(bytes[start])) start++
  return start
}

/** The last offset at or before `at` where a character begins. */
function lastStart(bytes: Buffer, at: number): number {
  let start = at
  while (start > 0 && start > at - 4 && isContinuation(bytes[start])) start--
  return start
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80
}
