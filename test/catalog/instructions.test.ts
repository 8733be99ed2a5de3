/** Instructions of all servers fit the budget, share it fairly and are never cut inside a character. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type InstructionLimits, joinInstructions } from '../../src/catalog/instructions.ts'

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.constantFrom('', ' \n', '日本語'.repeat(50), '🙂'.repeat(60)),
)
const parts = fc.array(fc.record({ server: fc.stringMatching(/^[a-z]{1,12}$/), text }), {
  maxLength: 12,
})

const within = (all: number): InstructionLimits => ({ server: Number.POSITIVE_INFINITY, all })
const limits = fc.record({
  server: fc.integer({ min: 10, max: 2_000 }),
  all: fc.nat(2_000),
  rest: fc.constantFrom(undefined, () => 'The rest is there.'),
})

describe('joined instructions', () => {
  test('never take more than the budget, whatever the budget is', () => {
    fc.assert(
      fc.property(parts, limits, (all, given) => {
        expect(Buffer.byteLength(joinInstructions(all, given) ?? '')).toBeLessThanOrEqual(given.all)
      }),
      { numRuns: 1_000 },
    )
  })

  test('are never cut inside a character', () => {
    fc.assert(
      fc.property(parts, limits, (all, given) => {
        const joined = joinInstructions(all, given) ?? ''
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
    expect(joinInstructions(all, { ...within(1_000), rest: () => 'The rest is there.' })).toBe('# a\nBe kind.\n\n# b\nBe brief.')
  })

  test('are cut at the longest first', () => {
    const joined = joinInstructions(
      [
        { server: 'a', text: 'short' },
        { server: 'b', text: 'x'.repeat(1_000) },
      ],
      within(100),
    ) as string
    expect(joined).toContain('# a\nshort\n\n# b\nxxx')
    expect(joined.endsWith('xxx […]')).toBe(true)
    expect(Buffer.byteLength(joined)).toBeGreaterThan(90)
  })

  test('of no server, or in no room, are none', () => {
    expect(joinInstructions([], within(100))).toBeUndefined()
    expect(joinInstructions([{ server: 'a', text: 'x' }], within(0))).toBeUndefined()
  })

  test('of so many servers that not even their names fit keep to the budget, the first ones staying', () => {
    const all = Array.from({ length: 500 }, (_, at) => ({ server: `server-${at}`, text: 'Some words to say.' }))
    const joined = joinInstructions(all, within(200)) as string
    expect(Buffer.byteLength(joined)).toBeLessThanOrEqual(200)
    expect(joined.startsWith('# server-0\n')).toBe(true)
  })

  test('of one server take no more than one server may have, however much room there is', () => {
    const all = [
      { server: 'a', text: 'x'.repeat(500) },
      { server: 'b', text: 'short' },
    ]
    const joined = joinInstructions(all, { server: 100, all: 10_000 }) as string
    expect(joined).toMatch(/^# a\nx{80,} \[…\]\n\n# b\nshort$/)
    expect(Buffer.byteLength(joined)).toBeLessThanOrEqual(100 + '# a\n\n\n# b\nshort'.length)
  })

  test('say where the rest is, where something is cut and that has room', () => {
    const all = [{ server: 'a', text: 'x'.repeat(500) }]
    expect(joinInstructions(all, { server: 100, all: 200, rest: () => 'Ask for more.' })).toMatch(/ \[…\]\n\nAsk for more\.$/)
    expect(joinInstructions(all, { server: 1_000, all: 1_000, rest: () => 'Ask for more.' })).not.toContain('Ask')
    expect(joinInstructions(all, { server: 100, all: 20, rest: () => 'Ask for more.' })).toMatch(/^# a\nx* \[…\]$/)
  })
})
