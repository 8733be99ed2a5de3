/** Instructions of all servers fit the budget, share it fairly and are never cut inside a character. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { joinInstructions } from '../../src/catalog/instructions.ts'

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.constantFrom('', ' \n', '日本語'.repeat(50), '🙂'.repeat(60)),
)
const parts = fc.array(fc.record({ server: fc.stringMatching(/^[a-z]{1,12}$/), text }), {
  maxLength: 12,
})

describe('joined instructions', () => {
  test('never take more than the budget, whatever the budget is', () => {
    fc.assert(
      fc.property(parts, fc.nat(2_000), (all, bytesMax) => {
        expect(Buffer.byteLength(joinInstructions(all, bytesMax) ?? '')).toBeLessThanOrEqual(bytesMax)
      }),
      { numRuns: 1_000 },
    )
  })

  test('are never cut inside a character', () => {
    fc.assert(
      fc.property(parts, fc.nat(2_000), (all, bytesMax) => {
        const joined = joinInstructions(all, bytesMax) ?? ''
        expect(Buffer.from(joined).toString()).toBe(joined)
        if (!all.some((one) => one.text.includes('\ufffd'))) expect(joined).not.toContain('\ufffd')
      }),
      { numRuns: 1_000 },
    )
  })

  test('are whole and in order where there is room', () => {
    const all = [
      { server: 'a', text: ' Be kind. ' },
      { server: 'b', text: 'Be brief.' },
      { server: 'c', text: '  ' },
    ]
    expect(joinInstructions(all, 1_000)).toBe('# a\nBe kind.\n\n# b\nBe brief.')
  })

  test('are cut at the longest first', () => {
    const joined = joinInstructions(
      [
        { server: 'a', text: 'short' },
        { server: 'b', text: 'x'.repeat(1_000) },
      ],
      100,
    ) as string
    expect(joined).toContain('# a\nshort\n\n# b\nxxx')
    expect(joined.endsWith('xxx […]')).toBe(true)
    expect(Buffer.byteLength(joined)).toBeGreaterThan(90)
  })

  test('of no server, or in no room, are none', () => {
    expect(joinInstructions([], 100)).toBeUndefined()
    expect(joinInstructions([{ server: 'a', text: 'x' }], 0)).toBeUndefined()
  })

  test('of so many servers that not even their names fit keep to the budget, the first ones staying', () => {
    const all = Array.from({ length: 500 }, (_, at) => ({ server: `server-${at}`, text: 'Some words to say.' }))
    const joined = joinInstructions(all, 200) as string
    expect(Buffer.byteLength(joined)).toBeLessThanOrEqual(200)
    expect(joined.startsWith('# server-0\n')).toBe(true)
  })
})
