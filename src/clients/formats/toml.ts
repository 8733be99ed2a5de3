/** TOML: changes one table, or one line of a table, and leaves the rest as it is written, comments and blank lines included. */
import { type Dialect, formatOf } from './dialect.ts'
import { type Format, FormatRefusal, isTree, type KeyPath } from './format.ts'
import { eolOf, indentAt, splice } from './source-text.ts'
import { printKey, printLine, printTable, printValue } from './toml-print.ts'
import { type Entry, endOfTable, findEntry, parseToml, startsWith, statements, type TomlFile, tablePath } from './toml-tree.ts'

const dialect: Dialect = {
  parentsVanish: true,
  read: (text) => {
    const parsed = parseToml(text)
    return 'problem' in parsed ? parsed : { value: parsed.value }
  },
  set: (text, path, value) => {
    const { file, entry } = find(text, path)
    if (entry.kind === 'line') return splice(text, entry.valueStart, entry.end, printValue(value))
    if (!isTree(value)) return addLine(text, file, path, printLine(path.at(-1) ?? '', value))
    const block = printTable(path, value).replaceAll('\n', eolOf(text))
    if (entry.kind === 'tables') return splice(text, entry.start, entry.end, block)
    return addBlock(text, file, path, block)
  },
  insert: (text, path, source) => {
    const { file } = find(text, path)
    const body = source.replace(/\r?\n$/, '')
    return /^\s*\[/.test(source) ? addBlock(text, file, path, body) : addLine(text, file, path, body.trim())
  },
  remove: (text, path) => {
    const { entry } = find(text, path)
    return entry.kind === 'none' ? text : cut(text, entry)
  },
  slice: (text, path) => {
    const { entry } = find(text, path)
    return entry.kind === 'none' ? undefined : text.slice(entry.start, lineEnd(text, entry.end))
  },
  written: (value) => JSON.parse(JSON.stringify(value)) as unknown,
}

export const tomlFormat: Format = formatOf(dialect)

function find(text: string, path: KeyPath): { file: TomlFile; entry: Entry } {
  const file = parseToml(text)
  if ('problem' in file) throw new FormatRefusal(file.problem.message, file.problem)
  return { file, entry: findEntry(text, file, path) }
}

/** Puts tables behind their sisters, or at the end of the file. */
function addBlock(text: string, file: TomlFile, path: KeyPath, block: string): string {
  const eol = eolOf(text)
  const sisters = tables(file).filter((table) => startsWith(tablePath(table), path.slice(0, -1)))
  const last = path.length > 1 ? sisters.at(-1) : undefined
  const at = last ? lineEnd(text, endOfTable(last)) : text.length
  const head = text.slice(0, at)
  const gap = head === '' ? '' : eol
  const rest = text.slice(at)
  // A file whose last line is not ended stays like that.
  if (head !== '' && !head.endsWith('\n')) return head + eol + gap + block + rest
  return head + gap + block + eol + rest
}

/** Puts one line behind the last of its table. */
function addLine(text: string, file: TomlFile, path: KeyPath, line: string): string {
  const eol = eolOf(text)
  const parent = path.slice(0, -1)
  const table = tables(file).find((one) => tablePath(one).length === parent.length && startsWith(tablePath(one), parent))
  if (!table && parent.length > 0) return addBlock(text, file, parent, `[${parent.map(printKey).join('.')}]${eol}${line}`)
  const top = statements(file)
    .filter(({ type }) => type === 'TOMLKeyValue')
    .at(-1)
  const lastLine = table ? table.body.at(-1) : top
  const before = lastLine?.range[1] ?? (table ? endOfTable(table) : undefined)
  // Keys of no table come first of all.
  if (before === undefined) return line + eol + (text.startsWith('[') ? eol : '') + text
  const at = lineEnd(text, before)
  const indented = (lastLine ? indentAt(text, lastLine.range[0]) : '') + line
  return text[at - 1] === '\n' ? splice(text, at, at, indented + eol) : text.slice(0, at) + eol + indented + text.slice(at)
}

function tables(file: TomlFile) {
  return statements(file).filter((statement) => statement.type === 'TOMLTable')
}

/** Cuts whole lines, and with tables the blank line that sets them off from what is above. */
function cut(text: string, { kind, start, end }: Entry): string {
  const from = start - indentAt(text, start).length
  const to = lineEnd(text, end)
  const above = text.slice(0, from)
  const head = kind === 'tables' ? above.replace(/(^|\n)[ \t]*\r?\n$/, '$1') : above
  const rest = text.slice(to)
  return (text[to - 1] === '\n' ? head : head.replace(/\r?\n$/, '')) + rest
}

/** The start of the line behind the one that the offset is in. */
function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset)
  return end < 0 ? text.length : end + 1
}
