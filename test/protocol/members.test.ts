/** Edits of the text of an object say the same as edits of its value: members are dropped and put in, and nothing else changes. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dropMembers, insertMembers, membersOf } from '../../src/protocol/members.ts'
import { splice } from '../../src/protocol/message.ts'
import { anyStringText, jsonText, objectText } from './json-text.ts'

const pairs = fc.array(fc.tuple(anyStringText, jsonText), { maxLength: 6 })
const object = pairs.chain((members) => objectText(fc.constant(members)))

const parsedKey = (key: string): string => JSON.parse(key) as string

test('the members of an object are those that JSON.parse finds, in order', () => {
  fc.assert(
    fc.property(object, (text) => {
      const bytes = Buffer.from(text)
      const seen = membersOf(bytes, 0)
      const last = new Map(seen.map(({ key, start, end }) => [key, bytes.toString('utf8', start, end)]))
      const value = JSON.parse(text) as Record<string, unknown>
      expect([...last.keys()].filter((key) => key !== '__proto__').sort()).toEqual(
        Object.keys(value)
          .filter((key) => key !== '__proto__')
          .sort(),
      )
      for (const [key, json] of last) if (key !== '__proto__') expect(JSON.parse(json)).toEqual(value[key])
    }),
  )
})

test('dropped members are gone and the others are there, whichever are dropped and whatever is put in front', () => {
  fc.assert(
    fc.property(object, fc.integer({ min: 0, max: 63 }), fc.boolean(), (text, mask, inserts) => {
      const bytes = Buffer.from(text)
      const members = membersOf(bytes, 0)
      const keys = [...new Set(members.map(({ key }) => key))]
      const gone = new Set(keys.filter((_, index) => mask & (1 << index)))
      const drops = dropMembers(members, (key) => gone.has(key))
      const left = members.filter(({ key }) => !gone.has(key))
      // What is put in ends with a comma where the object has members, so one of them must stay.
      const insert = inserts && (members.length === 0 || left.length > 0) ? [insertMembers(bytes, 0, '"new":1')] : []
      const edited = Buffer.concat(splice(bytes, [...insert, ...drops])).toString()
      const wanted = [
        ...(insert.length > 0 ? ['"new":1'] : []),
        ...left.map((one) => bytes.toString('utf8', one.keyStart, one.end)),
      ]
      expect(JSON.parse(edited)).toEqual(JSON.parse(`{${wanted.join(',')}}`))
    }),
  )
})

test('a key in escapes is the key that it says', () => {
  expect(membersOf(Buffer.from('{"\\u0061":1}'), 0).map(({ key }) => key)).toEqual([parsedKey('"\\u0061"')])
})
