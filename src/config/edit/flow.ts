/** Edits maps between braces, as JSON files have them: commas included, on one line or on many. */
import type { CST } from 'yaml'
import { type FlowStyle, flowPair, jsonLines, type Value } from './entry-text.ts'
import { columnOf, lineBreak, lineStart, ownStart, type Splice, textEnd } from './lines.ts'
import { keyAt, type MapNode, type PairNode, pairEnd, pairsOf, startOf } from './nodes.ts'

const UNIT = '  '

/** Adds a pair behind the last one, on a line of its own where the others have that. */
export function insertInFlow(source: string, map: MapNode, key: string, value: Value): Splice[] {
  const last = pairsOf(map).at(-1)
  if (!last) return [fillFlow(source, map, key, value)]
  const column = columnOf(source, keyAt(last))
  const end = pairEnd(source, last)
  const comma = lastComma(map)
  if (column === undefined) {
    const pair = flowPair(key, value, styleOf(source, map))
    return [comma === undefined ? insert(end, `, ${pair}`) : insert(comma + 1, ` ${pair},`)]
  }
  const indent = source.slice(lineStart(source, keyAt(last)), keyAt(last))
  const long = source.slice(keyAt(last), end).includes('\n')
  const pair = longPair(source, map, key, value, { indent, long })
  // Behind a comment that stands on the line of the last pair, unless the brace stands there.
  const at = Math.min(textEnd(source, comma ?? end), closing(map) ?? source.length)
  const lines = `${lineBreak(source)}${indent}${pair}`
  return comma === undefined ? [insert(end, ','), insert(at, lines)] : [insert(at, `${lines},`)]
}

/** Takes a pair away with one comma, and with its lines where they are its own. */
export function removeFromFlow(source: string, map: MapNode, pair: PairNode): Splice[] {
  const pairs = pairsOf(map)
  const index = pairs.indexOf(pair)
  const next = pairs[index + 1]
  if (next) return [{ from: startIn(source, pair), to: startIn(source, next), text: '' }]
  const before = pairs[index - 1]
  if (!before) return [{ from: (map.range?.[0] ?? 0) + 1, to: closing(map) ?? 0, text: '' }]
  const trailing = lastComma(map)
  const comma = commaOf(startOf(pair))
  const to = endIn(source, map, trailing === undefined ? pairEnd(source, pair) : trailing + 1)
  const ownLine = columnOf(source, keyAt(pair)) !== undefined
  if (!ownLine) return [{ from: trailing === undefined ? pairEnd(source, before) : (comma ?? 0) + 1, to, text: '' }]
  const from = startIn(source, pair)
  const lines = { from: lineStart(source, from) - breakBefore(source, lineStart(source, from)), to, text: '' }
  return trailing === undefined && comma !== undefined ? [{ from: comma, to: comma + 1, text: '' }, lines] : [lines]
}

/** Whether keys and texts of this map are quoted as JSON quotes them. */
export function styleOf(source: string, map: MapNode): FlowStyle {
  const [first] = pairsOf(map)
  return first && source[keyAt(first)] === '"' ? 'json' : 'yaml'
}

/** The first pair of an empty map. */
function fillFlow(source: string, map: MapNode, key: string, value: Value): Splice {
  const from = (map.range?.[0] ?? 0) + 1
  const to = closing(map) ?? from
  const line = source.slice(lineStart(source, from), from - 1)
  // `{}` says nothing about its style; the key before it does.
  const style = line.includes('"') ? 'json' : 'yaml'
  if (line.trim() !== '' && !/^\s*"/.test(line)) return { from, to, text: ` ${flowPair(key, value, style)} ` }
  const indent = /^\s*/.exec(line)?.[0] ?? ''
  const unit = /^([ \t]+)\S/m.exec(source)?.[1] ?? UNIT
  const eol = lineBreak(source)
  const pair = jsonLines(key, value, unit).join(`${eol}${indent}${unit}`)
  return { from, to, text: `${eol}${indent}${unit}${pair}${eol}${indent}` }
}

function longPair(
  source: string,
  map: MapNode,
  key: string,
  value: Value,
  { indent, long }: { indent: string; long: boolean },
): string {
  const style = styleOf(source, map)
  if (style === 'yaml' || !long) return flowPair(key, value, style)
  const outer = /^\s*/.exec(source.slice(lineStart(source, map.range?.[0] ?? 0)))?.[0] ?? ''
  const unit = indent.startsWith(outer) && indent.length > outer.length ? indent.slice(outer.length) : UNIT
  return jsonLines(key, value, unit).join(`${lineBreak(source)}${indent}`)
}

function insert(at: number, text: string): Splice {
  return { from: at, to: at, text }
}

/** Where a pair begins, with the comment right above it where it has lines of its own. */
function startIn(source: string, pair: PairNode): number {
  const at = keyAt(pair)
  if (columnOf(source, at) === undefined) return at
  const own = ownStart(source, at)
  return own === lineStart(source, at) ? at : own + (/^\s*/.exec(source.slice(own))?.[0].length ?? 0)
}

/** Behind what follows a pair on its line, unless that is the brace. */
function endIn(source: string, map: MapNode, end: number): number {
  const line = textEnd(source, end)
  return line < (closing(map) ?? 0) ? line : end
}

function breakBefore(source: string, at: number): number {
  return source[at - 2] === '\r' ? 2 : source[at - 1] === '\n' ? 1 : 0
}

function tokenOf(map: MapNode): CST.FlowCollection | undefined {
  return map.srcToken?.type === 'flow-collection' ? map.srcToken : undefined
}

function closing(map: MapNode): number | undefined {
  return tokenOf(map)?.end.find(({ type }) => type === 'flow-map-end')?.offset
}

/** The comma behind the last pair. */
function lastComma(map: MapNode): number | undefined {
  const rest = tokenOf(map)?.items.at(-1)
  return rest && !rest.key && !rest.value ? commaOf(rest.start) : undefined
}

function commaOf(tokens: CST.SourceToken[]): number | undefined {
  return tokens.find(({ type }) => type === 'comma')?.offset
}
