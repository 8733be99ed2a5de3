/** What people read when a config is wrong. */
import { describe, expect, test } from 'vitest'
import { LineCounter } from 'yaml'
import * as z from 'zod'
import { explain } from '../../src/config/explain.ts'
import { fileErrorText, formatProblem } from '../../src/config/problem.ts'
import { readTree, type Tree } from '../../src/config/tree.ts'
import { bad, good, load } from './parsed.ts'

test('all problems of a file are reported at once, in the order of the file', async () => {
  const source = `
listen: { port: 70000, hosst: x }
log: { level: inof }
sesions: {}
catalog: { pages: 1.5, instructions: lots }
shutdown: { grace: 30 }
servers:
  github:
    timout: 30s
    command: npx
    env: { A: "\${MISSING}", B: [1] }
    disabled: yes
  github:
    command: uvx
`
  expect(await bad(source)).toEqual([
    'mcp-gw.yaml:2:17 listen.port: expected a number between 0 and 65535, got 70000',
    'mcp-gw.yaml:2:24 listen.hosst: unknown key; did you mean host?',
    'mcp-gw.yaml:3:15 log.level: expected one of trace, debug, info, warn, error, silent, got "inof"; did you mean info?',
    'mcp-gw.yaml:4:1 sesions: unknown key; did you mean sessions?',
    'mcp-gw.yaml:5:19 catalog.pages: expected a whole number between 1 and 10000, got 1.5',
    'mcp-gw.yaml:5:38 catalog.instructions: expected a size such as 512KB, 4MB or 1GB, got "lots"',
    'mcp-gw.yaml:6:20 shutdown.grace: expected a duration such as 250ms, 30s, 5m or 2h, got 30',
    'mcp-gw.yaml:9:5 servers.github.timout: unknown key; did you mean timeout?',
    'mcp-gw.yaml:11:15 servers.github.env.A: server github needs ${MISSING}, which is not set; set it, or give a default: ${MISSING:-…}',
    'mcp-gw.yaml:11:32 servers.github.env.B: expected a text, got a list',
    'mcp-gw.yaml:12:15 servers.github.disabled: expected true or false, got "yes"; did you mean true?',
    'mcp-gw.yaml:13:3 servers.github: stands twice, first at line 8, column 3; rename or remove one of them',
  ])
})

describe('a value of the wrong kind is named with what belongs there', () => {
  test.each([
    ['listen: { port: abc }', 'listen.port: expected a number between 0 and 65535, got "abc"'],
    ['listen: { port: "80" }', 'listen.port: expected a number between 0 and 65535, got "80"'],
    ['listen: { port: -1 }', 'listen.port: expected a number between 0 and 65535, got -1'],
    ['listen: { port: .inf }', 'listen.port: expected a whole number between 0 and 65535, got .inf'],
    ['listen: { port: [] }', 'listen.port: expected a number between 0 and 65535, got a list'],
    ['listen: { host: "" }', 'listen.host: expected a text that is not empty, got ""'],
    ['listen: { hosts: a }', 'listen.hosts: expected a list, got "a"'],
    ['listen: { hosts: [{}] }', 'listen.hosts[0]: expected a text, got keys and values'],
    ['listen: { insecure: 1 }', 'listen.insecure: expected true or false, got 1'],
    ['listen: []', 'listen: expected keys and values, got a list'],
    ['servers: [a]', 'servers: expected keys and values, got a list'],
    ['servers: { a: npx foo }', 'servers.a: expected keys and values, got "npx foo"'],
    ['sessions: { max: 0 }', 'sessions.max: expected a number of at least 1, got 0'],
    ['sessions: { idle: }', 'sessions.idle: expected a duration such as 250ms, 30s, 5m or 2h, got nothing'],
    ['servers: { a: { command: x, env: { A: } } }', 'servers.a.env.A: expected a text, got nothing'],
    [`log: { level: ${'x'.repeat(50)} }`, `got "${'x'.repeat(40)}…"`],
    ['servers: { a: { command: x, args: [a, [b]] } }', 'servers.a.args[1]: expected a text, got a list'],
  ])('%s', async (source, message) => {
    expect(await bad(source)).toEqual([expect.stringContaining(message)])
  })
})

describe('an unknown key', () => {
  test('gets the keys that are known there, when none is like it', async () => {
    expect(await bad('log: { colour: red }')).toEqual(['mcp-gw.yaml:1:8 log.colour: unknown key; known here: level'])
  })

  test.each([
    ['serverUrl', 'url'],
    ['httpUrl', 'url'],
    ['transport', 'type'],
    ['enabled', 'disabled'],
    ['environment', 'env'],
    ['startTimeout', 'start_timeout'],
  ])('%s, as others call it, leads to %s', async (other, ours) => {
    const problems = await bad(`servers: { a: { command: x, ${other}: x } }`)
    expect(problems).toEqual([`mcp-gw.yaml:1:29 servers.a.${other}: unknown key; did you mean ${ours}?`])
  })

  test('may hold an unset variable without a second complaint', async () => {
    expect(await bad('colour: ${RED}')).toEqual([expect.stringContaining('mcp-gw.yaml:1:1 colour: unknown key')])
  })
})

