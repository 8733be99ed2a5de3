/** Adds a key to an object of a JSON text, or cuts one out, in the style of the text and with every comment left in its place. */
import { createScanner } from 'jsonc-parser'
import type { JsonObject, Member } from './json-tree.ts'
import { beginsLine, eolOf, indentAt, splice } from './source-text.ts'

/** How an object is laid out, for what is put into it. */
export interface Layout {
  eol: string
  /** One level of indentation. */
  unit: string
  /** Of the object's keys. */
  indent: string
  /** Of the brace that ends the object. */
  closeIndent: string
  /** The object stands on one line, and so does what is put into it. */
  oneLine: boolean
  /** Behind colons and commas. */
  gap: string
}

const COMMA = 5
const LINE_COMMENT = 12
const BLOCK_COMMENT = 13
const BLANKS = 15

export function layoutOf(text: string, object: JsonObject): Layout {
  const { open, close, members } = object
  const last = members.at(-1)
  const unit = unitOf(text)
  const closeIndent = indentAt(text, beginsLine(text, close) ? close : open)
  const indent = last && beginsLine(text, last.start) ? indentAt(text, last.start) : closeIndent + unit
  const oneLine = !text.slice(open, close).includes('\n') && (last ? true : isMinified(text))
  return { eol: eolOf(text), unit, indent, closeIndent, oneLine, gap: isMinified(text) && !/":\s/.test(text) ? '' : ' ' }
}

/** The indentation of the first line that has one. */
function unitOf(text: string): string {
  return /^([ \t]+)"/m.exec(text)?.[1] ?? '  '
}

/** All on one line, and not because it is empty. */
function isMinified(text: string): boolean {
  const body = text.trim()
  return !body.includes('\n') && /^\{\s*\S/.test(body) && !/^\{\s*\}$/.test(body)
}

export function printMember(name: string, value: unknown, layout: Layout): string {
  return `${JSON.stringify(name)}:${layout.gap}${printValue(value, layout)}`
}

export function printValue(value: unknown, { eol, unit, indent, oneLine, gap }: Layout): string {
  return oneLine ? printOnOneLine(value, gap) : JSON.stringify(value, null, unit).replaceAll('\n', eol + indent)
}

function printOnOneLine(value: unknown, gap: string): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map((item) => printOnOneLine(item, gap)).join(`,${gap}`)}]`
  const members = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${gap}${printOnOneLine(item, gap)}`)
  return `{${members.join(`,${gap}`)}}`
}

/** A key with its value, and the comment behind it with the blanks in front. */
export interface Entry {
  member: string
  comment: string
}

/** The comment behind a key that has its line for itself. */
export function commentBehind(text: string, { start, end }: Member): string {
  const comma = commaAfter(text, end)
  const behind = comma === undefined ? end : comma + 1
  return beginsLine(text, start) && isLineEnd(text, sameLineEnd(text, behind))
    ? text.slice(behind, sameLineEnd(text, behind))
    : ''
}

/** The text with one more key at the end of the object. */
export function addMember(text: string, object: JsonObject, { member, comment }: Entry, layout: Layout): string {
  const last = object.members.at(-1)
  const tail = layout.oneLine ? '' : comment
  if (!last) return addFirst(text, object, member + tail, layout)
  const comma = commaAfter(text, last.end)
  const at = beforeLineEnd(text, sameLineEnd(text, comma === undefined ? last.end : comma + 1))
  const before = layout.oneLine ? layout.gap : layout.eol + layout.indent
  // A list that ends with a comma goes on doing so.
  const added = splice(text, at, at, before + member + (comma === undefined ? '' : ',') + tail)
  return comma === undefined ? splice(added, last.end, last.end, ',') : added
}

function addFirst(
  text: string,
  { open, close }: JsonObject,
  member: string,
  { eol, indent, closeIndent, oneLine }: Layout,
): string {
  const inside = text.slice(open + 1, close)
  // There may be comments.
  const at = open + 1 + inside.trimEnd().length
  if (oneLine) return splice(text, at, at, (inside.trim() && ' ') + member)
  const rest = text.slice(at, close)
  return splice(text, at, close, eol + indent + member + (rest.includes('\n') ? rest : eol + closeIndent))
}

