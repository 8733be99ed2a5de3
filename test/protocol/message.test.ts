/** A message can be written on one line without saying anything else. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { oneLine, splice } from '../../src/protocol/message.ts'
import { cutting, jsonText, someCuts } from './json-text.ts'

test('any JSON goes on one line, in any number of pieces, and still says the same', () => {
  fc.assert(
    fc.property(jsonText, someCuts, (text, cuts) => {
      const line = Buffer.concat(oneLine(cutting(Buffer.from(text), cuts))).toString()
      expect(line).not.toMatch(/[\r\n]/)
      expect(line.length).toBe(text.length)
      expect(JSON.stringify(JSON.parse(line))).toBe(JSON.stringify(JSON.parse(text)))
    }),
  )
})

test('what is on one line already is not copied, and the original is never changed', () => {
  const plain = [Buffer.from('{"a":1}')]
  expect(oneLine(plain)).toBe(plain)
  const broken = Buffer.from('{\n"a":1}')
  oneLine([broken])
  expect(broken.toString()).toBe('{\n"a":1}')
})

test('edits may come in any order, be empty or change the length, in small and large messages', () => {
  for (const padding of ['', 'p'.repeat(40_000)]) {
    const bytes = Buffer.from(`0123456789${padding}`)
    const edits = [
      { start: 8, end: 9, json: 'é日' },
      { start: 2, end: 5, json: '' },
      { start: 0, end: 0, json: '<' },
    ]
    expect(Buffer.concat(splice(bytes, edits)).toString()).toBe(`<01567é日9${padding}`)
    expect(Buffer.concat(splice(bytes, [])).equals(bytes)).toBe(true)
  }
})
