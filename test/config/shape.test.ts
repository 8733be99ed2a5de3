/** What the loader reads from the schemas that other parts declare. */
import { expect, test } from 'vitest'
import * as z from 'zod'
import { child, describe, isText, keysOf, kinds } from '../../src/config/shape.ts'
import { duration } from '../../src/std/duration.ts'
import { text } from '../../src/std/secret.ts'
import { size } from '../../src/std/size.ts'

test.each([
  ['plain', text],
  ['optional', text.optional()],
  ['described', text.meta({ description: 'x' }).optional()],
  ['defaulted', text.default('x')],
  ['checked further', text.refine((value) => value !== 'x')],
  ['changed', text.transform((value) => [value])],
  ['one of several', z.union([z.boolean(), text])],
])('a text is known when it is %s, so that no secret becomes a plain string', (_, schema) => {
  expect(isText(schema)).toBe(true)
})

test.each([
  ['string', z.string()],
  ['duration', duration],
  ['custom type', z.custom<number>((value) => value === 1)],
  ['list of texts', z.array(text)],
])('a %s is no text', (_, schema) => {
  expect(isText(schema)).toBe(false)
})

test.each([
  [duration.prefault('1s').meta({ description: 'x' }), 'a duration such as 250ms, 30s, 5m or 2h'],
  [duration.refine((ms) => ms > 1), 'a duration such as 250ms, 30s, 5m or 2h'],
  [size.optional(), 'a size such as 512KB, 4MB or 1GB'],
  [text.optional(), 'a text'],
  [z.int(), 'a whole number'],
  [z.number(), 'a number'],
  [z.number().min(1), 'a number of at least 1'],
  [z.int().max(9), 'a number of at most 9'],
  [z.int().min(1).max(9).default(2), 'a number between 1 and 9'],
  [z.enum(['a', 'b']), 'one of a, b'],
  [z.literal('a'), 'a'],
  [z.union([z.boolean(), z.enum(['a', 'b']), z.array(z.string())]), 'true or false or one of a, b or a list'],
  [z.preprocess((value) => value, z.boolean()), 'true or false'],
  [z.any(), 'another value'],
])('a schema is named in words: %#', (schema, words) => {
  expect(describe(schema)).toBe(words)
})

test('what belongs under a key is found through every wrapper', () => {
  const inner = z.strictObject({ a: text, b: z.array(duration) })
  const wrapped = z
    .strictObject({ x: z.record(z.string(), inner.prefault({ a: '', b: [] })).default({}) })
    .transform((value) => value)
  const entry = child(child(wrapped, 'x'), 'any')
  expect(keysOf(entry)).toEqual(['a', 'b'])
  expect(child(entry, 'a')).toBe(text)
  expect(child(child(entry, 'b'), 0)).toBe(duration)
  expect(child(entry, 'constructor')).toBeUndefined()
  expect(child(undefined, 'a')).toBeUndefined()
  expect(keysOf(z.union([z.boolean(), inner, z.strictObject({ c: text })]))).toEqual(['a', 'b', 'c'])
  expect(kinds(z.union([duration, z.boolean()]))).toEqual(['string', 'boolean'])
})
