/** Whatever a config looks like, editing one entry leaves every other byte. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import {
  addServer,
  readServer,
  removeServers,
  replaceServer,
  type ServerEntry,
  setKey,
  unsetKey,
} from '../../../src/config/edit/edit.ts'
import type { Value } from '../../../src/config/edit/entry-text.ts'
import type { Edit } from '../../../src/config/edit/page.ts'

/** Texts with everything that YAML could trip over. */
const text = fc.oneof(
  fc.constantFrom(
    'npx',
    '~/a b',
    '@x/y',
    '${VAR}',
    '${VAR:-a b}',
    'a: b',
    '- x',
    '#c',
    'a #b',
    'true',
    '1.10',
    '',
    ' ',
    'null',
    "it's",
    '*a',
    '&a',
    '!t',
  ),
  fc.string({
    unit: fc.constantFrom(
      'a',
      ' ',
      ':',
      '#',
      '"',
      "'",
      '\\',
      '{',
      '}',
      '[',
      ']',
      ',',
      '$',
      '-',
      '?',
      '\n',
      '\t',
      'é',
      '%',
      '|',
      '>',
      '\u2028',
    ),
  }),
)
const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/)
const entry: fc.Arbitrary<ServerEntry> = fc.oneof(
  fc.record(
    { command: text, args: fc.array(text), env: fc.dictionary(name, text), disabled: fc.boolean() },
    { requiredKeys: ['command'] },
  ),
  fc.record(
    { url: text, headers: fc.dictionary(name, text), timeout: text, tools: fc.record({ deny: fc.array(text) }) },
    { requiredKeys: ['url'] },
  ),
)

interface Style {
  unit: number
  blank: boolean
  comments: boolean
  eol: string
  mark: string
}
const style: fc.Arbitrary<Style> = fc.record({
  unit: fc.constantFrom(1, 2, 4),
  blank: fc.boolean(),
  comments: fc.boolean(),
  eol: fc.constantFrom('\n', '\r\n'),
  mark: fc.constantFrom('', '\uFEFF'),
})

/** A server as somebody may have written it by hand: its lines, from its comment to its last key. */
const chunk = fc.record({
  url: fc.webUrl().map((url) => url.replaceAll("'", '')),
  flow: fc.boolean(),
  deeper: fc.boolean(),
  quoted: fc.boolean(),
  scalar: fc.boolean(),
})

interface Page {
  head: string
  chunks: { name: string; text: string }[]
  gap: string
  tail: string
}

const page: fc.Arbitrary<Page> = fc
  .record({
    style,
    servers: fc.uniqueArray(fc.record({ name, chunk }), { selector: (one) => one.name, minLength: 1, maxLength: 4 }),
    log: fc.boolean(),
  })
  .map(({ style, servers, log }) => {
    const { unit, comments, eol, mark } = style
    const lines = (list: string[]): string => list.map((line) => line + eol).join('')
    const pad = ' '.repeat(unit)
    const chunks = servers.map(({ name, chunk: { url, flow, deeper, quoted, scalar } }) => {
      const key = quoted ? `"${name}"` : name
      const own = comments ? [`${pad}# about ${name}`, `${pad}#  it's # odd: {`] : []
      const body = flow
        ? [`${pad}${key}: { url:  '${url}',   disabled: false } # c`]
        : [
            `${pad}${key}:   # here`,
            `${pad}${pad}url: "${url}"    # x`,
            ...(scalar ? [`${pad}${pad}cwd: |-`, `${pad}${pad}${pad}# a`, `${pad}${pad}${pad}b`] : []),
          ]
      const after = deeper ? [`${pad}${pad}# timeout: 1m`] : []
      return { name, text: lines([...own, ...body, ...after]) }
    })
    const tail = log ? lines(['', '# about logs', 'log: { level:   info }   # so']) : ''
    return { head: mark + lines(['# top', '', 'servers:   # mine']), chunks, gap: style.blank ? eol : '', tail }
  })

const whole = ({ head, chunks, gap, tail }: Page): string => head + chunks.map(({ text }) => text).join(gap) + tail

function applied(source: string, edit: Edit): string {
  const edited = edit(source, 'mcp-gw.yaml')
  if ('problems' in edited) throw new Error(`${edited.problems[0]?.message}\n${source}`)
  return edited.text
}

/** What is left of both sides of a text where the middle has changed. */
function expectAround(text: string, before: string, after: string): string {
  expect(text.startsWith(before), `${JSON.stringify(text)}\nbegins as before: ${JSON.stringify(before)}`).toBe(true)
  expect(text.endsWith(after), `${JSON.stringify(text)}\nends as before: ${JSON.stringify(after)}`).toBe(true)
  expect(text.length).toBeGreaterThanOrEqual(before.length + after.length)
  return text.slice(before.length, text.length - after.length)
}

const sides = ({ head, chunks, gap, tail }: Page, index: number): [string, string] => [
  head +
    chunks
      .slice(0, index)
      .map(({ text }) => text + gap)
      .join(''),
  chunks
    .slice(index + 1)
    .map(({ text }) => gap + text)
    .join('') + tail,
]

