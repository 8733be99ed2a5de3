/** Arbitrary JSON as text, in every spelling that the grammar allows: white space, escapes, key order, names that stand twice. */
import fc from 'fast-check'

/** What a key or a value looks like on the wire. */
export type Text = string

const space = fc.constantFrom('', '', '', '', ' ', '\n', '\t', '\r\n', ' \n\t ')

/** One character of a string, in one of its spellings. */
function spelled(char: string): fc.Arbitrary<Text> {
  const plain = JSON.stringify(char).slice(1, -1)
  const units = [...Array(char.length).keys()].map((at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')
  return fc.constantFrom(plain, plain, plain, plain, units, units.toUpperCase().replaceAll('\\U', '\\u'))
}

/** A given text as JSON, each character in one of its spellings. */
export function stringText(text: string): fc.Arbitrary<Text> {
  return fc.tuple(...[...text].map(spelled)).map((chars) => `"${chars.join('')}"`)
}

const anyString = fc.oneof(
  { weight: 3, arbitrary: fc.string({ maxLength: 8 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 5 }) },
  { weight: 1, arbitrary: fc.constantFrom('__proto__', 'constructor', 'a"b', 'a\\b', 'line\nbreak', '', '\u2028', '\ud800') },
)

export const anyStringText = anyString.chain(stringText)

const SCALARS = [
  'null',
  'true',
  'false',
  '0',
  '-0',
  '1.0',
  '1e5',
  '-12.5E-3',
  '9007199254740993',
  '123456789012345678901234567890',
]

/** Values that the gateway must hand on byte for byte. */
export const scalarText = fc.oneof(fc.constantFrom(...SCALARS), fc.double().filter(Number.isFinite).map(String), anyStringText)

/** An object with these members, in this order, with white space wherever it may be. */
export function objectText(members: fc.Arbitrary<[Text, Text][]>): fc.Arbitrary<Text> {
  return fc.tuple(members, fc.infiniteStream(space)).map(([pairs, spaces]) => {
    const gap = (): string => spaces.next().value as string
    return `{${pairs.map(([key, value]) => `${gap()}${key}${gap()}:${gap()}${value}${gap()}`).join(',')}${gap()}}`
  })
}

function arrayText(elements: fc.Arbitrary<Text[]>): fc.Arbitrary<Text> {
  return fc.tuple(elements, space, space).map(([all, before, after]) => `[${before}${all.join(`${after},${before}`)}${after}]`)
}

/** Any JSON value. */
export const { value: jsonText } = fc.letrec<{ value: Text }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalarText,
    arrayText(fc.array(tie('value'), { maxLength: 4 })),
    objectText(fc.array(fc.tuple(anyStringText, tie('value')), { maxLength: 4 })),
  ),
}))

/** Any object whose members may have these names, more than once and spelled in any way, or others. */
export function objectWith(names: Record<string, fc.Arbitrary<Text>>): fc.Arbitrary<Text> {
  const known = Object.entries(names).map(([name, value]) => fc.tuple(stringText(name), value))
  const other = fc.tuple(anyStringText, jsonText)
  return objectText(fc.array(fc.oneof(...known, ...known, other), { maxLength: 7 }))
}

/** The same bytes in pieces, cut at arbitrary places. */
export function cutting(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b)
  return [0, ...places].map((place, index) => bytes.subarray(place, places[index] ?? bytes.length))
}

export const someCuts = fc.array(fc.nat(), { maxLength: 40 })
