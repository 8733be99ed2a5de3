/** A value in a message is found where JSON.parse would find it. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { locate, locateIn } from '../../src/protocol/locate.ts'
import type { Message } from '../../src/protocol/message.ts'
import { readMessage } from '../../src/protocol/read.ts'
import { jsonText, objectWith } from './json-text.ts'

const nested = objectWith({ ref: objectWith({ name: jsonText, ref: jsonText }), name: jsonText })

test('it is the value that the path leads to, the last one where names stand twice', () => {
  fc.assert(
    fc.property(nested, fc.array(fc.constantFrom('ref', 'name', 'x'), { minLength: 1, maxLength: 3 }), (text, path) => {
      const bytes = Buffer.from(text)
      let value: unknown = JSON.parse(text)
      for (const name of path) {
        const inside = typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, name)
        value = inside ? (value as Record<string, unknown>)[name] : undefined
      }
      const place = locateIn(bytes, 0, path)
      const found = place && (JSON.parse(bytes.toString('utf8', place.start, place.end)) as unknown)
      expect(JSON.stringify(found)).toBe(JSON.stringify(value))
    }),
    { numRuns: 1_000 },
  )
})

test('in a message without params there is nothing to find', () => {
  const message = readMessage(Buffer.from('{"jsonrpc":"2.0","id":1,"method":"ping","ref":{"name":"a"}}')) as Message
  expect(locate(message, ['ref', 'name'])).toBeUndefined()
})
