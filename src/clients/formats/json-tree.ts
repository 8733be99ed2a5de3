/** Reads JSON with or without comments and trailing commas, and finds where in it something stands. */
import { createScanner, type JSONScanner, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser'
import { type FormatProblem, isTree, put, type Tree } from './format.ts'
import { placeOf } from './source-text.ts'

export interface JsonStrictness {
  comments: boolean
  trailingCommas: boolean
}

/** An object in a text. */
export interface JsonObject {
  /** Of its braces. */
  open: number
  close: number
  /** In the order of the text. */
  members: Member[]
}

/** One key of an object. */
export interface Member {
  name: string
  /** From the key to the end of the value. */
  start: number
  end: number
  valueStart: number
}

const OPEN_BRACE = 1
const CLOSE_BRACE = 2
const OPEN_BRACKET = 3
const CLOSE_BRACKET = 4
const COMMA = 5
const EOF = 17

export function readJson(text: string, strictness: JsonStrictness): { value: Tree } | { problem: FormatProblem } {
  // Files of many megabytes are common, and most have neither comments nor trailing commas.
  const plain = parsePlain(text)
  return isTree(plain) ? { value: plain } : readSlowly(text, strictness)
}

function parsePlain(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Reads what is not plain JSON, or says where it is not what it should be. */
function readSlowly(text: string, { comments, trailingCommas }: JsonStrictness): { value: Tree } | { problem: FormatProblem } {
  const errors: ParseError[] = []
  try {
    const root = parseTree(text, errors, {
      disallowComments: !comments,
      allowTrailingComma: trailingCommas,
      allowEmptyContent: true,
    })
    const [error] = errors
    if (error) return { problem: problemOf(text, error) }
    const value = root ? jsonValue(root) : {}
    if (isTree(value)) return { value }
    return { problem: { message: 'expected { and the keys of the config', ...placeOf(text, root?.offset ?? 0) } }
  } catch (error) {
    if (error instanceof RangeError) return { problem: { message: 'it is nested too deeply', line: 1, column: 1 } }
    throw error
  }
}

const WORDS: Record<string, string> = {
  InvalidCommentToken: 'a comment, which this program does not accept',
  UnexpectedEndOfComment: 'a comment that does not end',
  UnexpectedEndOfString: 'a text that does not end',
  EndOfFileExpected: 'more than one value',
  InvalidCharacter: 'a control character in a text; write it as \\u00…',
}

function problemOf(text: string, { error, offset, length }: ParseError): FormatProblem {
  const name = printParseErrorCode(error)
  const found = text.slice(offset, offset + Math.min(length, 20))
  const words = WORDS[name] ?? (found === '' || /^\s*$/.test(found) ? 'unexpected end' : `unexpected ${JSON.stringify(found)}`)
  return { message: words + trailingCommaHint(text, offset), ...placeOf(text, offset) }
}

function trailingCommaHint(text: string, offset: number): string {
  const before = text.slice(0, offset).trimEnd()
  if (!before.endsWith(',') || !/[}\]]/.test(text[offset] ?? '')) return ''
  return ` (trailing comma on line ${placeOf(text, before.length - 1).line}?)`
}

/** The value of a node. Of a key that stands twice the last counts, as for every program that reads the file. */
function jsonValue({ type, value, children = [] }: Node): unknown {
  if (type === 'array') return children.map(jsonValue)
  if (type !== 'object') return value
  const tree: Tree = {}
  for (const { children: [key, item] = [] } of children) if (key && item) put(tree, String(key.value), jsonValue(item))
  return tree
}

/** Where the value of a text begins, which has been read before; undefined where there are only blanks and comments. */
export function rootOf(text: string): number | undefined {
  const scanner = createScanner(text, true)
  return scanner.scan() === EOF ? undefined : scanner.getTokenOffset()
}

/** The object whose brace is at the offset. */
export function objectAt(text: string, open: number): JsonObject {
  const members: Member[] = []
  const scanner = createScanner(text, true)
  scanner.setPosition(open + 1)
  for (let token: number = scanner.scan(); token !== CLOSE_BRACE && token !== EOF; token = scanner.scan()) {
    if (token === COMMA) continue
    const name = scanner.getTokenValue()
    const start = scanner.getTokenOffset()
    // The colon, and the first token of the value.
    scanner.scan()
    scanner.scan()
    const valueStart = scanner.getTokenOffset()
    members.push({ name, start, valueStart, end: endOfValue(scanner) })
  }
  return { open, close: scanner.getTokenOffset(), members }
}

/** The end of the value whose first token was just read; its last one is read then. */
function endOfValue(scanner: JSONScanner): number {
  let depth = 0
  for (let token: number = scanner.getToken(); token !== EOF; token = scanner.scan()) {
    if (token === OPEN_BRACE || token === OPEN_BRACKET) depth++
    else if (token === CLOSE_BRACE || token === CLOSE_BRACKET) depth--
    if (depth === 0) break
  }
  return scanner.getTokenOffset() + scanner.getTokenLength()
}
