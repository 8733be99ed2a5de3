/** Config files as people and programs really leave them: comments in odd places, any spacing, line ends of either kind. */
import fc, { type Arbitrary } from 'fast-check'

/** A file with a map of servers, or without one. */
export interface OddFile {
  text: string
  /** The keys of `servers`; undefined where there is no such map. */
  servers: string[] | undefined
}

const names = ['a', 'b', 'my server', 'old-1', 'x.y', 'ü']
const someNames = (minLength = 0): Arbitrary<string[]> => fc.uniqueArray(fc.constantFrom(...names), { minLength, maxLength: 4 })

/** The file as it is saved: with line ends of Windows or not, with a mark in front or not, with a last line that is ended or not. */
function saved(file: Arbitrary<OddFile>): Arbitrary<OddFile> {
  const options = fc.record({ crlf: fc.boolean(), bom: fc.boolean(), ended: fc.boolean() })
  return fc.tuple(file, options).map(([{ text, servers }, { crlf, bom, ended }]) => {
    const body = ended ? `${text.trimEnd()}\n` : text.trimEnd()
    return { servers, text: (bom ? '\uFEFF' : '') + (crlf ? body.replaceAll('\n', '\r\n') : body) }
  })
}

// JSON with comments and trailing commas

const gap = fc.constantFrom('', ' ', '\n', '\n  ', '\n\t\t', ' /* a, { */ ', ' // "b": }\n  ', '\n  // c\n  ')
const jsonScalar = fc.oneof(
  fc.json({ maxDepth: 0 }),
  fc.constantFrom('"https://x/y"', '"/* no */"', '1e3', '-0.5', 'true', 'null'),
)

function list(open: string, close: string, items: Arbitrary<string[]>): Arbitrary<string> {
  return fc.tuple(items, fc.array(gap, { minLength: 10, maxLength: 10 }), fc.boolean()).map(([parts, gaps, trailing]) => {
    const at = (i: number): string => gaps[i % gaps.length] ?? ''
    const body = parts.map((part, i) => `${at(i)}${part}${at(i + 3)}`).join(',')
    return `${open}${body}${trailing && parts.length > 0 ? ',' : ''}${at(parts.length)}${close}`
  })
}

const { value: jsonValue } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    jsonScalar,
    list('[', ']', fc.array(tie('value'), { maxLength: 3 })),
    list(
      '{',
      '}',
      someNames().chain((keys) => jsonMembers(keys, tie('value'))),
    ),
  ),
}))

function jsonMembers(keys: readonly string[], value: Arbitrary<string>): Arbitrary<string[]> {
  return fc.tuple(...keys.map((key) => fc.tuple(gap, gap, value).map(([a, b, v]) => `${JSON.stringify(key)}${a}:${b}${v}`)))
}

export const oddJsonc: Arbitrary<OddFile> = saved(
  fc.tuple(fc.option(someNames(), { nil: undefined }), someNames(), gap, gap).chain(([servers, others, before, after]) => {
    const map = servers && list('{', '}', jsonMembers(servers, jsonValue)).map((text) => `"servers": ${text}`)
    const rest = jsonMembers(others, jsonValue)
    const members = map ? fc.tuple(map, rest).map(([one, more]) => [...more, one]) : rest
    return list('{', '}', members).map((text) => ({ text: before + text + after, servers }))
  }),
)

// TOML

const tomlKey = (key: string): string => (/^[\w-]+$/.test(key) ? key : JSON.stringify(key))
const tomlValue = fc.constantFrom(
  '1',
  '"a # b"',
  "'c'",
  'true',
  '[1, 2]',
  '[\n  "x", # y\n  "[z]",\n]',
  '"""\n[not.a.table]\n"""',
  '{ k = 1, "l m" = 2 }',
  '1979-05-27T07:32:00Z',
)
const tomlComment = fc.constantFrom('', '', ' # c', '\t#[d]')
const blankLines = fc.constantFrom('', '', '\n', '# own\n', '\n\n# [servers.a]\n', '  # in\n')

const tomlLine = (key: string): Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom('', '', '  ', '\t'), fc.constantFrom(' = ', '=', '  =  '), tomlValue, tomlComment, blankLines)
    .map(([indent, equals, value, comment, behind]) => `${indent}${tomlKey(key)}${equals}${value}${comment}\n${behind}`)
