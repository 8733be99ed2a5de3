/** Adds and cuts one key of a YAML mapping that is written with braces. */
import { type CST, isScalar } from 'yaml'
import { beginsLine, eolOf, indentAt, splice } from './source-text.ts'
import { endOf, keyStart, type Mapping, nameOf, type YamlPair } from './yaml-tree.ts'

/** Read as something else by programs of the older YAML. */
const NOT_PLAIN = /^(y|n|yes|no|on|off|true|false|null)$/i

/** `name: value` within braces; everything in quotes where the keys of the mapping are. */
export function printPair(name: string, value: unknown, { items }: Mapping): string {
  const first = items[0] as YamlPair | undefined
  const isQuoted = isScalar(first?.key) && first.key.type === 'QUOTE_DOUBLE'
  return print({ [name]: value }, isQuoted ? 'quoted' : 'plain').slice(1, -1)
}

function print(value: unknown, style: 'plain' | 'quoted'): string {
  if (typeof value === 'string')
    return style === 'plain' && /^[a-z_][\w-]*$/i.test(value) && !NOT_PLAIN.test(value) ? value : JSON.stringify(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map((item) => print(item, style)).join(', ')}]`
  return `{${Object.entries(value)
    .map(([key, item]) => `${print(key, style)}: ${print(item, style)}`)
    .join(', ')}}`
}

export function addPair(text: string, map: Mapping, pair: string): string {
  const last = map.items.at(-1) as YamlPair | undefined
  const open = map.range?.[0] ?? 0
  if (!last) return splice(text, open + 1, (map.range?.[1] ?? 0) - 1, ` ${pair} `)
  const end = endOf(last)
  const comma = commas(map)[map.items.length - 1]
  const before = beginsLine(text, keyStart(last)) ? eolOf(text) + indentAt(text, keyStart(last)) : ' '
  // A list that ends with a comma goes on doing so.
  return comma === undefined
    ? splice(text, end, end, `,${before}${pair}`)
    : splice(text, comma + 1, comma + 1, `${before}${pair},`)
}

export function cutPair(text: string, map: Mapping, pair: YamlPair): string {
  const cut = cutFrom(text, map, pair)
  const open = map.range?.[0] ?? 0
  const blanks = /^\{\s*\}/.exec(cut.slice(open))
  return blanks ? splice(cut, open, open + blanks[0].length, '{}') : cut
}

function cutFrom(text: string, map: Mapping, pair: YamlPair): string {
  const index = (map.items as YamlPair[]).indexOf(pair)
  const comma = commas(map)[index]
  const commaBefore = commas(map)[index - 1]
  const isLast = index === map.items.length - 1
  if (comma !== undefined && !(isLast && commaBefore !== undefined)) {
    const blanks = /^\s*/.exec(text.slice(comma + 1))?.[0].length ?? 0
    return splice(text, keyStart(pair), comma + 1 + (isLast ? 0 : blanks), '')
  }
  const from = comma === undefined ? (commaBefore ?? keyStart(pair)) : (commaBefore ?? 0) + 1
  return splice(text, from, comma === undefined ? endOf(pair) : comma + 1, '')
}

export function replacePair(text: string, map: Mapping, pair: YamlPair, value: unknown): string {
  return splice(text, keyStart(pair), endOf(pair), printPair(nameOf(pair), value, map))
}

/** Where the comma behind each key is; undefined behind a last one without. */
function commas({ srcToken }: Mapping): (number | undefined)[] {
  const items = (srcToken as CST.FlowCollection | undefined)?.items ?? []
  return items.slice(1).map(({ start }) => start.find(({ type }) => type === 'comma')?.offset)
}
