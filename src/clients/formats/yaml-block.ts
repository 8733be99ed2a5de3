/** Adds and cuts the lines of one key of a YAML mapping that is written as lines. */
import { isMap, type Node, stringify } from 'yaml'
import { FormatRefusal } from './format.ts'
import { beginsLine, eolOf, splice } from './source-text.ts'
import { behindColon, endOf, keyStart, type Mapping, nameOf, type YamlPair } from './yaml-tree.ts'

/** The lines `name: value`, each ended, at the left edge. */
export function printLines(name: string, value: unknown, unit: number): string {
  // Programs that read the older YAML take a plain `yes` or `on` for a boolean.
  return stringify({ [name]: value }, { indent: unit, lineWidth: 0, blockQuote: false, compat: 'yaml-1.1' })
}

/** The lines further to the right, and ended as the file ends its lines. */
export function indented(lines: string, indent: string, eol: string): string {
  return lines.replace(/^(?=.)/gm, indent).replaceAll(/\r?\n/g, eol)
}

/** How much deeper a level is, by the first mapping within another. */
export function unitOf(text: string, { items }: Mapping): number {
  for (const pair of items as YamlPair[]) {
    if (!isMap(pair.value) || pair.value.flow) continue
    const [first] = (pair.value as Mapping).items as YamlPair[]
    const unit = first ? columnOf(text, keyStart(first)) - columnOf(text, keyStart(pair)) : 0
    if (unit > 0) return unit
  }
  return 2
}

export function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1)
}

/** Puts lines behind the last key of the mapping. */
export function addLines(text: string, map: Mapping, lines: string): string {
  const last = map.items.at(-1) as YamlPair
  return addBehind(text, endOfLines(text, last), lines)
}

/** Puts lines below a key that has no value yet. */
export function addBelow(text: string, pair: YamlPair, lines: string): string {
  const end = endOf(pair)
  const colon = behindColon(pair) ?? end
  // It may say `null` or `~` in so many words.
  return addBehind(text, endOfLines(text, pair), lines, (whole) => splice(whole, colon, end, ''))
}

function addBehind(text: string, at: number, lines: string, also = (whole: string): string => whole): string {
  const head = text.slice(0, at)
  const eol = eolOf(text)
  const needsEnd = head !== '' && !head.endsWith('\n')
  // A file whose last line is not ended stays like that.
  const body = needsEnd ? eol + lines.replace(/\r?\n$/, '') : lines
  return also(head) + body + text.slice(at)
}

/** Behind the last line of a key, its comments included: those on its last line, and those below that are indented further. */
function endOfLines(text: string, pair: YamlPair): number {
  const column = columnOf(text, keyStart(pair))
  let end = lineEnd(text, endOf(pair))
  for (let at = end; at < text.length; at = lineEnd(text, at + 1)) {
    const line = /^([ \t]*)(#?)/.exec(text.slice(at))
    const blank = /^[ \t]*(\r?\n|$)/.test(text.slice(at))
    if (!blank && (line?.[2] !== '#' || (line[1]?.length ?? 0) <= column)) break
    if (!blank) end = lineEnd(text, at + 1)
  }
  return end
}

/** The start of the line behind the one that this offset is in, or is at the end of. */
function lineEnd(text: string, offset: number): number {
  if (offset > 0 && text[offset - 1] === '\n') return offset
  const end = text.indexOf('\n', offset)
  return end < 0 ? text.length : end + 1
}

/** The lines of a key, its comments included. */
export function linesOf(text: string, pair: YamlPair): { start: number; end: number } {
  const at = keyStart(pair)
  if (!beginsLine(text, at))
    throw new FormatRefusal(`${nameOf(pair)} shares its line with something else; put it on its own line`)
  return { start: at - columnOf(text, at), end: endOfLines(text, pair) }
}

/** The text without the lines of a key. A mapping that held nothing else becomes `{}`. */
export function cutLines(text: string, pair: YamlPair, map: Mapping, holder: YamlPair | undefined): string {
  const { start, end } = linesOf(text, pair)
  // The last line of a file that is not ended leaves no empty line behind.
  const from = end === text.length && !text.endsWith('\n') ? text.slice(0, start).replace(/\r?\n$/, '').length : start
  const cut = splice(text, from, end, '')
  const colon = holder && map.items.length === 1 ? behindColon(holder) : undefined
  return colon === undefined ? cut : splice(cut, colon, colon, ' {}')
}

/** The text with another value for a key that is there. */
export function replaceLines(text: string, pair: YamlPair, value: Node | unknown, unit: number): string {
  const at = keyStart(pair)
  const end = endOf(pair)
  const indent = ' '.repeat(columnOf(text, at))
  const eol = eolOf(text)
  const printed = indented(printLines(nameOf(pair), value, unit), indent, eol).slice(indent.length)
  return splice(text, at, end, text[end - 1] === '\n' ? printed : printed.slice(0, -eol.length))
}
