import { describe, expect, test } from 'vitest'
import { formats } from '../../../src/clients/formats/formats.ts'

const { yaml } = formats
const GATEWAY = ['extensions', 'mcp-gw']
const lines = (...text: string[]): string => `${text.join('\n')}\n`
const value = { type: 'stdio', cmd: 'mcp-gw', args: ['connect'], enabled: true }
const ours = (indent: string): string[] =>
  ['mcp-gw:', '  type: stdio', '  cmd: mcp-gw', '  args:', '    - connect', '  enabled: true'].map((line) => indent + line)

describe('an entry that is added', () => {
  test('makes its parents, and the whole of an empty file', () => {
    expect(yaml.set('', GATEWAY, value)).toBe(lines('extensions:', ...ours('  ')))
    expect(yaml.set('# mine\n', GATEWAY, value)).toBe(lines('# mine', 'extensions:', ...ours('  ')))
    expect(yaml.set('a: 1', GATEWAY, value)).toBe(lines('a: 1', 'extensions:', ...ours('  ')).trimEnd())
  })

  test.each(['extensions:', 'extensions: {}', 'extensions: ~', 'extensions: null'])('begins the map of "%s"', (line) => {
    expect(yaml.set(`${line} # all\nz: 1\n`, GATEWAY, value)).toBe(lines('extensions: # all', ...ours('  '), 'z: 1'))
  })

  test('stands behind the last one and its comments, indented as they are', () => {
    const before = [
      'extensions:',
      '    a: # x',
      '        envs: {A: 1}',
      '        text: |',
      '            one',
      '',
      '            two',
      '        # about a',
    ]
    const after = ['    # the end', '', '# next', 'other: [1]']
    const indented = ['mcp-gw:', '    type: stdio', '    cmd: mcp-gw', '    args:', '        - connect', '    enabled: true'].map(
      (line) => `    ${line}`,
    )
    expect(yaml.set(lines(...before, ...after), GATEWAY, value)).toBe(lines(...before, ...indented, ...after))
  })

  test('goes between braces where the others do', () => {
    expect(yaml.set('extensions: { a: 1 } # c\n', GATEWAY, { x: 'y z', l: [1] })).toBe(
      'extensions: { a: 1, mcp-gw: {x: "y z", l: [1]} } # c\n',
    )
    expect(yaml.set('{\n  "extensions": {\n    "a": 1,\n  }\n}\n', GATEWAY, { x: 'y' })).toBe(
      '{\n  "extensions": {\n    "a": 1,\n    "mcp-gw": {"x": "y"},\n  }\n}\n',
    )
  })

  test('is quoted where programs of the older YAML would read something else', () => {
    const odd = { a: 'yes', b: '012', c: 'on', d: '1:30', e: '', f: ' x ', g: 'a\nb', h: '- x', i: '@x', no: 'null' }
    const text = yaml.set('', GATEWAY, odd)
    expect(yaml.read(text)).toEqual({ value: { extensions: { 'mcp-gw': odd } } })
    expect(text).toContain('a: "yes"')
    expect(text).toContain('"no": "null"')
  })
})

describe('an entry that is there', () => {
  const text = lines('extensions:', '  # ours', '  mcp-gw: # c', '    cmd: old # d', '    args: [x]', '    # inside', '  b: 1')

  test('is removed with the comments inside it, and put back as it was written', () => {
    const source = yaml.slice(text, GATEWAY) ?? ''
    expect(source).toBe(lines('  mcp-gw: # c', '    cmd: old # d', '    args: [x]', '    # inside'))
    const removed = yaml.remove(text, GATEWAY)
    expect(removed).toBe(lines('extensions:', '  # ours', '  b: 1'))
    expect(yaml.insert(removed, GATEWAY, source, { cmd: 'old', args: ['x'] })).toBe(`${removed}${source}`)
  })

  test('is put back at another depth', () => {
    const source = '        a: # c\n            x: 1\n'
    expect(yaml.insert('extensions:\n  b: 1\n', ['extensions', 'a'], source, { x: 1 })).toBe(
      'extensions:\n  b: 1\n  a: # c\n      x: 1\n',
    )
  })

  test('is replaced, and what is behind it stays', () => {
    expect(yaml.set(text, GATEWAY, { cmd: 'new' })).toBe(
      lines('extensions:', '  # ours', '  mcp-gw:', '    cmd: new', '    # inside', '  b: 1'),
    )
    expect(yaml.set(text, [...GATEWAY, 'cmd'], 'new')).toBe(text.replace('old', 'new'))
  })

  test('leaves an empty map when it is the only one', () => {
    expect(yaml.remove('extensions: # c\n  mcp-gw: 1\nb: 2\n', GATEWAY)).toBe('extensions: {} # c\nb: 2\n')
  })

  test.each([
    ['{ a: 1, mcp-gw: 2 }', '{ a: 1 }'],
    ['{ mcp-gw: 2, a: 1 }', '{ a: 1 }'],
    ['{ a: 1, mcp-gw: 2, }', '{ a: 1, }'],
    ['{ mcp-gw: 2 }', '{}'],
  ])('between braces: %s', (before, after) => {
    expect(yaml.remove(`extensions: ${before}\n`, GATEWAY)).toBe(`extensions: ${after}\n`)
  })
})

describe('a file that cannot be changed without doing more', () => {
  test.each([
    ['a: 1\n---\nb: 2', 'line 2, column 1: a second document begins here; only one can be edited'],
    ['extensions:\n\ta: 1', 'line 2, column 1: Tabs are not allowed as indentation'],
    ['a: 1\na: 2', 'line 2, column 1: Map keys must be unique'],
    ['- 1', 'expected keys and values'],
    ['extensions: [1]', 'line 1, column 13: extensions holds no keys'],
    ['x: &x { a: 1 }\nextensions: *x', 'extensions is a repetition (*x); write it out'],
    ['extensions: &x\n  a: 1\ny: *x', 'cannot be changed without changing more than this entry'],
    [`a: ${'['.repeat(5_000)}`, 'it is nested too deeply'],
    ['a: &a [1]\nb: *c', 'b'],
  ])('is refused: %j', (text, message) => {
    expect(() => yaml.set(text, GATEWAY, value)).toThrow(message)
  })

  test('an entry that others repeat is not removed', () => {
    const text = 'extensions:\n  mcp-gw: &x { a: 1 }\n  b: *x\n'
    expect(() => yaml.remove(text, GATEWAY)).toThrow('cannot be changed without changing more than this entry')
  })
})
