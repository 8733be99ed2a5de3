import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { excerpt, lastLines } from '../../../src/gateway/results/slice.ts'
import { temporaryFolder } from '../../support/gateway.ts'

const file = join(temporaryFolder().path, 'slice')

function slice(text: string) {
  writeFileSync(file, `before ${text} behind`)
  return { file, start: 7, bytes: Buffer.byteLength(text) }
}

describe('an excerpt', () => {
  it('and those that go on from it are the whole text, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        fc.integer({ min: 4, max: 20 }),
        fc.integer({ min: 3, max: 20 }),
        async (text, bytes, tokens) => {
          const one = slice(text)
          let whole = ''
          for (let from = 0; from < one.bytes; ) {
            const part = await excerpt(one, from, { bytes, tokens })
            expect(part.from).toBe(from)
            expect(Buffer.byteLength(part.text)).toBe(part.to - part.from)
            whole += part.text
            if (part.to === from) throw new Error('it does not go on')
            from = part.to
          }
          expect(whole).toBe(text)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('from the middle of a character begins with the next one, and says so', async () => {
    expect(await excerpt(slice('a😀b'), 2, { bytes: 10, tokens: 10 })).toEqual({ text: 'b', from: 5, to: 6 })
  })

  it('behind the end is empty', async () => {
    expect(await excerpt(slice('abc'), 3, { bytes: 10, tokens: 10 })).toEqual({ text: '', from: 3, to: 3 })
  })
})

describe('the last lines', () => {
  it.each([
    ['a\nb\nc\n', 2, 'b\nc\n'],
    ['a\nb\nc', 2, 'b\nc'],
    ['a\nb\nc\n', 9, 'a\nb\nc\n'],
    ['one line', 3, 'one line'],
    ['\n\n\n', 2, '\n\n'],
    ['', 2, ''],
  ])('of %j, %i of them', async (text, lines, expected) => {
    const one = slice(text)
    expect(await lastLines(one, { lines, tokens: 100 })).toEqual({
      text: expected,
      from: one.bytes - Buffer.byteLength(expected),
      to: one.bytes,
    })
  })

  it('are as many as there is room for, and a piece of the last where it alone is too long', async () => {
    const long = `first\n${'word '.repeat(1_000)}\nlast`
    expect((await lastLines(slice(long), { lines: 5, tokens: 50 })).text).toBe('last')
    const { text } = await lastLines(slice('word '.repeat(1_000)), { lines: 5, tokens: 50 })
    expect(text.length).toBe(100)
  })
})
