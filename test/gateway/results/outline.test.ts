import { describe, expect, it } from 'vitest'
import { outline } from '../../../src/gateway/results/outline.ts'

const of = (value: unknown, tokens = 1_000): string | undefined => outline(Buffer.from(JSON.stringify(value)), tokens)

describe('the outline of JSON', () => {
  it('says of which types the members are, and which are not always there', () => {
    const value = [
      { id: 1, at: 1.5, ok: true },
      { id: 2, at: 3, ok: null, extra: {} },
    ]
    expect(of(value)).toBe('[2 × { id: integer, at: number | integer, ok: boolean | null, extra?: {} }]')
  })

  it('counts the elements of all arrays', () => {
    expect(of({ a: [], b: [[1], [1, 2, 3]], c: Array(12_345).fill('x') })).toBe(
      '{ a: [], b: [2 × [1–3 × integer]], c: [12,345 × string] }',
    )
  })

  it('names long texts', () => {
    expect(of({ short: 'x', long: 'x'.repeat(50_000) })).toBe('{ short: string, long: string up to 49 KB }')
  })

  it('quotes names that are no words', () => {
    expect(of({ 'a b': 1, 'c-d': 2 })).toBe('{ "a b": integer, c-d: integer }')
  })

  it('is shown less deep where there is no room', () => {
    const value = { items: Array(10).fill({ user: { name: 'n', address: { street: 's', town: 't' } }, tags: ['x'] }) }
    expect(of(value)).toContain('street: string')
    expect(of(value, 25)).toBe('{ items: [10 × { user: {2 members}, tags: [1 elements] }] }')
    expect(of(value, 5)).toBe('{1 members}')
  })

  it('of a dictionary does not name everything in it', () => {
    const value = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`key${i}`, i % 2 ? { a: i } : { a: 'x', b: [i] }]))
    expect(of({ value })).toBe('{ value: { 5,000 names, each { a: string | integer, b?: [1 × integer] } } }')
  })

  it('takes values that follow one another, as in a log of JSON lines', () => {
    expect(outline(Buffer.from('{"a":1}\n{"a":2,"b":"x"}\n'), 100)).toBe('2 values, each { a: integer, b?: string }')
  })

  it.each(['plain text', '', '  ', '12 apples', '"a text"', '{"a":', '{"a":1} and more', '[1,]'])('is none of %j', (text) => {
    expect(outline(Buffer.from(text), 100)).toBeUndefined()
  })

  it('ends for what is very deep', () => {
    expect(outline(Buffer.from('['.repeat(900) + ']'.repeat(900)), 1_000)).toMatch(/^\[1 × \[1 × /)
    expect(outline(Buffer.from('['.repeat(5_000)), 1_000)).toBeUndefined()
  })
})
