/** How a command line becomes words. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { shellSplit } from '../../src/std/shell-split.ts'

describe('shellSplit', () => {
  test.each([
    ['npx -y tavily-mcp', ['npx', '-y', 'tavily-mcp']],
    ['  npx\t-y \n foo\r\n', ['npx', '-y', 'foo']],
    ['', []],
    [' \n ', []],
    [`a 'b c' "d e"`, ['a', 'b c', 'd e']],
    [`a '' ""`, ['a', '', '']],
    [`a'b'"c"d`, ['abcd']],
    ['a\\ b c\\\\d', ['a b', 'c\\d']],
    [`'a\\b' "c\\d"`, ['a\\b', 'c\\d']],
    [`"a\\"b" "\\$x" "\\\`" "\\\\"`, ['a"b', '$x', '`', '\\']],
    ['a \\\n b', ['a', 'b']],
    ['a\\\nb "c\\\nd"', ['ab', 'cd']],
    [`'it'\\''s'`, ["it's"]],
    ['echo $HOME ~ *.ts {a,b} # c', ['echo', '$HOME', '~', '*.ts', '{a,b}', '#', 'c']],
    [`sh -c 'a | b > c && d'`, ['sh', '-c', 'a | b > c && d']],
    ['a "b|c" d\\;e', ['a', 'b|c', 'd;e']],
    ['größe "日本 語" 🙂', ['größe', '日本 語', '🙂']],
  ])('%j gives %j', (command, words) => {
    expect(shellSplit(command)).toEqual(words)
  })

  test.each([
    ['a | b', '|'],
    ['a || b', '||'],
    ['a && b', '&&'],
    ['a &', '&'],
    ['a; b', ';'],
    ['a > b', '>'],
    ['a >> b', '>>'],
    ['a 2>&1', '>'],
    ['a < b', '<'],
    ['a $(b)', '('],
    ['a `b`', '`'],
  ])('%j is refused, because it has the operator %s', (command, operator) => {
    expect(shellSplit(command)).toEqual({ error: expect.stringContaining(`unquoted ${operator} has`) })
    expect(shellSplit(command)).toEqual({ error: expect.stringMatching(/args.*sh -c/) })
  })

  test.each([
    ["a 'b", 'a single quote is never closed'],
    ['a "b', 'a double quote is never closed'],
    ['a "b\\"', 'a double quote is never closed'],
    ['a\\', 'it ends in a backslash'],
  ])('%j is refused: %s', (command, error) => {
    expect(shellSplit(command)).toEqual({ error })
  })

  test('words that are quoted come back as they were', () => {
    const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (words) => {
        expect(shellSplit(words.map(quoted).join(' '))).toEqual(words)
      }),
    )
  })

  test('any text gives words or an error', () => {
    fc.assert(
      fc.property(fc.string(), (command) => {
        const words = shellSplit(command)
        expect(Array.isArray(words) || words.error.length > 0).toBe(true)
      }),
    )
  })
})
