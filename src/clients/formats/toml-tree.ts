/** Reads TOML and finds where an entry is written: as tables, or as one line of a table. */
import { type AST, getStaticTOMLValue, ParseError, parseTOML } from 'toml-eslint-parser'
import { type FormatProblem, FormatRefusal, isTree, type KeyPath, put, type Tree } from './format.ts'
import { placeOf } from './source-text.ts'

type Statement = AST.TOMLKeyValue | AST.TOMLTable

/** How an entry is written. */
export interface Entry {
  /** `[servers.name]` and its sub-tables, which follow one another; or one key with its value. */
  kind: 'tables' | 'line' | 'none'
  start: number
  end: number
  /** Of the value, where the entry is one line. */
  valueStart: number
}

export interface TomlFile {
  program: AST.TOMLProgram
  value: Tree
}

export function parseToml(text: string): TomlFile | { problem: FormatProblem } {
  try {
    const program = parseTOML(text, { tomlVersion: '1.1' })
    const value = plain(getStaticTOMLValue(program))
    return { program, value: isTree(value) ? value : {} }
  } catch (error) {
    if (error instanceof ParseError)
      return { problem: { message: error.message, line: error.lineNumber, column: error.column + 1 } }
    if (error instanceof RangeError) return { problem: { message: 'it is nested too deeply', line: 1, column: 1 } }
    throw error
  }
}

/** The value as JSON could say it: moments and numbers that JSON has not as texts. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value))) return String(value)
  if (!isTree(value)) return value
  const tree: Tree = {}
  for (const [key, item] of Object.entries(value)) put(tree, key, plain(item))
  return tree
}

/** Everything at the top: keys, and tables with their keys. */
export function statements({ program }: TomlFile): Statement[] {
  return program.body[0].body
}

/** The path of a table; the numbers are those of arrays of tables. */
export function tablePath(table: AST.TOMLTable): (string | number)[] {
  return table.resolvedKey
}

function keyNames(key: AST.TOMLKey): string[] {
  return key.keys.map((part) => (part.type === 'TOMLBare' ? part.name : part.value))
}

export function findEntry(text: string, file: TomlFile, path: KeyPath): Entry {
  const own = ownTables(text, file, path)
  const lines: AST.TOMLKeyValue[] = []
  for (const statement of statements(file)) {
    const table = statement.type === 'TOMLTable' ? statement : undefined
    if (table?.kind === 'array') refuseArray(text, table, path)
    const at = table ? tablePath(table) : []
    if (startsWith(at, path)) continue
    for (const line of statement.type === 'TOMLTable' ? statement.body : [statement]) {
      const full = [...at, ...keyNames(line.key)]
      // A dotted key makes its parents, and what a dotted key made cannot be made again by a header.
      const parent = path.slice(0, -1)
      if (startsWith(full, parent) && !startsWith(at, parent) && full.length > path.length) refuseInline(text, line, path)
      if (!startsWith(full, path) && !startsWith(path, full)) continue
      if (full.length !== path.length || keyNames(line.key).length > 1) refuseInline(text, line, path)
      lines.push(line)
    }
  }
  const [line] = lines
  if (line) return { kind: 'line', start: line.range[0], end: line.range[1], valueStart: line.value.range[0] }
  const [first] = own
  if (!first) return { kind: 'none', start: 0, end: 0, valueStart: 0 }
  return { kind: 'tables', start: first.range[0], end: Math.max(...own.map(endOfTable)), valueStart: first.range[0] }
}

/** The tables of the entry, which have to stand together. */
function ownTables(text: string, file: TomlFile, path: KeyPath): AST.TOMLTable[] {
  const all = statements(file).filter((statement) => statement.type === 'TOMLTable')
  const own = all.filter((table) => startsWith(tablePath(table), path))
  const first = own[0] ? all.indexOf(own[0]) : 0
  const apart = own.find((table, index) => all.indexOf(table) !== first + index)
  if (apart) refuse(text, apart, `the tables of ${path.join('.')} do not stand together; move this one to the others`)
  return own
}

/** The end of a table's last line, comments behind it not counted. */
export function endOfTable(table: AST.TOMLTable): number {
  const last = table.body.at(-1)
  return last ? last.range[1] : headerEnd(table)
}

/** Behind the bracket that closes the header. */
function headerEnd({ key, range }: AST.TOMLTable): number {
  return Math.max(key.range[1], range[1])
}

function refuseArray(text: string, table: AST.TOMLTable, path: KeyPath): void {
  const names = keyNames(table.key)
  if (startsWith(path, names))
    refuse(text, table, `${names.join('.')} is a list of tables ([[…]]); it cannot hold ${path.join('.')}`)
}

function refuseInline(text: string, line: AST.TOMLKeyValue, path: KeyPath): never {
  return refuse(
    text,
    line,
    `${path[0]} is written on one line or with dots here; write it as [${path.slice(0, -1).join('.') || path[0]}.…] tables`,
  )
}

function refuse(text: string, node: AST.TOMLNode, message: string): never {
  throw new FormatRefusal(message, { message, ...placeOf(text, node.range[0]) })
}

export function startsWith(path: readonly (string | number)[], start: readonly (string | number)[]): boolean {
  return path.length >= start.length && start.every((key, index) => path[index] === key)
}