describe('a text that is not YAML', () => {
  test.each([
    ['servers:\n\ta: 1', '2:1 not valid YAML: Tabs are not allowed as indentation; indent with spaces'],
    ['servers:\n  a: b: c', '2:6 not valid YAML: Nested mappings are not allowed in compact mappings; check the indentation'],
    [
      'listen: { port: ${PORT} }',
      '1:18 not valid YAML: Unexpected flow-map-start at node end; a ${…} inside { } or [ ] needs quotes',
    ],
    ['log: [', '1:7 not valid YAML: Flow sequence'],
    ['log: @x', '1:6 not valid YAML: Plain value cannot start with reserved character @; put the value in quotes'],
    ['log: !colour red', '1:6 not valid YAML: Unresolved tag: !colour'],
    ['? [a]\n: 1', '1:3 not valid YAML: With stringKeys, all keys must be strings'],
    ['log: {}\n---\nlog: {}', '2:1 a second document begins here'],
    ['log: *nope', '1:6 log: there is no &nope before this *nope'],
    ['log: &a { level: *a }', '1:18 log.level: *a stands inside the value that it repeats'],
    ['- a', '1:1 a config has keys and values'],
    ['hello', '1:1 a config has keys and values'],
    ['__proto__: {}', '1:1 __proto__: this key cannot be used'],
  ])('%j', async (source, message) => {
    expect(await bad(source)).toEqual([expect.stringContaining(`mcp-gw.yaml:${message}`)])
  })

  test('is reported once a line, and nothing is guessed from what follows', async () => {
    expect(await bad('log: {lvl: ${A} }\nsesions: x\n')).toEqual([expect.stringMatching(/^mcp-gw.yaml:1:13 not valid YAML/)])
    expect(await bad('log: @x\nsesions: @y\nlisten: { port: a }')).toEqual([
      expect.stringMatching(/^mcp-gw.yaml:1:6 not valid YAML/),
      expect.stringMatching(/^mcp-gw.yaml:2:10 not valid YAML/),
    ])
  })

  test.each(['[', '{a: ', '- ', '? ', 'a: '])('is refused when %j is nested thousands of times', async (opening) => {
    expect(await bad(opening.repeat(20_000))).toEqual([expect.stringContaining('this is nested too deeply for a config')])
  })

  test('is refused when its aliases would unfold to millions of values', async () => {
    const level = (i: number): string =>
      `x${i}: &x${i} [${Array(10)
        .fill(`*x${i - 1}`)
        .join(', ')}]`
    const source = ['x0: &x0 [a]', ...Array.from({ length: 9 }, (_, i) => level(i + 1))].join('\n')
    expect(await bad(source)).toEqual([expect.stringContaining('this holds more than 100000 values, aliases counted')])
  })
})

test('a key that stands twice is reported with both places, and the first one is checked', async () => {
  expect(await bad('log:\n  level: inf\n  level: info\n')).toEqual([
    'mcp-gw.yaml:2:10 log.level: expected one of trace, debug, info, warn, error, silent, got "inf"; did you mean info?',
    'mcp-gw.yaml:3:3 log.level: stands twice, first at line 2, column 3; rename or remove one of them',
  ])
})

test('anchors and aliases work, and a mistake in a repeated value is reported once', async () => {
  const source = 'servers:\n  a: { command: x, tools: &t { deny: [y] } }\n  b: { command: x, tools: *t }\n'
  expect((await good(source)).config.servers.b?.tools).toEqual({ deny: ['y'] })
  expect(await bad(source.replace('deny', 'dney'))).toEqual([
    'mcp-gw.yaml:2:32 servers.a.tools.dney: unknown key; did you mean deny?',
  ])
})

test.each(['', '# only a comment\n', '~', '{}', 'servers:\nlisten:\nlog:\n', 'listen: { hosts: }'])(
  '%j is a config of defaults',
  async (source) => {
    expect((await good(source)).config).toEqual((await good('{}')).config)
  },
)

test('JSON is read like YAML, and may name its schema', async () => {
  const json = JSON.stringify(
    { $schema: './mcp-gw.schema.json', listen: { port: 1 }, servers: { a: { command: 'x' } } },
    null,
    '\t',
  )
  expect((await good(json)).config.listen.port).toBe(1)
  expect(await bad('{\n  "listen": { "prot": 1 }\n}')).toEqual(['mcp-gw.yaml:2:15 listen.prot: unknown key; did you mean port?'])
})

