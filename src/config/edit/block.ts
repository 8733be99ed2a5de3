/** Edits block maps, whose pairs stand on lines of their own: every edit takes or adds whole lines. */
import { blockLines, type Value } from './entry-text.ts'
import { afterBlanks, beforeBlanks, columnOf, lineBreak, lineEnd, lineStart, ownEnd, ownStart, type Splice } from './lines.ts'
import { colonEnd, keyAt, keyOf, type MapNode, type PairNode, pairEnd, pairsOf } from './nodes.ts'

const UNIT = '  '

/** Adds a pair behind the last one, in the style of the map. */
export function insertInBlock(source: string, map: MapNode, key: string, value: Value): Splice[] {
  const pairs = pairsOf(map)
  const last = pairs.at(-1) as PairNode
  const column = columnOf(source, keyAt(last)) ?? 0
  const spaced = pairs.length > 1 && hasBlankAbove(source, last)
  return [insertLines(source, blockEnd(source, map), blockLines(key, value, unitOf(source, pairs, column)), column, spaced)]
}

/** Behind the last pair of a block map, and what is commented out in it. */
export function blockEnd(source: string, map: MapNode): number {
  const last = pairsOf(map).at(-1)
  return last ? regionEnd(source, last, columnOf(source, keyAt(last)) ?? 0) : source.length
}

/** Makes a block map of a place that holds nothing: below the line of its key, one step deeper. */
export function fillBlock(source: string, pair: PairNode, column: number, key: string, value: Value, unit = UNIT): Splice[] {
  const at = lineEnd(source, colonEnd(pair))
  return [insertLines(source, at, blockLines(key, value, unit), column + unit.length, false)]
}

/** Adds lines at the beginning of a line, or at the end of a source that has no last line break. */
export function insertLines(source: string, at: number, lines: string[], column: number, spaced: boolean): Splice {
  const eol = lineBreak(source)
  const indented = lines.map((line) => ' '.repeat(column) + line)
  const text = (spaced ? ['', ...indented] : indented).join(eol)
  const open = at > 0 && source[at - 1] !== '\n' && source.slice(0, at) !== '\uFEFF'
  return { from: at, to: at, text: open ? eol + text : text + eol }
}

/** Takes a pair away with the comment right above it, what is commented out in it, and the blank lines that set it apart. */
export function removeFromBlock(source: string, map: MapNode, pair: PairNode): Splice[] {
  const pairs = pairsOf(map)
  const [from, to] = regionOf(source, pair)
  if (pair !== pairs.at(-1)) return [{ from, to: afterBlanks(source, to), text: '' }]
  const start = pairs.length > 1 ? beforeBlanks(source, from) : from
  return [{ from: withoutOpenEnd(source, start, to), to, text: '' }]
}

/** Writes a pair anew on the lines that it has. The comment above it stays. */
export function rewriteInBlock(source: string, map: MapNode, pair: PairNode, value: Value): Splice[] {
  const column = columnOf(source, keyAt(pair)) ?? 0
  const from = lineStart(source, keyAt(pair))
  const to = lineEnd(source, lastOffset(source, pair))
  const { text } = insertLines(source, from, blockLines(keyOf(pair), value, unitOf(source, pairsOf(map), column)), column, false)
  const eol = lineBreak(source)
  const ended = source[to - 1] === '\n'
  return [{ from, to, text: ended || !text.endsWith(eol) ? text : text.slice(0, -eol.length) }]
}

/** The lines of a pair with the comments that are its own. */
export function regionOf(source: string, pair: PairNode): [number, number] {
  return [ownStart(source, keyAt(pair)), regionEnd(source, pair, columnOf(source, keyAt(pair)) ?? 0)]
}

function regionEnd(source: string, pair: PairNode, column: number): number {
  return ownEnd(source, lineEnd(source, lastOffset(source, pair)), column)
}

/** The last character of a pair, so that its line is found also where the pair ends in a line break. */
function lastOffset(source: string, pair: PairNode): number {
  return Math.max(keyAt(pair), pairEnd(source, pair) - 1)
}

/** Where the last line of a source goes that has no line break at its end, the break before it goes too. */
function withoutOpenEnd(source: string, from: number, to: number): number {
  const open = to === source.length && source[to - 1] !== '\n' && from > 0
  return open ? from - lineBreak(source).length : from
}

function hasBlankAbove(source: string, pair: PairNode): boolean {
  const start = ownStart(source, keyAt(pair))
  return beforeBlanks(source, start) < start
}

/** By how much the values below a key are indented here. */
function unitOf(source: string, pairs: PairNode[], column: number): string {
  for (const pair of pairs) {
    const [inner] = isBlockMap(pair.value) ? pairsOf(pair.value) : []
    const deeper = inner && columnOf(source, keyAt(inner))
    if (deeper !== undefined && deeper > column) return ' '.repeat(deeper - column)
  }
  return UNIT
}

function isBlockMap(value: unknown): value is MapNode {
  return typeof value === 'object' && value !== null && 'items' in value && !(value as MapNode).flow && isPairs(value as MapNode)
}

function isPairs({ items }: MapNode): boolean {
  return items.length > 0 && items.every((item) => item !== null && typeof item === 'object' && 'key' in item)
}
