/** An entry of a server's list is found by what identifies it, however the server wrote it. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readItem, sameItems } from '../../src/upstream/listing.ts'
import { jsonText, objectWith, scalarText } from '../protocol/json-text.ts'

const item = (text: string, key = 'name') => readItem(Buffer.from(text), key)

describe('an entry', () => {
  test('is known by what JSON.parse finds under its key, and can be renamed there', () => {
    fc.assert(
      fc.property(objectWith({ name: scalarText, title: jsonText, inputSchema: jsonText }), (text) => {
        const value = JSON.parse(text) as { name?: unknown }
        const found = item(text)
        expect(found?.key).toBe(typeof value.name === 'string' ? value.name : undefined)
        if (!found) return
        const { bytes, keyStart, keyEnd } = found
        const renamed = `${bytes.toString('utf8', 0, keyStart)}"other"${bytes.toString('utf8', keyEnd)}`
        expect(JSON.stringify(JSON.parse(renamed))).toBe(JSON.stringify({ ...value, name: 'other' }))
      }),
      { numRuns: 1_000 },
    )
  })

  test('keeps its bytes, also beside keys with escapes', () => {
    const text = '{"x\\"y":1.0,"name":"a","n\\\\":123456789012345678901234567890}'
    expect(item(text)?.bytes.toString()).toBe(text)
  })

  test('that names itself twice means the last, and a client sees no other', () => {
    expect(item('{"name":"a","name":"b"}')?.key).toBe('b')
    expect(item('{"name":"a","n\\u0061me":"b"}')?.key).toBe('b')
    expect(item('{"name":"a","name":"b"}')?.bytes.toString()).not.toContain('"a"')
  })

  test.each(['{}', '[]', '5', 'null', '"name"', '{"name":5}', '{"name":"a","name":5}', '{"Name":"a"}'])('%s is none', (text) => {
    expect(item(text)).toBeUndefined()
  })
})

test('lists are the same when every byte is', () => {
  const list = (...texts: string[]) => texts.map((text) => item(text) as NonNullable<ReturnType<typeof item>>)
  expect(sameItems(list('{"name":"a"}'), list('{"name":"a"}'))).toBe(true)
  expect(sameItems(list('{"name":"a"}'), list('{"name":"a" }'))).toBe(false)
  expect(sameItems(list('{"name":"a"}', '{"name":"b"}'), list('{"name":"b"}', '{"name":"a"}'))).toBe(false)
  expect(sameItems(list('{"name":"a"}'), list())).toBe(false)
})