const tomlLines = someNames().chain((keys) => fc.tuple(...keys.map(tomlLine)).map((lines) => lines.join('')))

function tomlTable(header: string, close = ']'): Arbitrary<string> {
  return fc
    .tuple(tomlComment, blankLines, tomlLines)
    .map(([comment, behind, lines]) => `${header}${close}${comment}\n${behind}${lines}`)
}

export const oddToml: Arbitrary<OddFile> = saved(
  fc.tuple(fc.option(someNames(1), { nil: undefined }), fc.boolean()).chain(([servers, withEnv]) => {
    const own = (servers ?? []).flatMap((name) => [
      tomlTable(`[servers.${tomlKey(name)}`),
      ...(withEnv ? [tomlTable(`[ servers . ${tomlKey(name)}.env `)] : []),
    ])
    const parts = [blankLines, tomlLines, tomlTable('[ui'), ...own, tomlTable('[[list', ']]'), tomlTable('["ui 2".deep')]
    return fc.tuple(...parts).map((texts) => ({ text: texts.join(''), servers }))
  }),
)

// YAML

interface YamlEntry {
  key: string
  before: string
  comment: string
  value: YamlValue
}
type YamlValue = { inline: string } | { block: string[] } | { map: YamlEntry[] }

const yamlKey = (key: string): string => (/^[\w.-]+$/.test(key) ? key : JSON.stringify(key))
const yamlInline = fc.constantFrom(
  '1',
  'plain text',
  '"a: # b"',
  "'it''s'",
  '[1, {x: y}]',
  '{ k: 1, "l": [2] }',
  '',
  '~',
  '&anchor 5',
  '!!str 6',
  'http://x/#y',
)
const yamlBlock: Arbitrary<string[]> = fc.constantFrom(
  ['|', 'one', '', '  # not a comment', 'two'],
  ['>-', 'folded', 'text'],
  ['|+', 'kept', ''],
  ['', '- 1', '- x: 1', '  y: 2'],
)
const yamlBefore = fc.constantFrom('', '', '\n', '# own\n', '\n# after a blank line\n')
const yamlComment = fc.constantFrom('', '', ' # c')

const yamlEntries = (keys: readonly string[], value: Arbitrary<YamlValue>): Arbitrary<YamlEntry[]> =>
  fc.tuple(...keys.map((key) => fc.record({ key: fc.constant(key), before: yamlBefore, comment: yamlComment, value })))

const { value: yamlValue } = fc.letrec<{ value: YamlValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    yamlInline.map((inline) => ({ inline })),
    yamlBlock.map((block) => ({ block })),
    someNames(1).chain((keys) => yamlEntries(keys, tie('value') as Arbitrary<YamlValue>).map((map) => ({ map }))),
  ),
}))

function printYaml(entries: readonly YamlEntry[], indent: string, unit: string): string {
  return entries
    .map(({ key, before, comment, value }) => {
      const head = `${before.replaceAll('#', `${indent}#`)}${indent}${yamlKey(key)}:`
      const line = (text: string): string => (text === '' ? '\n' : `${indent}${unit}${text}\n`)
      if ('inline' in value) return `${head}${value.inline && ' '}${value.inline}${comment}\n`
      if ('map' in value) return `${head}${comment}\n${printYaml(value.map, indent + unit, unit)}`
      const [first = '', ...rest] = value.block
      return `${head}${first && ' '}${first}\n${rest.map(line).join('')}`
    })
    .join('')
}

export const oddYaml: Arbitrary<OddFile> = saved(
  fc
    .tuple(
      fc.option(someNames(1), { nil: undefined }),
      someNames(),
      fc.constantFrom(' ', '  ', '    '),
      fc.constantFrom('', '---\n', '# head\n\n'),
    )
    .chain(([servers, others, unit, head]) => {
      const rest = yamlEntries(others, yamlValue)
      const own =
        servers && yamlEntries(servers, yamlValue).map((map) => ({ key: 'servers', before: '', comment: '', value: { map } }))
      const all = own
        ? fc.tuple(rest, own, fc.boolean()).map(([more, one, first]) => (first ? [one, ...more] : [...more, one]))
        : rest
      return all.map((entries) => ({ text: head + printYaml(entries, '', unit), servers }))
    }),
)