/** The text without the key, and without its line where it has one for itself. Comments above it stay. */
export function cutMember(text: string, { open, members }: JsonObject, member: Member): string {
  const index = members.findIndex(({ start }) => start === member.start)
  const comma = commaAfter(text, member.end)
  const behind = comma === undefined ? member.end : comma + 1
  const before = members[index - 1]
  const place: Place = { ...member, behind, since: before ? before.end : open + 1 }
  const cut = beginsLine(text, member.start) ? cutLine(text, place) : cutInside(text, place)
  // The comma in front of a last one without a comma of its own goes too.
  const commaBefore = comma === undefined && before ? commaAfter(text, before.end) : undefined
  if (commaBefore !== undefined) return splice(cut, commaBefore, commaBefore + 1, '')
  return members.length === 1 ? collapsed(cut, open) : cut
}

interface Place {
  start: number
  /** Behind the value and its comma. */
  behind: number
  /** The end of the key before, or the start of the object. */
  since: number
}

function cutLine(text: string, place: Place): string {
  const end = sameLineEnd(text, place.behind)
  if (!isLineEnd(text, end)) return cutInside(text, place)
  const lineStart = text.lastIndexOf('\n', place.start - 1)
  const start = text[lineStart - 1] === '\r' ? lineStart - 1 : lineStart
  return splice(text, start, beforeLineEnd(text, end), '')
}

function cutInside(text: string, { start, behind, since }: Place): string {
  const blanksBehind = /^[ \t]*/.exec(text.slice(behind))?.[0].length ?? 0
  const isLast = /^[ \t]*\}/.test(text.slice(behind))
  if (!isLast) return splice(text, start, behind + blanksBehind, '')
  // The brace takes the place of a whole line, unless the comment above it would swallow it.
  const joins = beginsLine(text, start) && !endsInLineComment(text, since, start)
  return splice(text, joins ? text.slice(0, start).trimEnd().length : blanksBefore(text, start), behind, '')
}

function endsInLineComment(text: string, from: number, to: number): boolean {
  const scanner = createScanner(text, false)
  scanner.setPosition(from)
  let last = 0
  for (let token: number = scanner.scan(); scanner.getTokenOffset() < to; token = scanner.scan()) {
    if (token === LINE_COMMENT || token === BLOCK_COMMENT || token === COMMA) last = token
  }
  return last === LINE_COMMENT
}

function blanksBefore(text: string, offset: number): number {
  return text.slice(0, offset).replace(/[ \t]+$/, '').length
}

/** An object that held nothing else becomes `{}`. */
function collapsed(text: string, open: number): string {
  const blanks = /^\{\s*\}/.exec(text.slice(open))
  return blanks ? splice(text, open, open + blanks[0].length, '{}') : text
}

function isLineEnd(text: string, offset: number): boolean {
  return /^[ \t]*(\r?\n|$)/.test(text.slice(offset))
}

/** Behind the blanks at the end of a line; the offset itself where something else follows. */
function beforeLineEnd(text: string, offset: number): number {
  return isLineEnd(text, offset) ? offset + (/^[ \t]*/.exec(text.slice(offset))?.[0].length ?? 0) : offset
}

/** Where the comma behind this offset is, comments and line ends skipped. */
function commaAfter(text: string, offset: number): number | undefined {
  const scanner = createScanner(text, true)
  scanner.setPosition(offset)
  return scanner.scan() === COMMA ? scanner.getTokenOffset() : undefined
}

/** The end of the comments that stand on the same line behind this offset: they belong to what is in front of them. */
function sameLineEnd(text: string, offset: number): number {
  const scanner = createScanner(text, false)
  scanner.setPosition(offset)
  let end = offset
  for (;;) {
    const token: number = scanner.scan()
    if (token === LINE_COMMENT || token === BLOCK_COMMENT) end = scanner.getTokenOffset() + scanner.getTokenLength()
    else if (token !== BLANKS) return end
    if (text.slice(offset, end).includes('\n')) return end
  }
}
