/** Which names a list of globs matches. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { globMatcher } from '../../src/std/glob.ts'

const matches = (pattern: string, name: string): boolean => globMatcher([pattern])(name)

describe('globMatcher', () => {
  test.each([
    ['create_issue', 'create_issue'],
    ['*', ''],
    ['*', 'anything'],
    ['*_crawl', 'tavily_crawl'],
    ['tavily_*', 'tavily_'],
    ['a*b*c', 'a-b-b-c'],
    ['**', 'x'],
    ['?', 'x'],
    ['??', '🙂x'],
    ['[abc]x', 'bx'],
    ['[a-c0-9]', '7'],
    ['[!abc]', 'd'],
    ['[^abc]', 'd'],
    ['[]]', ']'],
    ['[!]]', 'x'],
    ['[a-]', '-'],
    ['{a,b}', 'b'],
    ['{a,b}_{c,d}', 'a_d'],
    ['{read,list}_*', 'list_files'],
    ['{a,{b,c}d}', 'cd'],
    ['{a,}x', 'x'],
    ['{*_x,[ab]}', 'foo_x'],
    ['x{a}', 'x{a}'],
    ['{a', '{a'],
    ['a}', 'a}'],
    ['[a', '[a'],
    ['\\*', '*'],
    ['\\{a,b}', '{a,b}'],
    ['a\\', 'a\\'],
    ['a.b+c', 'a.b+c'],
  ])('%s matches %j', (pattern, name) => {
    expect(matches(pattern, name)).toBe(true)
  })

  test.each([
    ['create_issue', 'create_issues'],
    ['create_issue', 'Create_issue'],
    ['?', ''],
    ['?', 'xy'],
    ['*_crawl', 'tavily_crawl_x'],
    ['a*b*c', 'a-c-b'],
    ['[abc]', 'd'],
    ['[!abc]', 'a'],
    ['[!abc]', ''],
    ['[a-c]', '-'],
    ['{a,b}', 'c'],
    ['{a,b}', 'ab'],
    ['{a,b}', '{a,b}'],
    ['\\*', 'x'],
    ['a.b', 'axb'],
    ['', 'a'],
  ])('%s does not match %j', (pattern, name) => {
    expect(matches(pattern, name)).toBe(false)
  })

  test('an empty list matches nothing', () => {
    expect(globMatcher([])('')).toBe(false)
    expect(globMatcher([])('a')).toBe(false)
  })

  test('one of several patterns is enough', () => {
    const match = globMatcher(['a', 'b_*', '[xy]'])
    expect(['a', 'b_1', 'y', 'c'].map(match)).toEqual([true, true, true, false])
  })

  test('it agrees with a regular expression on stars and question marks', () => {
    const pieces = fc.array(fc.constantFrom('*', '?', 'a', 'b'), { maxLength: 8 })
    const names = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 })
    fc.assert(
      fc.property(pieces, names, (pattern, name) => {
        const regex = new RegExp(`^${pattern.join('').replaceAll('*', '.*').replaceAll('?', '.')}$`)
        expect(matches(pattern.join(''), name)).toBe(regex.test(name))
      }),
    )
  })

  test('any pattern can be compiled, and a name that is escaped matches itself', () => {
    const word = fc.string({ unit: fc.constantFrom('*', '?', '[', ']', '{', '}', ',', '!', '-', '\\', 'a') })
    fc.assert(
      fc.property(word, word, (pattern, name) => {
        expect(typeof matches(pattern, name)).toBe('boolean')
        expect(matches(name.replace(/[\s\S]/g, '\\$&'), name)).toBe(true)
      }),
    )
  })

  test('a pattern that makes others backtrack for years is matched in linear time', () => {
    const match = globMatcher([`${'*a'.repeat(30)}*b`, `${'{a,aa}'.repeat(30)}b`])
    const started = performance.now()
    expect(match('a'.repeat(2_000))).toBe(false)
    expect(performance.now() - started).toBeLessThan(5_000)
  })
})
