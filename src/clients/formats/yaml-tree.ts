/** Reads YAML and knows where everything stands. */
import {
  Composer,
  type CST,
  type Document,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  type Pair,
  Parser,
  type YAMLMap,
} from 'yaml'
import { type FormatProblem, isTree, type Tree } from './format.ts'
import { placeOf } from './source-text.ts'

export type YamlPair = Pair<Node, Node | null>
export type Mapping = YAMLMap<Node, Node | null>
type Parsed = { document: Document.Parsed | undefined; value: Tree } | { problem: FormatProblem }

/** The composer recurses, and the stack it needs for more than this ends the process rather than the reading. */
const DEPTH_MAX = 200

export function parseYaml(text: string): Parsed {
  const problem = (at: number, message: string): Parsed => ({ problem: { message, ...placeOf(text, at) } })
  const tokens = tokensOf(text)
  if (!tokens) return problem(0, 'it is nested too deeply')
  const composer = new Composer({ keepSourceTokens: true, stringKeys: true, prettyErrors: false, logLevel: 'silent' })
  const [document, second] = [...composer.compose(tokens, false, text.length)]
  if (second) return problem(second.range[0], 'a second document begins here; only one can be edited')
  if (!document) return { document: undefined, value: {} }
  const [error] = document.errors
  if (error) return problem(error.pos[0], error.message)
  try {
    const value: unknown = document.contents === null ? {} : document.toJS()
    // A document that says nothing but `null` or `~` says nothing.
    if (value === null) return { document, value: {} }
    return isTree(value) ? { document, value } : problem(document.contents?.range?.[0] ?? 0, 'expected keys and values')
  } catch (error) {
    // Aliases of aliases that would grow beyond all bounds.
    if (error instanceof ReferenceError) return problem(0, error.message)
    throw error
  }
}

function tokensOf(text: string): CST.Token[] | undefined {
  const parser = new Parser()
  const tokens: CST.Token[] = []
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme))
    if (parser.stack.length > DEPTH_MAX) return undefined
  }
  tokens.push(...parser.end())
  return tokens
}

export function nameOf({ key }: YamlPair): string {
  return isScalar(key) ? String(key.value) : ''
}

export function keyStart(pair: YamlPair): number {
  return pair.key.range?.[0] ?? 0
}

/** Behind the colon of a key, where its value may begin; undefined where it has none. */
export function behindColon({ srcToken }: YamlPair): number | undefined {
  const colon = srcToken?.sep?.find(({ type }) => type === 'map-value-ind')
  return colon && colon.offset + 1
}

/** The end of what a key says, without the blanks, comments and line ends behind it. */
export function endOf(pair: YamlPair): number {
  const { value } = pair
  const ofKey = behindColon(pair) ?? pair.key.range?.[1] ?? 0
  // A value that is not written at all is said to stand behind the comments.
  const isWritten = value?.range && value.range[1] > value.range[0]
  return isWritten ? Math.max(ofKey, endOfNode(value)) : ofKey
}

function endOfNode(node: Node): number {
  const end = node.range?.[1] ?? 0
  const inFlow = (isMap(node) || isSeq(node)) && node.flow
  if (inFlow) return end
  // A block ends where its last entry does; its own range goes on over comments.
  if (isMap(node)) return node.items.length > 0 ? endOf(node.items.at(-1) as YamlPair) : end
  if (isSeq(node)) {
    const last = node.items.at(-1) as Node | undefined
    return last ? Math.max(endOfNode(last), node.range?.[0] ?? 0) : end
  }
  return end
}
