import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { unescaped } from '../../src/protocol/unescape.ts'

const textOf = (json: string): Buffer => Buffer.concat([...unescaped(Buffer.from(json), 1, Buffer.byteLength(json) - 1)])

/** Every character as an escape of four digits. */
const escapedWhole = (text: string): string =>
  `"${[...text].map((char) => [...Array(char.length).keys()].map((at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')).join('')}"`

describe('a JSON string without its escapes', () => {
  it('is what JSON.parse makes of it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        for (const json of [JSON.stringify(text), escapedWhole(text)]) expect(textOf(json).equals(Buffer.from(text))).toBe(true)
      }),
    )
  })

  it('has every short escape', () => {
    expect(textOf('"\\b\\f\\n\\r\\t\\"\\\\\\/"').toString()).toBe('\b\f\n\r\t"\\/')
  })

  it.each(['"\\ud83d"', '"\\ude00x"', '"\\ud83d\\n"', '"\\ud83d\\ud83d\\ude00"'])(
    'makes of half a pair what every writer makes: %s',
    (json) => {
      expect(textOf(json)).toEqual(Buffer.from(JSON.parse(json) as string))
    },
  )

  it.each(['\\ud83d\\ude00', '\\\\ud83d\\ude00', '\\\\', '\\\\\\n', 'é😀', '\\u00e9', '\\\\\\\\u12', '\\ud83d', '\\"'])(
    'is right at every seam of %s',
    (unit) => {
      for (let pad = 0; pad <= unit.length + 1; pad++) {
        const json = `"${'x'.repeat(pad)}${unit.repeat(140_000 / unit.length)}"`
        expect(textOf(json).equals(Buffer.from(JSON.parse(json) as string))).toBe(true)
      }
    },
  )

  it('comes in pieces that are right at their seams, however long it is', () => {
    const text = Array.from(
      { length: 40_000 },
      (_, i) => `${'x'.repeat(i % 9)}😀"\n${i % 500 === 0 ? 'plain '.repeat(2_000) : ''}`,
    ).join('')
    const json = JSON.stringify(text)
    const pieces = [...unescaped(Buffer.from(json), 1, Buffer.byteLength(json) - 1)]
    expect(Buffer.concat(pieces).equals(Buffer.from(text))).toBe(true)
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThanOrEqual(65_536)
  })
})
