/** An edit of the config changes the lines that it is about and leaves every other byte. */
import { describe, expect, test } from 'vitest'
import {
  addServer,
  readServer,
  readServerPath,
  removeServers,
  replaceServer,
  setKey,
  unsetKey,
} from '../../../src/config/edit/edit.ts'
import type { Edit } from '../../../src/config/edit/page.ts'
import { formatProblem } from '../../../src/config/problem.ts'

/** The text after an edit; a refusal as its line for people. */
function applied(source: string, edit: Edit): string {
  const edited = edit(source, 'mcp-gw.yaml')
  return 'text' in edited ? edited.text : edited.problems.map(formatProblem).join('\n')
}

const TAVILY = { command: 'npx', args: ['-y', 'tavily-mcp'], env: { TAVILY_API_KEY: '${keychain:TAVILY_API_KEY}' } }
const add = addServer('tavily', TAVILY)

const STYLED = `# yaml-language-server: $schema=x.json
# Mine.

servers:   # all of them
    # the first
    github:
        url:   'https://x'   # quoted so
        headers: {Authorization: "Bearer \${GITHUB_TOKEN}"}
        # env: { OLD: 1 }

    # about files
    files: # of work
        command: npx -y files ~/work

    # commented: out

log: {level: info}
`

describe('adding a server', () => {
  test('puts it behind the last one, in the style of the file', () => {
    expect(applied(STYLED, add)).toBe(
      STYLED.replace(
        '~/work\n',
        `~/work

    tavily:
        command: npx
        args: [-y, tavily-mcp]
        env:
            TAVILY_API_KEY: \${keychain:TAVILY_API_KEY}
`,
      ),
    )
  })

  test.each([
    ['an empty file', '', 'servers:\n  x:\n    command: y\n'],
    ['a file of comments', '# mine\n', '# mine\n\nservers:\n  x:\n    command: y\n'],
    ['a byte order mark', '\uFEFF', '\uFEFFservers:\n  x:\n    command: y\n'],
    ['no section', 'log: {}\n', 'log: {}\n\nservers:\n  x:\n    command: y\n'],
    ['no last line break', 'log: {}', 'log: {}\n\nservers:\n  x:\n    command: y'],
    ['an empty section', 'servers: # none\nlog: {}\n', 'servers: # none\n  x:\n    command: y\nlog: {}\n'],
    ['braces', 'servers: {} # none\r\nlog: {}\r\n', 'servers: # none\r\n  x:\r\n    command: y\r\nlog: {}\r\n'],
    ['null', 'servers: ~\nlog: {}\n', 'servers:\n  x:\n    command: y\nlog: {}\n'],
    [
      'servers that are commented out',
      'servers:\n  # a:\n  #   url: z\nlog: {}\n',
      'servers:\n  x:\n    command: y\n  # a:\n  #   url: z\nlog: {}\n',
    ],
    ['one line of braces', 'servers: { a: { url: z } }\n', 'servers: { a: { url: z }, x: { command: y } }\n'],
    ['a comma at the end', 'servers: { a: { url: z }, }\n', 'servers: { a: { url: z }, x: { command: y }, }\n'],
    ['lines of braces', 'servers: {\n  a: { url: z } # one\n}\n', 'servers: {\n  a: { url: z }, # one\n  x: { command: y }\n}\n'],
    ['JSON on one line', '{"servers":{}}', '{"servers":{ "x": {"command": "y"} }}'],
    ['JSON', '{\n  "servers": {}\n}\n', '{\n  "servers": {\n    "x": {\n      "command": "y"\n    }\n  }\n}\n'],
    [
      'JSON with servers',
      '{\n\t"mcpServers": {\n\t\t"a": {\n\t\t\t"url": "z"\n\t\t}\n\t}\n}\n',
      '{\n\t"mcpServers": {\n\t\t"a": {\n\t\t\t"url": "z"\n\t\t},\n\t\t"x": {\n\t\t\t"command": "y"\n\t\t}\n\t}\n}\n',
    ],
    [
      'a pasted wrapper',
      'servers:\n  mcpServers:\n    a: { url: z }\n',
      'servers:\n  mcpServers:\n    a: { url: z }\n    x:\n      command: y\n',
    ],
    [
      'a block scalar at the end',
      'servers:\n  a:\n    env:\n      K: |\n        one\n\n        # two\n\nlog: {}\n',
      'servers:\n  a:\n    env:\n      K: |\n        one\n\n        # two\n  x:\n    command: y\n\nlog: {}\n',
    ],
    ['document marks', '---\nservers:\n  a: {url: z}\n...\n', '---\nservers:\n  a: {url: z}\n  x:\n    command: y\n...\n'],
  ])('to %s', (_what, before, expected) => {
    expect(applied(before, addServer('x', { command: 'y' }))).toBe(expected)
  })

  test('quotes what YAML would read otherwise, and writes long lists one item a line', () => {
    const long = 'a'.repeat(60)
    const entry = {
      command: 'npx',
      args: ['@scope/pkg', '--flag: x', 'true', '1.10', '', '- a', 'a, b', `--${long}`, `--${long}`],
      env: { A: 'yes: no', B: 'line\nline', C: '0x1F', D: '~', E: '#x', F: 'a #b', 'odd key:': ' ' },
      tools: { deny: ['*_crawl'] },
      timeout: '2m',
      disabled: true,
    }
    const text = applied('', addServer('x', entry))
    expect(readServer(text, 'f', 'x')).toEqual(entry)
    expect(text).toMatchInlineSnapshot(`
      "servers:
        x:
          command: npx
          args:
            - "@scope/pkg"
            - "--flag: x"
            - "true"
            - "1.10"
            - ""
            - "- a"
            - a, b
            - --aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
            - --aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
          env:
            A: "yes: no"
            B: "line\\nline"
            C: "0x1F"
            D: "~"
            E: "#x"
            F: "a #b"
            "odd key:": " "
          tools:
            deny: ["*_crawl"]
          timeout: 2m
          disabled: true
      "
    `)
  })
})

