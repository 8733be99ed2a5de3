/** Finds the lines of a kept text that match a pattern, in time proportional to the text, whatever the pattern is. */
import { closeSync, openSync, readSync } from 'node:fs'
import { RE2JS } from 're2js'
import { estimateTokens } from '../../../observe/tokens.ts'
import type { Slice } from '../store.ts'
import { type GrepJob, type Outcome, SOFT_MS } from './job.ts'

const CHUNK_BYTES = 1_048_576
/** Of a longer line only what is around a hit is shown. */
const LINE_CHARS_MAX = 300
const AROUND_CHARS = 100
const LINE_BREAK = 0x0a

interface Hit {
  /** Where the line begins; of a long line, where the hit does. */
  offset: number
  text: string
}

export function grep({ slice, pattern, from, hits, tokens }: GrepJob): Outcome {
  const expression = compile(pattern)
  if ('problem' in expression) return expression
  const until = Date.now() + SOFT_MS
  const found: string[] = []
  let room = tokens
  let more = 0
  let next: number | undefined
  for (const chunk of chunks(slice, from)) {
    if (Date.now() > until) return ended(found, more, next ?? chunk.offset, slice.bytes)
    for (const hit of hitsIn(chunk, expression)) {
      const line = `${hit.offset}: ${hit.text}`
      room -= estimateTokens(line) + 1
      if (next === undefined && found.length < hits && (room >= 0 || found.length === 0)) found.push(line)
      else {
        next ??= hit.offset
        more++
      }
    }
  }
  if (found.length === 0) return { text: 'Nothing matches.' }
  return { text: found.join('\n'), ...(next !== undefined && { note: `${more} more hits; go on with offset ${next}.` }) }
}

function ended(found: readonly string[], more: number, next: number, bytes: number): Outcome {
  const seen = more > 0 ? `${more} more hits, and there may be others` : 'That is not all of it'
  const note = `${seen}: the search took too long. Go on with offset ${next} of ${bytes}.`
  return { text: found.join('\n') || 'Nothing matches so far.', note }
}

function compile(pattern: string): RE2JS | { problem: string } {
  try {
    return RE2JS.compile(pattern)
  } catch (error) {
    const reason = (error as Error).message.replace(/^error parsing regexp: /, '')
    return { problem: `The pattern is no RE2 expression: ${reason}. RE2 has no look-around and no back references.` }
  }
}

/** Whole lines as text, and where they begin. A line that is longer than a chunk comes in several. */
interface Chunk {
  offset: number
  bytes: Buffer
}

function* chunks({ file, start, bytes }: Slice, from: number): Generator<Chunk> {
  const descriptor = openSync(file, 'r')
  try {
    for (let offset = from; offset < bytes; ) {
      const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, bytes - offset))
      const read = readSync(descriptor, buffer, 0, buffer.length, start + offset)
      if (read === 0) return
      const chunk = buffer.subarray(0, read)
      const end = offset + read < bytes ? lineEnd(chunk) : read
      yield { offset, bytes: chunk.subarray(0, end) }
      offset += end
    }
  } finally {
    closeSync(descriptor)
  }
}

/** Behind the last line break; where there is none, at the beginning of a character. */
function lineEnd(chunk: Buffer): number {
  const lineBreak = chunk.lastIndexOf(LINE_BREAK)
  if (lineBreak >= 0) return lineBreak + 1
  let end = chunk.length
  while (end > chunk.length - 4 && ((chunk[end - 1] as number) & 0xc0) === 0x80) end--
  return ((chunk[end - 1] as number) & 0x80) === 0 ? end : end - 1
}

function* hitsIn({ offset, bytes }: Chunk, expression: RE2JS): Generator<Hit> {
  for (let at = 0; at < bytes.length; ) {
    const lineBreak = bytes.indexOf(LINE_BREAK, at)
    const end = lineBreak < 0 ? bytes.length : lineBreak
    const line = bytes.toString('utf8', at, end).replace(/\r$/, '')
    if (expression.test(line)) yield* shown(line, offset + at, expression)
    at = end + 1
  }
}

/** A short line is one hit; in a long one there may be many. */
function* shown(line: string, offset: number, expression: RE2JS): Generator<Hit> {
  if (line.length <= LINE_CHARS_MAX) return yield { offset, text: line }
  const matcher = expression.matcher(line)
  let counted = 0
  let bytes = offset
  let past = 0
  while (matcher.find()) {
    const start = matcher.start()
    // What was shown around the hit before it need not be shown again.
    if (start < past) continue
    bytes += Buffer.byteLength(line.slice(counted, start))
    counted = start
    past = Math.min(Math.max(matcher.end(), start + 1), start + LINE_CHARS_MAX) + AROUND_CHARS
    const head = Math.max(0, start - AROUND_CHARS)
    yield { offset: bytes, text: `${head > 0 ? '…' : ''}${line.slice(head, past)}${past < line.length ? '…' : ''}` }
  }
}
