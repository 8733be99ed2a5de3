/** Finds where the lines of a source begin and end, and which comments belong to what stands below or above them. */

/** A part of the source and what takes its place. */
export interface Splice {
  from: number
  to: number
  text: string
}

/** The source with every splice in place; splices at the same place keep their order. */
export function splice(source: string, splices: readonly Splice[]): string {
  let out = ''
  let at = 0
  for (const { from, to, text } of [...splices].sort((a, b) => a.from - b.from)) {
    out += source.slice(at, from) + text
    at = to
  }
  return out + source.slice(at)
}

export function lineStart(source: string, at: number): number {
  return source.lastIndexOf('\n', at - 1) + 1
}

/** Behind the line break that ends the line of `at`; the end of the source where there is none. */
export function lineEnd(source: string, at: number): number {
  const end = source.indexOf('\n', at)
  return end < 0 ? source.length : end + 1
}

/** Before the line break that ends the line of `at`. */
export function textEnd(source: string, at: number): number {
  const end = lineEnd(source, at)
  return source.slice(at, end).replace(/\r?\n$/, '').length + at
}

/** How far the line of `at` is indented; undefined where something else than blanks stands before it. */
export function columnOf(source: string, at: number): number | undefined {
  const before = source.slice(lineStart(source, at), at).replace(/^\uFEFF/, '')
  return before.trim() === '' ? before.length : undefined
}

/** Where the comment begins that stands right above a key, at the same indentation; the line of the key where there is none. */
export function ownStart(source: string, keyAt: number): number {
  const column = columnOf(source, keyAt)
  let start = lineStart(source, keyAt)
  while (start > 0) {
    const above = lineStart(source, start - 1)
    if (commentColumn(source.slice(above, start)) !== column) break
    start = above
  }
  return start
}

/** Behind the comments that are indented deeper than the key above them: they speak of what is, or was, in its value. */
export function ownEnd(source: string, end: number, column: number): number {
  let at = end
  let own = end
  while (at < source.length) {
    const next = lineEnd(source, at)
    const line = source.slice(at, next)
    const comment = commentColumn(line)
    if (comment !== undefined && comment > column) own = next
    else if (line.trim() !== '') break
    at = next
  }
  return own
}

/** Behind the blank lines that follow. */
export function afterBlanks(source: string, at: number): number {
  let end = at
  while (end < source.length && source.slice(end, lineEnd(source, end)).trim() === '') end = lineEnd(source, end)
  return end
}

/** Before the blank lines that stand above. */
export function beforeBlanks(source: string, at: number): number {
  let start = at
  while (start > 0) {
    const above = lineStart(source, start - 1)
    if (source.slice(above, start).trim() !== '') break
    start = above
  }
  return start
}

/** The line break that the source uses. */
export function lineBreak(source: string): string {
  return /\r?\n/.exec(source)?.[0] ?? '\n'
}

function commentColumn(line: string): number | undefined {
  const indent = /^(\uFEFF?)([ \t]*)#/.exec(line)
  return indent?.[2]?.length
}
