/** Exposed names fit every client, tell every tool apart, and depend on nothing but the two names behind them. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exposedName, nextName } from '../../src/catalog/names.ts'

/** Any name that the config lets a server have. */
const server = fc.stringMatching(/^[A-Za-z0-9.-](?:_?[A-Za-z0-9.-]){0,20}_?$/)
const tool = fc.oneof(
  fc.stringMatching(/^_?[a-zA-Z0-9_.-]{0,60}$/),
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  fc.constantFrom('', '__proto__', 'constructor', '_', '__', '___a', 'a'.repeat(1_000)),
)
const lengthMax = fc.integer({ min: 16, max: 128 })

describe('an exposed name', () => {
  test('has only characters and a length that every client takes', () => {
    fc.assert(
      fc.property(server, tool, lengthMax, (a, b, max) => {
        const name = exposedName(a, b, max)
        expect(name).toMatch(/^[A-Za-z0-9_-]+$/)
        expect(name.length).toBeLessThanOrEqual(max)
      }),
      { numRuns: 1_000 },
    )
  })

  test('is server__tool where that is a name already', () => {
    expect(exposedName('github', 'create_issue', 48)).toBe('github__create_issue')
    expect(exposedName('a', 'x'.repeat(45), 48)).toBe(`a__${'x'.repeat(45)}`)
  })

  test('is another for every other pair of server and tool', () => {
    fc.assert(
      fc.property(server, tool, server, tool, (a, b, c, d) => {
        fc.pre(a !== c || b !== d)
        expect(exposedName(a, b, 48)).not.toBe(exposedName(c, d, 48))
      }),
      { numRuns: 1_500 },
    )
  })

  test.each([
    [
      ['files', 'a.b'],
      ['files', 'a_b'],
    ],
    [
      ['files', 'a b'],
      ['files', 'a.b'],
    ],
    [
      ['files', 'é'],
      ['files', 'e\u0301'],
    ],
    [
      ['files', 'x'.repeat(60)],
      ['files', `${'x'.repeat(59)}y`],
    ],
    [
      ['a_', 'b'],
      ['a', '_b'],
    ],
    [
      ['a_', `b${'x'.repeat(60)}`],
      ['a', `_b${'x'.repeat(60)}`],
    ],
    [
      ['a.b', 'c'],
      ['a-b', 'c'],
    ],
  ])('%j and %j stay apart', (one, other) => {
    expect(exposedName(one[0] as string, one[1] as string, 48)).not.toBe(exposedName(other[0] as string, other[1] as string, 48))
  })

  test('is the same for ever: clients keep it in their permissions', () => {
    expect(exposedName('files', 'read.file', 48)).toBe('files__read_file_t71o')
    expect(exposedName('files', 'a'.repeat(1_000), 48)).toBe(`files__${'a'.repeat(36)}_51y9`)
  })
})

test('where two names meet after all, the next one is free, and the same each time', () => {
  const taken = new Set(['files__read_1234'])
  const next = nextName('files__read_1234', 'files read', (name) => taken.has(name))
  expect(taken.has(next)).toBe(false)
  expect(next).toHaveLength('files__read_1234'.length)
  expect(nextName('files__read_1234', 'files read', (name) => taken.has(name))).toBe(next)
})
