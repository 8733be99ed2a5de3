import { describe, expect, test } from 'vitest'
import { FormatRefusal } from '../../../src/clients/formats/format.ts'
import { formats } from '../../../src/clients/formats/formats.ts'

const { json, jsonc } = formats
const GATEWAY = ['mcpServers', 'mcp-gw']
const lines = (...text: string[]): string => `${text.join('\n')}\n`

describe('what each program accepts', () => {
  const comment = '{ "a": 1 } // c'
  const comma = '{ "a": [1,], }'

  test.each([
    ['json', comment, { line: 1, column: 12, message: 'a comment, which this program does not accept' }],
    ['json', comma, { line: 1, column: 11, message: 'unexpected "]" (trailing comma on line 1?)' }],
    ['json-comments', comma, { line: 1, column: 11, message: 'unexpected "]" (trailing comma on line 1?)' }],
    ['json-comments', '{\n  "a": 1,\n}', { line: 3, column: 1, message: 'unexpected "}" (trailing comma on line 2?)' }],
    ['jsonc', '{ "a": 1 "b": 2 }', { line: 1, column: 10, message: 'unexpected "\\"b\\""' }],
    ['jsonc', '{ "a": "x\n }', { line: 1, column: 8, message: 'a text that does not end' }],
    ['jsonc', '{ "a": 1', { line: 1, column: 9, message: 'unexpected end' }],
    ['jsonc', '{ "a": 1 } { }', { line: 1, column: 12, message: 'more than one value' }],
    ['jsonc', '[1]', { line: 1, column: 1, message: 'expected { and the keys of the config' }],
    ['jsonc', `{ "a": ${'['.repeat(50_000)}`, { line: 1, column: 1, message: 'it is nested too deeply' }],
  ] as const)('%s refuses %j', (name, text, problem) => {
    expect(formats[name].read(text)).toEqual({ problem })
    expect(() => formats[name].set(text, GATEWAY, {})).toThrow(FormatRefusal)
    expect(() => formats[name].remove(text, GATEWAY)).toThrow(`line ${problem.line}, column ${problem.column}`)
  })

  test.each([
    ['json-comments', comment],
    ['jsonc', comment],
    ['jsonc', comma],
    ['json', '\uFEFF{ "a": 1 }'],
  ] as const)('%s accepts %j', (name, text) => {
    expect(formats[name].read(text)).toHaveProperty('value')
  })

  test('an empty file, and one with nothing but comments, say nothing', () => {
    expect([json.read(''), json.read(' \n'), jsonc.read('// later\n')]).toEqual([{ value: {} }, { value: {} }, { value: {} }])
  })

  test('what is nested too deeply to be compared is refused, not edited', () => {
    expect(() => json.set(`{ "a": ${'['.repeat(100_000)}${']'.repeat(100_000)} }`, ['b'], 1)).toThrow('it is nested too deeply')
  })

  test('of a key that stands twice the last counts', () => {
    expect(json.read('{ "a": 1, "a": 2 }')).toEqual({ value: { a: 2 } })
  })

  test('a key that objects have anyway is a key like others', () => {
    const read = json.read('{ "__proto__": { "x": 1 } }')
    expect(JSON.stringify(read)).toBe('{"value":{"__proto__":{"x":1}}}')
    expect(json.set('{ "__proto__": 1 }', ['constructor'], 2)).toBe('{ "__proto__": 1, "constructor": 2 }')
  })
})

