/** YAML: changes one key of a mapping and leaves the rest as it is written, comments, quotes and blank lines included. */
import { isAlias, isMap, isScalar, type Node } from 'yaml'
import { type Dialect, formatOf } from './dialect.ts'
import { type Format, FormatRefusal, type KeyPath } from './format.ts'
import { eolOf, placeOf } from './source-text.ts'
import { addBelow, addLines, columnOf, cutLines, indented, linesOf, printLines, replaceLines, unitOf } from './yaml-block.ts'
import { addPair, cutPair, printPair, replacePair } from './yaml-flow.ts'
import { endOf, keyStart, type Mapping, nameOf, parseYaml, type YamlPair } from './yaml-tree.ts'

interface Found {
  /** The innermost mapping on the way; undefined where the document says nothing, or a key has no value yet. */
  map: Mapping | undefined
  /** The key whose value that is; undefined for the document. */
  holder: YamlPair | undefined
  /** The entry itself. */
  pair: YamlPair | undefined
  /** The keys that are not there: of parents, and of the entry. */
  missing: KeyPath
  /** Spaces of a level. */
  unit: number
}

const dialect: Dialect = {
  read: (text) => {
    const parsed = parseYaml(text)
    return 'problem' in parsed ? parsed : { value: parsed.value }
  },
  set: (text, path, value) => {
    const found = find(text, path)
    const { map, pair, missing, unit } = found
    if (pair) return map?.flow ? replacePair(text, map, pair, value) : replaceLines(text, pair, value, unit)
    const [name = '', ...rest] = missing
    const nested = rest.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value)
    if (map?.flow) return addPair(text, map, printPair(name, nested, map))
    return addBlock(text, found, printLines(name, nested, unit))
  },
  insert: (text, path, source) => {
    const found = find(text, path)
    if (found.missing.length !== 1)
      throw new FormatRefusal(`there is no ${path.slice(0, -1).join('.')} to put ${path.at(-1)} into`)
    const edge = /^ */.exec(source)?.[0] ?? ''
    if (found.map?.flow) return addPair(text, found.map, source.trim())
    return addBlock(text, found, `${source.replace(/\r?\n$/, '')}\n`.replace(new RegExp(`^${edge}`, 'gm'), ''))
  },
  remove: (text, path) => {
    const { map, pair, holder } = find(text, path)
    if (!pair || !map) return text
    return map.flow ? cutPair(text, map, pair) : cutLines(text, pair, map, holder)
  },
  slice: (text, path) => {
    const { map, pair } = find(text, path)
    if (!pair) return undefined
    if (map?.flow) return text.slice(keyStart(pair), endOf(pair))
    const { start, end } = linesOf(text, pair)
    return text.slice(start, end)
  },
  written: (value) => JSON.parse(JSON.stringify(value)) as unknown,
}

export const yamlFormat: Format = formatOf(dialect)

/** Puts lines, as they are at the left edge, where the entry belongs. */
function addBlock(text: string, { map, holder, unit }: Found, lines: string): string {
  const eol = eolOf(text)
  if (map) return addLines(text, map, indented(lines, ' '.repeat(columnOf(text, firstKey(map))), eol))
  if (holder) return addBelow(text, holder, indented(lines, ' '.repeat(columnOf(text, keyStart(holder)) + unit), eol))
  const ended = text === '' || text.endsWith('\n') ? text : text + eol
  return ended + indented(lines, '', eol)
}

function firstKey({ items }: Mapping): number {
  return keyStart(items[0] as YamlPair)
}

function find(text: string, path: KeyPath): Found {
  const parsed = parseYaml(text)
  if ('problem' in parsed) throw new FormatRefusal(parsed.problem.message, parsed.problem)
  const root = parsed.document?.contents as Node | null | undefined
  const unit = isMap(root) ? unitOf(text, root as Mapping) : 2
  let node = root
  let holder: YamlPair | undefined
  for (const [depth, name] of path.entries()) {
    const map = mappingOf(text, node, path.slice(0, depth))
    const pair = (map?.items as YamlPair[] | undefined)?.find((one) => nameOf(one) === name)
    if (!pair || depth === path.length - 1) return { map, holder, pair, missing: pair ? [] : path.slice(depth), unit }
    holder = pair
    // Between lines, braces without anything in them become lines.
    node = !map?.flow && isEmptyFlow(text, pair.value) ? undefined : pair.value
  }
  throw new FormatRefusal('no entry was named')
}

function isEmptyFlow(text: string, node: Node | null): boolean {
  return isMap(node) && node.items.length === 0 && /^\{\s*\}$/.test(text.slice(node.range?.[0], node.range?.[1]))
}

/** The mapping that a node is; undefined where it says nothing. */
function mappingOf(text: string, node: Node | null | undefined, path: KeyPath): Mapping | undefined {
  if (isMap(node) && (node.items.length > 0 || node.flow)) return node as Mapping
  if (!node || (isScalar(node) && node.value === null && !node.anchor && !node.tag)) return undefined
  const what = isAlias(node) ? `is a repetition (*${node.source}); write it out` : 'holds no keys'
  const message = `${path.join('.') || 'the file'} ${what}`
  throw new FormatRefusal(message, { message, ...placeOf(text, node.range?.[0] ?? 0) })
}
