/** Reads YAML (and JSON, which is YAML) into a small tree that knows where everything stands. */
import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type LineCounter,
  type Node,
  type Pair,
  Parser,
} from 'yaml'
import type { Report } from './problem.ts'
import { parseTemplate, type Template } from './template.ts'

interface Place {
  /** The offset in the source. */
  at: number
  /** The dotted path as written. */
  key: string
  /** How many values it holds, itself and those behind aliases included. */
  count: number
}
export interface ScalarTree extends Place {
  kind: 'scalar'
  value: string | number | boolean | null
  /** As written, without quotes: `1.10` stays `1.10`. */
  source: string
  template: Template
}
export interface ListTree extends Place {
  kind: 'list'
  items: Tree[]
}
export interface MapTree extends Place {
  kind: 'map'
  entries: Map<string, Entry>
}
export interface Entry {
  keyAt: number
  value: Tree
}
export type Tree = ScalarTree | ListTree | MapTree

/** A config is a few levels deep. Deeper documents would overflow the stack of the YAML composer, which recurses. */
const DEPTH_MAX = 200
/** Aliases of aliases can make a value of any size out of a few lines. */
const COUNT_MAX = 100_000
/** The count of a tree whose aliases cannot be followed; it makes the count of the whole document the same. */
const UNUSABLE = Number.POSITIVE_INFINITY

/** The tree of a source; undefined where the file is empty or cannot be understood, which is reported. */
export function readTree(source: string, report: Report, lines: LineCounter): Tree | undefined {
  const document = readDocument(source, report, lines)
  if (!document?.contents) return undefined
  const tree = convert(document.contents, 0, '', { report, lines, anchors: new Map() })
  return tree.count === UNUSABLE ? undefined : tree
}

/** The one document of a source with the tokens it was read from; undefined where it is no valid YAML, which is reported. */
export function readDocument(source: string, report: Report, lines: LineCounter): Document | undefined {
  const tokens = readTokens(source, report, lines)
  if (!tokens) return undefined
  // Duplicates are found by `convert`, in linear time and with both places.
  const options = {
    uniqueKeys: false,
    stringKeys: true,
    prettyErrors: false,
    keepSourceTokens: true,
    logLevel: 'silent',
  } as const
  const [document, second] = [...new Composer(options).compose(tokens, true, source.length)]
  if (!document) return undefined
  if (second) report(second.range[0], '', 'a second document begins here; a config is one document, so remove this ---')
  const seen = new Set<number>()
  for (const { pos, code, message } of [...document.errors, ...document.warnings]) {
    // One mistake makes the parser stumble several times on the same line; the first says it best.
    const { line } = lines.linePos(pos[0])
    const consequence = seen.has(line) || (seen.size > 0 && message.includes(' in YAML stream'))
    if (!consequence) report(pos[0], '', `not valid YAML: ${message}${hint(code, source, pos[0])}`)
    seen.add(line)
  }
  return second || seen.size > 0 ? undefined : document
}

function readTokens(source: string, report: Report, lines: LineCounter): CST.Token[] | undefined {
  const parser = new Parser()
  const tokens: CST.Token[] = []
  lines.addNewLine(0)
  for (let i = source.indexOf('\n'); i >= 0; i = source.indexOf('\n', i + 1)) lines.addNewLine(i + 1)
  for (const lexeme of new Lexer().lex(source)) {
    tokens.push(...parser.next(lexeme))
    if (parser.stack.length > DEPTH_MAX) {
      report(parser.offset, '', 'this is nested too deeply for a config')
      return undefined
    }
  }
  tokens.push(...parser.end())
  return tokens
}