describe('an entry that is added', () => {
  test('looks like the file: indentation, line ends, last line', () => {
    const text = '{\r\n\t"mcpServers": {\r\n\t\t"a": {}\r\n\t}\r\n}'
    const added = text.replace('{}', '{},\r\n\t\t"mcp-gw": {\r\n\t\t\t"url": "u"\r\n\t\t}')
    expect(json.set(text, GATEWAY, { url: 'u' })).toBe(added)
  })

  test('stays on the line of a file that is one line', () => {
    expect(json.set('{"mcpServers":{"a":{"x":[1]}}}', GATEWAY, { b: [1, 2] })).toBe(
      '{"mcpServers":{"a":{"x":[1]},"mcp-gw":{"b":[1,2]}}}',
    )
    expect(json.set('{ "mcpServers": {} }', GATEWAY, { b: [1, 2] })).toBe('{ "mcpServers": {"mcp-gw": {"b": [1, 2]}} }')
  })

  test('makes its parents, and the whole of an empty file', () => {
    const whole = lines('{', '  "mcpServers": {', '    "mcp-gw": {', '      "url": "u"', '    }', '  }', '}')
    expect(json.set('', GATEWAY, { url: 'u' })).toBe(whole)
    expect(json.set('{}\n', GATEWAY, { url: 'u' })).toBe(whole)
    expect(jsonc.set('// mine\n', GATEWAY, { url: 'u' })).toBe(`// mine\n${whole}`)
  })

  test('leaves each comment with what it is about', () => {
    const text = lines('{', '  // servers', '  "mcpServers": {', '    "a": {} // about a', '    // the end', '  }', '}')
    expect(jsonc.set(text, GATEWAY, 1)).toBe(
      lines('{', '  // servers', '  "mcpServers": {', '    "a": {}, // about a', '    "mcp-gw": 1', '    // the end', '  }', '}'),
    )
  })

  test('ends with a comma where the one before does', () => {
    const text = lines('{', '  "mcpServers": {', '    "a": {},', '  },', '}')
    expect(jsonc.set(text, GATEWAY, 1)).toBe(lines('{', '  "mcpServers": {', '    "a": {},', '    "mcp-gw": 1,', '  },', '}'))
  })

  test('that is there already with this value changes nothing, whatever it looks like', () => {
    const text = '{ "mcpServers": { "mcp-gw": { "b": 1, /* c */ "a": 2 } } }'
    expect(jsonc.set(text, GATEWAY, { a: 2, b: 1 })).toBe(text)
  })

  test('goes below a key with dots in its name', () => {
    expect(jsonc.set('{\n  "amp.mcpServers": {}\n}', ['amp.mcpServers', 'mcp-gw'], 1)).toBe(
      '{\n  "amp.mcpServers": {\n    "mcp-gw": 1\n  }\n}',
    )
  })
})

describe('an entry that is removed', () => {
  test('leaves the comments above it, also when it is the first', () => {
    const text = lines(
      '{',
      '  "mcpServers": {',
      '    // all of them',
      '    "mcp-gw": { "a": 1 }, // ours',
      '    "b": {}',
      '  }',
      '}',
    )
    expect(jsonc.remove(text, GATEWAY)).toBe(lines('{', '  "mcpServers": {', '    // all of them', '    "b": {}', '  }', '}'))
  })

  test('takes the comma before it along when it is the last', () => {
    expect(json.remove('{ "mcpServers": { "a": 1, "mcp-gw": 2 } }', GATEWAY)).toBe('{ "mcpServers": { "a": 1 } }')
  })

  test('leaves an object that held nothing else empty', () => {
    expect(json.remove(json.set('{}', GATEWAY, 1), GATEWAY)).toBe('{\n  "mcpServers": {}\n}')
  })

  test('that is not there changes nothing', () => {
    expect([json.remove('', GATEWAY), json.remove('{"mcpServers":{}}', GATEWAY)]).toEqual(['', '{"mcpServers":{}}'])
  })

  test('can be put back with its comments and its spacing', () => {
    const entry = '"old": { /* a */ "x" :1 } // why'
    const text = lines('{', '  "mcpServers": {', `    ${entry.replace(' //', ', //')}`, '    "b": {}', '  }', '}')
    const key = ['mcpServers', 'old']
    expect(jsonc.slice(text, key)).toBe(entry)
    expect(jsonc.insert(jsonc.remove(text, key), key, entry, { x: 1 })).toBe(
      lines('{', '  "mcpServers": {', '    "b": {},', `    ${entry}`, '  }', '}'),
    )
  })

  test('is written anew where what it was written in does not fit in', () => {
    expect(json.insert('{}', ['a'], '"a": 1 // c', 1)).toBe('{\n  "a": 1\n}')
    expect(json.insert('{}', ['a'], 'nonsense', 1)).toBe('{\n  "a": 1\n}')
  })
})

describe('a file that is not what it should be', () => {
  test.each([
    ['{ "mcpServers": {}, "mcpServers": {} }', 'the key "mcpServers" stands twice'],
    ['{ "mcpServers": { "mcp-gw": 1, "mcp-gw": 2 } }', 'the key "mcp-gw" stands twice'],
    ['{ "a": 1, "a": 2 }', 'line 1, column 11: the key "a" stands twice; remove one of them'],
    ['{ "mcpServers": [] }', 'line 1, column 17: expected mcpServers to be an object'],
    ['{ "mcpServers": null }', 'expected mcpServers to be an object'],
  ])('is refused: %s', (text, message) => {
    expect(() => json.set(text, GATEWAY, 3)).toThrow(message)
  })

  test('is not guessed at: of two keys none is removed', () => {
    expect(() => json.remove('{ "mcpServers": { "mcp-gw": 1, "mcp-gw": 2 } }', GATEWAY)).toThrow('stands twice')
  })
})
