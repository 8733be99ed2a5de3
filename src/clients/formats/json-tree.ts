/** Reads JSON with or without comments and trailing commas, and knows where everything stands. */
import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser'
import { type FormatProblem, placeOf, put, type Tree } from './format.ts'

export interface JsonStrictness {
  comments: boolean
  trailingCommas: boolean
}

/** One key of an object. */
export interface Member {
  name: string
  /** From the key to the end of the value. */
  start: number
  end: number
  value: Node
}

/** The root object; undefined where there is nothing but blanks and comments. */
export function parseJson(text: string, strictness: JsonStrictness): { root: Node | undefined } | { problem: FormatProblem } {
  const errors: ParseError[] = []
  const { comments, trailingCommas } = strictness
  try {
    const root = parseTree(text, errors, {
      disallowComments: !comments,
      allowTrailingComma: trailingCommas,
      allowEmptyContent: true,
    })
    const [error] = errors
    if (error) return { problem: problemOf(text, error) }
    if (root && root.type !== 'object')
      return { problem: { message: 'expected { and the keys of the config', ...placeOf(text, root.offset) } }
    return { root }
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

export function membersOf(object: Node): Member[] {
  return (object.children ?? []).flatMap(({ offset, length, children }) => {
    const [key, value] = children ?? []
    return key && value ? [{ name: String(key.value), start: offset, end: offset + length, value }] : []
  })
}

/** The value of a node. Of a key that stands twice the last counts, as for every program that reads the file. */
export function jsonValue(node: Node | undefined): unknown {
  if (node?.type === 'array') return (node.children ?? []).map(jsonValue)
  if (node?.type !== 'object') return node?.value
  const tree: Tree = {}
  for (const { name, value } of membersOf(node)) put(tree, name, jsonValue(value))
  return tree
}
