/** The scanner and JSON.parse agree on what is JSON, whatever the bytes are. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { eachElement, eachMember, readString, skipSpace, skipValue } from '../../src/protocol/scan.ts'
import { jsonText } from './json-text.ts'

/** Whether the bytes are one JSON value with nothing but white space around it. */
function scans(bytes: Buffer): boolean {
  const end = skipValue(bytes, skipSpace(bytes, 0))
  return end >= 0 && skipSpace(bytes, end) === bytes.length
}

function parses(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString('utf8'))
    return true
  } catch {
    return false
  }
}

describe('what is JSON', () => {
  test('any JSON text is accepted to its exact end', () => {
    fc.assert(
      fc.property(jsonText, fc.constantFrom('', ' ', ',', ']', '}', '"', '0'), (text, rest) => {
        // A number goes on with a digit: that would be another value.
        fc.pre(!/^[-\d]/.test(text) || rest !== '0')
        expect(skipValue(Buffer.from(text + rest), 0)).toBe(Buffer.byteLength(text))
      }),
      { numRuns: 500 },
    )
  })

  test('JSON with one byte more, less or other is accepted exactly when JSON.parse takes it', () => {
    const byte = fc.oneof(fc.constantFrom(...Buffer.from('{}[]",:\\/0123456789.-+eEtfnu \n\t\0\x1f\x7f')), fc.nat(255))
    fc.assert(
      fc.property(jsonText, fc.nat(), fc.nat(2), byte, (text, place, removed, inserted) => {
        const bytes = Buffer.from(text)
        const at = place % (bytes.length + 1)
        const changed = Buffer.concat([bytes.subarray(0, at), Buffer.from([inserted]), bytes.subarray(at + removed)])
        expect(scans(changed)).toBe(parses(changed))
      }),
      { numRuns: 1_000 },
    )
  })

  test('text of nothing but JSON characters is accepted exactly when JSON.parse takes it', () => {
    const token = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '"a"',
      '\\',
      '-',
      '0',
      '1',
      '.',
      'e',
      'E',
      '+',
      'true',
      'nul',
      ' ',
    )
    fc.assert(
      fc.property(fc.array(token, { maxLength: 9 }), (tokens) => {
        const bytes = Buffer.from(tokens.join(''))
        expect(scans(bytes)).toBe(parses(bytes))
      }),
      { numRuns: 1_000 },
    )
  })

  test('arbitrary bytes, in quotes or not, are accepted exactly when JSON.parse takes them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), fc.boolean(), (raw, quoted) => {
        const bytes = quoted ? Buffer.concat([Buffer.from('"'), raw, Buffer.from('"')]) : Buffer.from(raw)
        expect(scans(bytes)).toBe(parses(bytes))
      }),
      { numRuns: 1_500 },
    )
  })

  test.each([
    '01',
    '-01',
    '1.',
    '.5',
    '-',
    '+1',
    '1e',
    '1e+',
    '1E-',
    '0x10',
    'NaN',
    'Infinity',
    '--1',
    '1.2.3',
    '1e1.5',
    'tru',
    'True',
    'nulll',
    'undefined',
    "'a'",
    '"a',
    'a"',
    '"\\x"',
    '"\\u12"',
    '"\\u12g4"',
    '"\\',
    '"\n"',
    '"\t"',
    '"\0"',
    '[1,]',
    '[,1]',
    '[1 2]',
    '[',
    ']',
    '[1',
    '{"a":1,}',
    '{,}',
    '{"a"}',
    '{"a":}',
    '{a:1}',
    '{"a" 1}',
    '{"a":1 "b":2}',
    '{1:2}',
    '{]',
    '[}',
    '',
    ' ',
    ',',
    ':',
    '// a\n1',
    '/* a */ 1',
    '1 2',
    '\ufeff1',
    '\u00a01',
  ])('%j is none', (text) => {
    expect(scans(Buffer.from(text))).toBe(false)
  })

  test.each([
    '0',
    '-0',
    '0.0',
    '1e5',
    '1E+5',
    '-1.5e-10',
    '"\\u00e9\\/\\b"',
    '""',
    '[]',
    '{}',
    '[[],{}]',
    ' \r\n\t[ ] ',
    '"\x7f"',
    '"\u2028"',
  ])('%j is JSON', (text) => {
    expect(scans(Buffer.from(text))).toBe(true)
  })

  test('nesting is followed to 1,000 levels and refused beyond, however deep it goes', () => {
    const nested = (levels: number): Buffer => Buffer.from('['.repeat(levels) + ']'.repeat(levels))
    expect(scans(nested(1_000))).toBe(true)
    expect(scans(nested(1_001))).toBe(false)
    expect(scans(nested(2_000_000))).toBe(false)
    expect(scans(Buffer.from('{"a":'.repeat(2_000_000)))).toBe(false)
  })
})

describe('walking', () => {
  test('the members of an object are those that JSON.parse sees, each value whole', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        const bytes = Buffer.from(text)
        const value = JSON.parse(text) as unknown
        const seen: [string, unknown][] = []
        const end = eachMember(bytes, 0, (keyStart, keyEnd, at) => {
          const stop = skipValue(bytes, at)
          seen.push([readString(bytes, keyStart, keyEnd), JSON.parse(bytes.toString('utf8', at, stop))])
          return stop
        })
        const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
        expect(end).toBe(isObject ? bytes.length : -1)
        if (isObject) expect(JSON.stringify(Object.fromEntries(seen))).toBe(JSON.stringify(value))
      }),
    )
  })

  test('the elements of an array are those that JSON.parse sees', () => {
    fc.assert(
      fc.property(fc.array(jsonText), fc.constantFrom('', ' ', '\n'), (texts, gap) => {
        const bytes = Buffer.from(`[${gap}${texts.join(`${gap},${gap}`)}${gap}]`)
        const seen: string[] = []
        expect(eachElement(bytes, 0, (start, end) => seen.push(bytes.toString('utf8', start, end)))).toBe(bytes.length)
        expect(seen).toEqual(texts)
      }),
    )
  })
})