describe('in a config of any style', () => {
  test('adding a server only puts its lines behind the last one, and removing it takes just those', () => {
    fc.assert(
      fc.property(page, entry, (one, added) => {
        const source = whole(one)
        const text = applied(source, addServer('new-one', added))
        const [before] = sides(one, one.chunks.length)
        expectAround(text, before.slice(0, before.length - one.gap.length), one.tail)
        expect(readServer(text, 'f', 'new-one')).toEqual(JSON.parse(JSON.stringify(added)))
        expect(applied(text, removeServers(['new-one']))).toBe(source)
        const open = source.replace(/\r?\n$/, '')
        expect(applied(applied(open, addServer('new-one', added)), removeServers(['new-one']))).toBe(open)
      }),
    )
  })

  test('removing a server takes its lines, its comment and one gap', () => {
    fc.assert(
      fc.property(page, fc.nat(), (one, n) => {
        const index = n % one.chunks.length
        const rest = { ...one, chunks: one.chunks.filter((_, i) => i !== index) }
        const text = applied(whole(one), removeServers([one.chunks[index]!.name]))
        const head = rest.chunks.length > 0 ? one.head : one.head.replace('servers:', 'servers: {}')
        expect(text).toBe(whole({ ...rest, head }))
      }),
    )
  })

  test('setting a key and replacing an entry stay within the entry', () => {
    fc.assert(
      fc.property(page, fc.nat(), entry, (one, n, other) => {
        const index = n % one.chunks.length
        const { name, text: lines } = one.chunks[index]!
        const [before, after] = sides(one, index)
        const disabled = applied(whole(one), setKey(name, 'disabled', true))
        const inside = expectAround(disabled, before, after)
        for (const line of lines.split('\n').filter((line) => !line.includes('disabled'))) expect(inside).toContain(line)
        expect(readServer(disabled, 'f', name)).toMatchObject({ disabled: true })
        if (!lines.includes('disabled')) expect(applied(disabled, unsetKey(name, 'disabled'))).toBe(whole(one))
        const replaced = applied(whole(one), replaceServer(name, other))
        expectAround(replaced, before, after)
        expect(readServer(replaced, 'f', name)).toEqual(JSON.parse(JSON.stringify(other)))
      }),
    )
  })
})

describe('in a JSON file', () => {
  const json = fc.record({
    servers: fc.dictionary(name, fc.record({ url: fc.webUrl() })),
    unit: fc.constantFrom<string | number>(0, 2, 4, '\t'),
    log: fc.boolean(),
  })

  test('every edit leaves JSON that says just that', () => {
    fc.assert(
      fc.property(json, entry, ({ servers, unit, log }, added) => {
        const source = JSON.stringify({ servers, ...(log && { log: {} }) }, null, unit)
        const names = Object.keys(servers).filter((one) => one !== 'new-one')
        let text = applied(source, names.includes('new-one') ? removeServers(['new-one']) : addServer('new-one', added))
        const expected: Record<string, Record<string, Value | undefined>> = {
          ...servers,
          'new-one': JSON.parse(JSON.stringify(added)) as ServerEntry,
        }
        expect(JSON.parse(text).servers).toEqual(expected)
        for (const one of names) {
          text = applied(text, setKey(one, 'disabled', true))
          Object.assign(expected[one]!, { disabled: true })
          expect(JSON.parse(text).servers).toEqual(expected)
        }
        for (const one of names) {
          text = applied(text, removeServers([one]))
          delete expected[one]
          expect(JSON.parse(text).servers).toEqual(expected)
        }
        expect(parse(text)).toEqual({ servers: expected, ...(log && { log: {} }) })
      }),
    )
  })

  test('a server that was added and removed leaves no trace', () => {
    fc.assert(
      fc.property(json, entry, ({ servers, unit }, added) => {
        fc.pre(Object.keys(servers).length > 0 && !('new-one' in servers))
        const source = JSON.stringify({ servers }, null, unit)
        expect(applied(applied(source, addServer('new-one', added)), removeServers(['new-one']))).toBe(source)
      }),
    )
  })
})

test('no text makes an edit throw, and what it makes is read as it was meant', () => {
  const piece = fc.constantFrom(
    'servers:',
    '\n',
    '  ',
    'a',
    ':',
    ' ',
    '{',
    '}',
    '[',
    ']',
    ',',
    '#',
    '|',
    '&a',
    '*a',
    '? ',
    '- ',
    '"',
    "'",
    'x: y',
    'mcpServers:',
    '---',
    '\uFEFF',
    '\r\n',
    '\t',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
      const source = pieces.join('')
      for (const edit of [
        addServer('n', { url: 'u' }),
        removeServers(['a']),
        setKey('a', 'disabled', true),
        unsetKey('a', 'x'),
      ]) {
        const edited = edit(source, 'f')
        expect('text' in edited ? edited.text : edited.problems.length).toBeTruthy()
      }
    }),
    { numRuns: 2_000 },
  )
})
