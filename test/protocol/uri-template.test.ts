/** A URI is recognised as one that a template could have made. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { templateMatcher } from '../../src/protocol/uri-template.ts'

describe('a template', () => {
  test('recognises every URI that it expands to', () => {
    const literal = fc.stringMatching(/^[a-z:/.-]{1,6}$/)
    fc.assert(
      fc.property(
        fc.array(fc.tuple(literal, fc.string({ unit: 'grapheme', maxLength: 6 })), { minLength: 1, maxLength: 4 }),
        (parts) => {
          const template = parts.map(([before], at) => `${before}{v${at}}`).join('')
          const uri = parts.map(([before, value]) => before + encodeURIComponent(value)).join('')
          expect(templateMatcher(template)(uri)).toBe(true)
        },
      ),
      { numRuns: 500 },
    )
  })

  test.each([
    ['file:///{name}', 'file:///a.txt', true],
    ['file:///{name}', 'file:///a/b.txt', false],
    ['file:///{+path}', 'file:///a/b.txt?x#y', true],
    ['file:///{name}.txt', 'file:///a.txt', true],
    ['file:///{name}.txt', 'file:///a.txt.gz', false],
    ['db://{table}/{id}', 'db://users/7', true],
    ['db://{table}/{id}', 'db://users', false],
    ['db://{table}/{id}', 'db://users/7/8', false],
    ['search://all{?q,page}', 'search://all?q=a%20b&page=2', true],
    ['search://all{?q}', 'search://all', true],
    ['search://all{?q}', 'search://others?q=1', false],
    ['x://{a}{b}', 'x://ab', true],
    ['x://fixed', 'x://fixed', true],
    ['x://fixed', 'x://fixed/more', false],
    ['x://{a', 'x://a', false],
    ['x://a}', 'x://a}', false],
    ['', '', true],
  ])('%s and %s: %s', (template, uri, expected) => {
    expect(templateMatcher(template)(uri)).toBe(expected)
  })

  test('takes no more time for a hostile template than for any other', () => {
    const matches = templateMatcher(`${'{a}x'.repeat(5_000)}y`)
    const before = process.hrtime.bigint()
    expect(matches('x'.repeat(20_000))).toBe(false)
    expect(Number(process.hrtime.bigint() - before) / 1e6).toBeLessThan(1_000)
  })

  test('arbitrary templates and URIs never throw', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (template, uri) => {
        expect(typeof templateMatcher(template)(uri)).toBe('boolean')
      }),
    )
  })
})