test('where a server stands can be told', () => {
  expect(readServerPath(STYLED, 'files')).toEqual(['servers', 'files'])
  expect(readServerPath('mcpServers: { a: { url: z } }', 'a')).toEqual(['mcpServers', 'a'])
  expect(readServerPath('servers: { mcpServers: { a: { url: z } } }', 'a')).toEqual(['servers', 'mcpServers', 'a'])
  expect(readServerPath(STYLED, 'nowhere')).toBeUndefined()
})

describe('removing a server', () => {
  test('takes its comment and its blank line, and leaves those of the others', () => {
    expect(applied(STYLED, removeServers(['github']))).toBe(STYLED.replace(/ {4}# the first[\s\S]*?\n\n/, ''))
    expect(applied(STYLED, removeServers(['files']))).toBe(STYLED.replace(/\n {4}# about files[\s\S]*?work\n(?=\n)/, ''))
  })

  test.each([
    ['the last of all', 'servers: # mine\n  # x\n  x: {url: z}\nlog: {}\n', 'servers: {} # mine\nlog: {}\n'],
    ['one of a line', 'servers: { a: 1, x: { url: z }, b: 2 }\n', 'servers: { a: 1, b: 2 }\n'],
    ['the first of a line', 'servers: { x: { url: z }, b: 2 }\n', 'servers: { b: 2 }\n'],
    ['the last of a line', 'servers: { a: 1, x: { url: z } }\n', 'servers: { a: 1 }\n'],
    ['the last before a comma', 'servers: { a: 1, x: { url: z }, }\n', 'servers: { a: 1, }\n'],
    ['the only one of a line', 'servers: { x: { url: z } }\n', 'servers: {}\n'],
    ['JSON, first', '{\n  "servers": {\n    "x": {},\n    "b": 2\n  }\n}\n', '{\n  "servers": {\n    "b": 2\n  }\n}\n'],
    ['JSON, last', '{\n  "servers": {\n    "a": 1,\n    "x": {}\n  }\n}\n', '{\n  "servers": {\n    "a": 1\n  }\n}\n'],
    [
      'lines of braces, last',
      'servers: {\r\n  a: 1, # one\r\n  # own\r\n  x: {} # tail\r\n}\r\n',
      'servers: {\r\n  a: 1 # one\r\n}\r\n',
    ],
    ['the last line without its break', 'servers:\n  a: {}\n  x: {}', 'servers:\n  a: {}'],
    ['no blank line below', 'servers:\n  a: {}\n\n  x: {}\nlog: {}\n', 'servers:\n  a: {}\nlog: {}\n'],
    ['a comment of another above', 'servers:\n  a: {}\n    # of a\n  x: {}\n', 'servers:\n  a: {}\n    # of a\n'],
  ])('that is %s', (_what, before, expected) => {
    expect(applied(before, removeServers(['x']))).toBe(expected)
  })

  test('is the way back from adding it', () => {
    for (const source of [
      STYLED,
      'servers:\n  a: {}\n',
      'servers:\r\n  a: {}',
      '{\n "servers": {\n  "a": {\n  }\n }\n}',
      'servers: { a: {} }',
    ]) {
      expect(applied(applied(source, add), removeServers(['tavily']))).toBe(source)
    }
  })

  test('knows what was meant where there is no such server', () => {
    expect(applied(STYLED, removeServers(['githob']))).toBe('mcp-gw.yaml:4:1 no server is called githob; did you mean github?')
    expect(applied(STYLED, removeServers(['x']))).toBe('mcp-gw.yaml:4:1 no server is called x; there are github, files')
    expect(applied('log: {}', removeServers(['x']))).toBe('mcp-gw.yaml:1:1 no server is called x')
  })
})

describe('setting a key', () => {
  test.each([
    ['a block', 'servers:\n  x:\n    url: z # u\n  b: {}\n', 'servers:\n  x:\n    url: z # u\n    disabled: true\n  b: {}\n'],
    ['braces', 'servers:\n  x: {url: z}\n', 'servers:\n  x: {url: z, disabled: true}\n'],
    ['another value', 'servers:\n  x: { disabled: false } # n\n', 'servers:\n  x: { disabled: true } # n\n'],
    ['a comment', 'servers:\n  x:\n    disabled: no # why\n', 'servers:\n  x:\n    disabled: true # why\n'],
    [
      'a list',
      'servers:\n  x:\n    disabled:\n      - 1\n      # c\n      - 2\n    url: z\n',
      'servers:\n  x:\n    disabled: true\n    url: z\n',
    ],
    [
      'a block scalar',
      'servers:\n  x:\n    disabled: |\n      a\n\n      b\n\n    url: z\n',
      'servers:\n  x:\n    disabled: true\n\n    url: z\n',
    ],
    ['no value', 'servers:\n  x:\n    disabled: # so\n    url: z\n', 'servers:\n  x:\n    disabled: true # so\n    url: z\n'],
    ['no keys', 'servers:\n  x: # so\n  b: {}\n', 'servers:\n  x: # so\n    disabled: true\n  b: {}\n'],
    ['a variable', 'servers:\n  x: { disabled: "${X}" }\n', 'servers:\n  x: { disabled: true }\n'],
    ['the same', 'servers:\n  x:\n    disabled:   true\n', 'servers:\n  x:\n    disabled:   true\n'],
  ])('over %s', (_what, before, expected) => {
    expect(applied(before, setKey('x', 'disabled', true))).toBe(expected)
  })

  test('is undone by taking the key away', () => {
    for (const source of [
      STYLED,
      STYLED.replaceAll('\n', '\r\n'),
      'servers:\n  github: {url: z}',
      '{"servers":{"github":{"url":"z"}}}',
    ]) {
      expect(applied(applied(source, setKey('github', 'disabled', true)), unsetKey('github', 'disabled'))).toBe(source)
    }
  })

  test('replacing an entry touches only the keys that differ', () => {
    const source =
      'servers:\n  # own\n  x:\n    command: npx # via npx\n    # the package\n    args: [ -y,  a ] # odd\n    env: { A: "1" }\n'
    expect(applied(source, replaceServer('x', { command: 'npx', args: ['-y', 'a'], env: { A: '2' }, timeout: '1m' }))).toBe(
      source.replace('    env: { A: "1" }\n', '    env:\n      A: "2"\n    timeout: 1m\n'),
    )
    expect(applied(source, replaceServer('x', { url: 'http://y' }))).toBe('servers:\n  # own\n  x:\n    url: http://y\n')
  })
})

describe('a file that cannot be edited', () => {
  test.each([
    ['broken YAML', 'servers:\n  a: {url: z\n  b: 1\n', /^mcp-gw\.yaml:3:\d+ not valid YAML: .*$/m],
    [
      'two documents',
      'servers: {}\n---\na: 1\n',
      'mcp-gw.yaml:2:1 a second document begins here; a config is one document, so remove this ---',
    ],
    [
      'a key that stands twice',
      'servers:\n  a: {}\n  a: {}\n',
      /^mcp-gw\.yaml:3:3 servers\.a: stands twice, first at line 2, column 3/,
    ],
    ['a list', '- a\n', 'mcp-gw.yaml:1:1 a config has keys and values, such as servers: and listen:'],
    [
      'servers that are a word',
      'servers: none\n',
      'mcp-gw.yaml:1:1 servers: no keys and values stand here, so that they can be edited',
    ],
  ])('is refused at the place of the fault: %s', (_what, source, refusal) => {
    if (typeof refusal === 'string') expect(applied(source, add)).toBe(refusal)
    else expect(applied(source, add)).toMatch(refusal)
  })

  const SHARED = 'servers:\n  a: &a\n    url: z\n    env: &e { K: v }\n  b: *a\n  c: { command: x, env: *e }\n'

  test.each([
    [
      'an entry that repeats another',
      setKey('b', 'disabled', true),
      'mcp-gw.yaml:5:3 servers.b: *a repeats another entry; write the keys out, and try again',
    ],
    [
      'an entry that is repeated',
      setKey('a', 'disabled', true),
      'mcp-gw.yaml:2:3 servers.a: line 5, column 6 repeats this with *a; write that out first, and try again',
    ],
    [
      'the anchor of an alias',
      removeServers(['a']),
      'mcp-gw.yaml:2:3 servers.a: line 5, column 6 repeats this with *a; write that out first, and try again',
    ],
    [
      'the anchor of a key',
      unsetKey('a', 'env'),
      'mcp-gw.yaml:2:3 servers.a: line 5, column 6 repeats this with *a; write that out first, and try again',
    ],
  ])('is left where a change would be one elsewhere: %s', (_what, edit, refusal) => {
    expect(applied(SHARED, edit)).toBe(refusal)
  })

  test('is no file in which an alias is about another server', () => {
    expect(applied(SHARED, removeServers(['b']))).toBe(SHARED.replace('  b: *a\n', ''))
    expect(applied(SHARED, setKey('c', 'disabled', true))).toBe(SHARED.replace('*e }', '*e, disabled: true }'))
    expect(applied('servers: &s\n  ? x\n  : {url: z}\n', removeServers(['x']))).toBe(
      'mcp-gw.yaml:2:5 servers.x: a key after ? cannot be edited; write it as name: and try again',
    )
  })
})