/** What helps against the errors that people make most. */
function hint(code: string, source: string, at: number): string {
  if (code === 'UNEXPECTED_TOKEN' && source[at - 1] === '$') return '; a ${…} inside { } or [ ] needs quotes'
  if (code === 'BLOCK_AS_IMPLICIT_KEY') return '; check the indentation, and quote a text that contains ": "'
  if (code === 'TAB_AS_INDENT') return '; indent with spaces'
  if (code === 'BAD_SCALAR_START') return '; put the value in quotes'
  return ''
}

interface Conversion {
  report: Report
  lines: LineCounter
  /** Undefined while the anchored value is being read. */
  anchors: Map<string, Tree | undefined>
}

function convert(node: Node | null, emptyAt: number, key: string, conversion: Conversion): Tree {
  const at = node?.range?.[0] ?? emptyAt
  if (isAlias(node)) return aliased(node.source, at, key, conversion)
  const anchor = isScalar(node) || isSeq(node) || isMap(node) ? node.anchor : undefined
  if (anchor) conversion.anchors.set(anchor, undefined)
  const tree = convertValue(node, at, key, conversion)
  if (anchor) conversion.anchors.set(anchor, tree)
  return tree
}

function convertValue(node: Node | null, at: number, key: string, conversion: Conversion): Tree {
  if (isMap(node)) return convertMap(node.items as Pair<Node, Node | null>[], at, key, conversion)
  if (isSeq(node)) {
    const items = (node.items as Node[]).map((item, i) => convert(item, at, `${key}[${i}]`, conversion))
    return { kind: 'list', at, key, count: total(items, at, key, conversion), items }
  }
  if (!isScalar(node)) return scalar(null, '', at, key)
  const { value } = node
  // Core YAML has no other scalars, but a tag such as !!binary can make some.
  const plain = value === null || typeof value === 'number' || typeof value === 'boolean' ? value : (node.source ?? String(value))
  return scalar(plain, typeof value === 'string' ? value : (node.source ?? ''), at, key)
}

function convertMap(pairs: Pair<Node, Node | null>[], at: number, key: string, conversion: Conversion): MapTree {
  const entries = new Map<string, Entry>()
  for (const pair of pairs) {
    const name = isScalar(pair.key) ? String(pair.key.value) : ''
    const keyAt = pair.key?.range?.[0] ?? at
    const path = key ? `${key}.${name}` : name
    const value = convert(pair.value, keyAt, path, conversion)
    const first = entries.get(name)
    if (first) conversion.report(keyAt, path, twice(conversion.lines, first.keyAt))
    // Objects cannot hold this name safely, and no option has it.
    else if (name === '__proto__') conversion.report(keyAt, path, 'this key cannot be used; remove it')
    else entries.set(name, { keyAt, value })
  }
  const values = [...entries.values()].map((entry) => entry.value)
  return { kind: 'map', at, key, count: total(values, at, key, conversion), entries }
}

function aliased(name: string, at: number, key: string, conversion: Conversion): Tree {
  const tree = conversion.anchors.get(name)
  if (tree) return tree
  const within = conversion.anchors.has(name)
  const message = within ? `*${name} stands inside the value that it repeats` : `there is no &${name} before this *${name}`
  conversion.report(at, key, message)
  return { ...scalar(null, '', at, key), count: UNUSABLE }
}

function total(values: Tree[], at: number, key: string, { report }: Conversion): number {
  const count = values.reduce((sum, value) => sum + value.count, 1)
  if (count <= COUNT_MAX || count === UNUSABLE) return count
  report(at, key, `this holds more than ${COUNT_MAX} values, aliases counted; write less`)
  return UNUSABLE
}

function scalar(value: ScalarTree['value'], source: string, at: number, key: string): ScalarTree {
  const template = source.includes('${') ? parseTemplate(source) : { parts: source ? [source] : [], errors: [] }
  return { kind: 'scalar', at, key, count: 1, value, source, template }
}

export function twice(lines: LineCounter, firstAt: number): string {
  const { line, col } = lines.linePos(firstAt)
  return `stands twice, first at line ${line}, column ${col}; rename or remove one of them`
}
