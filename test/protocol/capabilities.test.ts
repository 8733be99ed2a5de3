/** What a client can do is compared whole, whatever the order it was said in. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canAnswer, canonical, capabilities, levelRank, NO_CAPABILITIES } from '../../src/protocol/capabilities.ts'
import type { Json, JsonObject } from '../../src/protocol/message.ts'

/** The same value with the members of every object the other way round. */
function reversed(value: Json): Json {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).reverse()
  return Object.fromEntries(entries.map(([key, member]) => [key, reversed(member)]))
}

const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>

describe('canonical JSON', () => {
  test('is the same for every order of members, and says the same', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonical(reversed(value))).toBe(canonical(value))
        expect(JSON.parse(canonical(value))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  test('differs where the values differ', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        const same = canonical(a) === canonical(b)
        expect(same).toBe(JSON.stringify(JSON.parse(canonical(a))) === JSON.stringify(JSON.parse(canonical(b))))
      }),
    )
    expect(canonical([1, 2])).not.toBe(canonical([2, 1]))
    expect(canonical({ a: '1' })).not.toBe(canonical({ a: 1 }))
  })
})

describe('capabilities', () => {
  test('what is no object is no capability, and none are always the same', () => {
    for (const value of [undefined, null, 5, 'sampling', [], {}]) expect(capabilities(value)).toBe(NO_CAPABILITIES)
  })

  test('a client is asked only what it can answer; what nobody knows is left to it', () => {
    const able = capabilities({ sampling: {}, roots: { listChanged: true } } as JsonObject)
    expect(
      ['sampling/createMessage', 'roots/list', 'elicitation/create', 'x/new'].map((method) => canAnswer(able, method)),
    ).toEqual([true, true, false, true])
    expect(canAnswer(capabilities(JSON.parse('{"__proto__":{"sampling":{}}}')), 'sampling/createMessage')).toBe(false)
  })
})

test('log levels rank as the specification lists them, and nothing else is one', () => {
  const ranks = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'].map(levelRank)
  expect(ranks).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  for (const other of ['', 'DEBUG', 'warn', 5, undefined, null, {}, 'constructor']) expect(levelRank(other)).toBe(-1)
})