test('a listen address that others can reach needs listen.insecure', async () => {
  const [problem, ...rest] = await bad('listen:\n  host: 0.0.0.0\n')
  expect(problem).toMatch(
    /^mcp-gw.yaml:2:9 listen.host: other machines could use the gateway.*127\.0\.0\.1.*listen.insecure: true/,
  )
  expect(rest).toEqual([])
  expect(await bad('listen: { host: "::" }')).toHaveLength(1)
  expect(await bad('listen: { host: gateway.example.com, insecure: false }')).toHaveLength(1)
  expect(await bad('listen: { host: "${ANY}" }', { env: { ANY: '0.0.0.0' } })).toHaveLength(1)
  expect((await good('listen: { host: 0.0.0.0, insecure: true }')).config.listen.host).toBe('0.0.0.0')
  for (const host of ['localhost', '127.0.0.1', '127.1.2.3', '"::1"', '"[::1]"']) await good(`listen: { host: ${host} }`)
})

test('paths are shown as short as a person would write them', async () => {
  const file = async (path: string): Promise<string> => (await bad('x: 1', { file: path }))[0]?.split(':')[0] ?? ''
  expect(await file('/project/conf/mcp-gw.yaml')).toBe('conf/mcp-gw.yaml')
  expect(await file('/etc/mcp-gw/mcp-gw.yaml')).toBe('/etc/mcp-gw/mcp-gw.yaml')
  const loaded = await load('{}', { file: '/project/mcp-gw.yaml' })
  expect(loaded).toMatchObject({ file: '/project/mcp-gw.yaml' })
})

test('a problem of a whole file has no line', () => {
  const problem = { file: 'x.yaml', line: 0, column: 0, key: '', message: 'there is no such file' }
  expect(formatProblem(problem)).toBe('x.yaml: there is no such file')
})

test.each([
  ['ENOENT', 'there is no such file'],
  ['EACCES', 'you have no permission to read it'],
  ['EISDIR', 'it is a folder'],
  ['EIO', 'i/o error, read'],
])('%s of a file is said in words', (code, words) => {
  expect(fileErrorText(Object.assign(new Error('i/o error, read'), { code }))).toBe(words)
})

describe('schemas that other parts may declare', () => {
  const objections = (schema: z.ZodType, source: string): string[] => {
    const said: string[] = []
    const tree = readTree(source, (_, key, message) => said.push(`${key}: ${message}`), new LineCounter()) as Tree
    const plain = (t: Tree): unknown =>
      t.kind === 'map'
        ? Object.fromEntries([...t.entries].map(([key, { value }]) => [key, plain(value)]))
        : t.kind === 'list'
          ? t.items.map(plain)
          : t.value
    const issues = schema.safeParse(plain(tree)).error?.issues ?? []
    for (const issue of issues) explain(issue, tree, schema, new Set(), (_, key, message) => said.push(`${key}: ${message}`))
    return said
  }

  test('a union says what fits, and looks inside the alternative that was meant', () => {
    const schema = z.strictObject({ auth: z.union([z.boolean(), z.strictObject({ token: z.string() })]) })
    expect(objections(schema, 'auth: 3')).toEqual(['auth: expected true or false or keys and values, got 3'])
    expect(objections(schema, 'auth: { token: 3 }')).toEqual(['auth.token: expected a text, got 3'])
    expect(objections(schema, 'auth: { tokn: 3 }')).toContain('auth.tokn: unknown key; did you mean token?')
  })

  test('a rule in words of its own is passed on', () => {
    const schema = z.strictObject({ a: z.string().refine((a) => a !== 'b', 'b is taken by the gateway') })
    expect(objections(schema, 'a: b')).toEqual(['a: b is taken by the gateway'])
  })

  test('the length of a list, words and bounds are said in words', () => {
    const schema = z.strictObject({
      list: z.array(z.string()).min(2).optional(),
      one: z.literal('x').optional(),
      most: z.number().max(3).optional(),
      whole: z.int().optional(),
      needed: z.string().default('x'),
    })
    expect(objections(schema, 'list: [a]\none: y\nmost: 4\nwhole: x')).toEqual([
      'list: expected at least 2 entries, got a list',
      'one: expected x, got "y"',
      'most: expected a number of at most 3, got 4',
      'whole: expected a whole number, got "x"',
    ])
  })

  test('a key that is missing is reported at the value that lacks it', () => {
    const schema = z.strictObject({ a: z.strictObject({ needed: z.string() }) })
    expect(objections(schema, 'a: {}')).toEqual(['a.needed: is missing; expected a text'])
  })
})
