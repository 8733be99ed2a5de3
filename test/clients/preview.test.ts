import { describe, expect, test } from 'vitest'
import { masked, preview } from '../../src/clients/preview.ts'

const lines = (...text: string[]): string => `${text.join('\n')}\n`

describe('a preview', () => {
  test('is a unified diff under the name that people know', () => {
    const before = lines('{', '  "a": 1,', '  "b": 2', '}')
    expect(preview('~/.client.json', before, before.replace('2', '3'), [])).toBe(
      lines('--- ~/.client.json', '+++ ~/.client.json', '@@ -1,4 +1,4 @@', ' {', '   "a": 1,', '-  "b": 2', '+  "b": 3', ' }'),
    )
  })

  test('says where there is no file, and nothing where nothing changes', () => {
    expect(preview('x', undefined, 'a\n', [])).toBe(lines('--- (no file)', '+++ x', '@@ -0,0 +1,1 @@', '+a'))
    expect(preview('x', 'a\n', undefined, [])).toBe(lines('--- x', '+++ (no file)', '@@ -1,1 +0,0 @@', '-a'))
    expect(preview('x', 'a\n', 'a\n', [])).toBe('')
  })

  test('shows no secret, neither in what goes nor in what stays nor in what comes', () => {
    const before = lines('token = "s3cret"', 'url = "https://x/?k=s3cret"', 'old = 1')
    const text = preview('x', before, before.replace('old = 1', 'new = "s3cret"'), ['s3cret'])
    expect(text).not.toContain('s3cret')
    expect(text).toContain('+new = "••••••"')
  })

  test('has no carriage returns in it', () => {
    expect(preview('x', 'a\r\nb\r\n', 'a\r\nc\r\n', [])).not.toContain('\r')
  })
})

describe('masking', () => {
  test.each([
    ['a secret within another is hidden with it', 'x abcdef y abc1 z', ['abc1', 'abcdef', 'bcde'], 'x •••••• y •••••• z'],
    ['also as JSON writes it', String.raw`"a\"b\\c"`, ['a"b\\c'], '"••••••"'],
    ['also as an address writes it', 'https://x/?k=a%20b%2Fc', ['a b/c'], 'https://x/?k=••••••'],
    ['line by line', '-first line\n+second line', ['first line\nsecond line'], '-••••••\n+••••••'],
    ['by what it looks like, everywhere', 'ghp_abc ghp_def', [/ghp_\w+/], '•••••• ••••••'],
    ['and what is too short to be one stays', 'a = 1', ['a', ''], 'a = 1'],
  ])('%s', (_, text, hidden, expected) => {
    expect(masked(text, hidden)).toBe(expected)
  })
})
