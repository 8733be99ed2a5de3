/** A stream gives the same lines wherever it is cut, and a line without end costs no more than the limit. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LineSplitter } from '../../src/std/lines.ts'
import { cutting, someCuts } from '../protocol/json-text.ts'

type Seen = (string | number)[]

/** The lines, and `-1` for each that was too long. */
function split(chunks: readonly Buffer[], bytesMax: number): Seen {
  const seen: Seen = []
  const splitter = new LineSplitter(bytesMax, {
    line: (line) => seen.push(line.toString('latin1')),
    overflow: () => seen.push(-1),
  })
  for (const chunk of chunks) splitter.push(chunk)
  return seen
}

function oracle(bytes: Buffer, bytesMax: number): Seen {
  const lines = bytes.toString('latin1').split('\n')
  const unfinished = lines.pop() as string
  return [...lines.map((line) => (line.length > bytesMax ? -1 : line)), ...(unfinished.length > bytesMax ? [-1] : [])]
}

const bytesOf = fc
  .array(fc.oneof(fc.constant(10), fc.constant(10), fc.constant(13), fc.nat(255), fc.constant(97)), { maxLength: 120 })
  .map((all) => Buffer.from(all))

describe('lines', () => {
  test('are those between the line feeds, for any cut and any limit', () => {
    fc.assert(
      fc.property(bytesOf, someCuts, fc.integer({ min: 0, max: 30 }), (bytes, cuts, bytesMax) => {
        expect(split(cutting(bytes, cuts), bytesMax)).toEqual(oracle(bytes, bytesMax))
      }),
      { numRuns: 1_500 },
    )
  })

  test('that are too long are told at once, not at their end, and only once', () => {
    const seen: number[] = []
    const splitter = new LineSplitter(10, { line: () => seen.push(0), overflow: (bytes) => seen.push(bytes) })
    for (let i = 0; i < 100; i++) splitter.push(Buffer.from('xxxx'))
    expect(seen).toEqual([12])
  })

  test('a line that came in one chunk is not copied', () => {
    const chunk = Buffer.from('a line\n')
    const seen: unknown[] = []
    const splitter = new LineSplitter(100, { line: (line) => seen.push(line.buffer), overflow: (bytes) => seen.push(bytes) })
    splitter.push(chunk)
    expect(seen).toEqual([chunk.buffer])
    expect(seen[0]).toBe(chunk.buffer)
  })
})
