import { describe, expect, test } from 'vitest'
import { formats } from '../../../src/clients/formats/formats.ts'

const { toml } = formats
const GATEWAY = ['mcp_servers', 'mcp-gw']
const lines = (...text: string[]): string => `${text.join('\n')}\n`
const ours = ['[mcp_servers.mcp-gw]', 'url = "u"', 'http_headers = { "X Y" = "z" }', 'args = ["a", 2, true]']
const value = { url: 'u', http_headers: { 'X Y': 'z' }, args: ['a', 2, true] }

describe('an entry that is added', () => {
  test('is a table at the end of the file, set off by a blank line', () => {
    expect(toml.set('', GATEWAY, value)).toBe(lines(...ours))
    expect(toml.set('# mine\nmodel = "m"\n', GATEWAY, value)).toBe(lines('# mine', 'model = "m"', '', ...ours))
    expect(toml.set('model = "m"', GATEWAY, value)).toBe(lines('model = "m"', '', ...ours).trimEnd())
  })

  test('stands behind its sisters and their sub-tables', () => {
    const before = ['[mcp_servers.a]', 'command = "x" # c', '', '[mcp_servers.a.env] # d', 'K = "v"']
    const after = ['', '# about the screen', '[tui]', 'theme = 1']
    expect(toml.set(lines(...before, ...after), GATEWAY, value)).toBe(lines(...before, '', ...ours, ...after))
  })

  test('is written so that every text is read back as it was', () => {
    const odd = { 'a.b': 'q"\\\n\u007f\u0001ü', '': '' }
    expect(toml.read(toml.set('', ['x', 'é y'], odd))).toEqual({ value: { x: { 'é y': odd } } })
  })

  test('cannot hold what TOML has no word for', () => {
    expect(() => toml.set('', GATEWAY, { a: null })).toThrow('TOML has no null; leave the key out')
  })
})

describe('an entry that is there', () => {
  const text = lines('[mcp_servers."mcp-gw"] # mine', 'url = "old"', '', '[mcp_servers.mcp-gw.env]', 'K = 1', '', '[tui]')

  test('is replaced with its sub-tables, and nothing else is', () => {
    expect(toml.set(text, GATEWAY, { url: 'new' })).toBe(lines('[mcp_servers.mcp-gw]', 'url = "new"', '', '[tui]'))
  })

  test('is removed with its sub-tables, and put back as it was written', () => {
    const source = toml.slice(text, GATEWAY) ?? ''
    expect(source).toBe(text.slice(0, text.indexOf('\n[tui]')))
    expect(toml.remove(text, GATEWAY)).toBe('\n[tui]\n')
    expect(toml.insert('[tui]\n', GATEWAY, source, { url: 'old', env: { K: 1 } })).toBe(`[tui]\n\n${source}`)
  })

  test('gets, changes and loses one line', () => {
    const key = [...GATEWAY, 'enabled']
    const off = toml.set(text, key, false)
    expect(off).toBe(text.replace('url = "old"\n', 'url = "old"\nenabled = false\n'))
    expect(toml.set(off, key, true)).toBe(off.replace('false', 'true'))
    expect(toml.remove(off, key)).toBe(text)
  })

  test('may be one line of the table of all', () => {
    const inline = lines('[mcp_servers]', 'mcp-gw = { url = "u" } # c', 'b = { url = "v" }')
    expect(toml.remove(inline, GATEWAY)).toBe(lines('[mcp_servers]', 'b = { url = "v" }'))
    expect(toml.set(inline, GATEWAY, { url: 'w' })).toBe(inline.replace('"u"', '"w"'))
  })
})

describe('a key of no table', () => {
  test('comes before all tables', () => {
    expect(toml.set('[tui]\n', ['model'], 'm')).toBe('model = "m"\n\n[tui]\n')
    expect(toml.set('a = 1 # c\n\n[tui]\n', ['model'], 'm')).toBe('a = 1 # c\nmodel = "m"\n\n[tui]\n')
  })
})

describe('a file that cannot be changed without doing more', () => {
  test.each([
    ['mcp_servers = {}', 'mcp_servers is written on one line or with dots here'],
    ['mcp_servers.a.command = "x"', 'mcp_servers is written on one line or with dots here'],
    ['[mcp_servers]\nmcp-gw.url = "x"', 'line 2, column 1: mcp_servers is written on one line or with dots here'],
    ['[[mcp_servers]]', 'mcp_servers is a list of tables ([[…]]); it cannot hold mcp_servers.mcp-gw'],
    ['[[mcp_servers.mcp-gw]]', 'is a list of tables'],
    [
      '[mcp_servers.mcp-gw]\n[tui]\n[mcp_servers.mcp-gw.env]',
      'line 3, column 1: the tables of mcp_servers.mcp-gw do not stand together',
    ],
    ['a = ', 'line 1'],
    ['a = 1\na = 2', 'line 2, column 1: Defining a key multiple times is invalid'],
    ['mcp_servers = 1', 'mcp_servers is written on one line or with dots here'],
  ])('is refused: %j', (text, message) => {
    expect(() => toml.set(text, GATEWAY, value)).toThrow(message)
  })
})

test('moments, and numbers that JSON has not, are read as texts', () => {
  expect(toml.read('a = 1979-05-27T07:32:00Z\nb = inf\nc = 9007199254740993')).toEqual({
    value: { a: '1979-05-27T07:32:00.000Z', b: 'Infinity', c: expect.anything() },
  })
})
