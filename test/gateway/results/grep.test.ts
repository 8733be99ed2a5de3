import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { grep } from '../../../src/gateway/results/apart/grep.ts'
import { temporaryFolder } from '../../support/gateway.ts'

const file = join(temporaryFolder().path, 'text')

function found(text: string, pattern: string, options: { from?: number; hits?: number; tokens?: number; before?: string } = {}) {
  const { from = 0, hits = 1_000, tokens = 100_000, before = '' } = options
  writeFileSync(file, before + text)
  const slice = { file, start: Buffer.byteLength(before), bytes: Buffer.byteLength(text) }
  return grep({ op: 'grep', slice, pattern, from, hits, tokens }) as { text: string; note?: string; problem?: string }
}

describe('grep', () => {
  it('gives each line that matches, and where it begins', () => {
    expect(found('one\ntwo\r\nthree two\n', '^two$|thr')).toEqual({ text: '4: two\n9: three two' })
    expect(found('ümlaut\nx', 'x')).toEqual({ text: '8: x' })
  })

  it('looks at nothing outside the slice', () => {
    expect(found('b\n', 'a|b', { before: 'a\na\n' })).toEqual({ text: '0: b' })
  })

  it('goes on from an offset, and says how', () => {
    const text = 'hit 1\nmiss\nhit 2\nhit 3\nhit 4\n'
    expect(found(text, 'hit', { hits: 2 })).toEqual({ text: '0: hit 1\n11: hit 2', note: '2 more hits; go on with offset 17.' })
    expect(found(text, 'hit', { from: 17 })).toEqual({ text: '17: hit 3\n23: hit 4' })
  })

  it('gives the first hit however little room there is', () => {
    expect(found('hit one\nhit two\n', 'hit', { tokens: 1 })).toEqual({
      text: '0: hit one',
      note: '1 more hits; go on with offset 8.',
    })
  })

  it('shows of a long line what is around each hit', () => {
    const text = `${'é'.repeat(1_000)}needle${'y'.repeat(1_000)}needle${'z'.repeat(10)}`
    const { text: shown } = found(text, 'needle')
    expect(shown.split('\n')).toEqual([
      `2000: …${'é'.repeat(100)}needle${'y'.repeat(100)}…`,
      `3006: …${'y'.repeat(100)}needle${'z'.repeat(10)}`,
    ])
  })

  it('loses no line at the seams of what it reads at once', () => {
    const lines = Array.from({ length: 100_000 }, (_, i) => `line ${i} 😀 ${'pad '.repeat(i % 13)}`)
    const text = lines.join('\n')
    expect(Buffer.byteLength(text)).toBeGreaterThan(3_000_000)
    const { text: shown } = found(text, 'line \\d', { hits: 200_000, tokens: 1e9 })
    expect(shown.split('\n').map((line) => line.replace(/^\d+: /, ''))).toEqual(lines)
  })

  it('reads a line of several megabytes in pieces', () => {
    const text = `${'x'.repeat(2_500_000)}needle${'😀'.repeat(500_000)}needle`
    const offsets = found(text, 'needle')
      .text.split('\n')
      .map((line) => Number(line.split(':')[0]))
    expect(offsets).toEqual([2_500_000, 2_500_006 + 2_000_000])
  })

  it('matches what is empty once a line', () => {
    expect(found('a\n\nb\n', '^$')).toEqual({ text: '2: ' })
  })

  it('says that nothing matches, or what is wrong with the pattern', () => {
    expect(found('a\n', 'b')).toEqual({ text: 'Nothing matches.' })
    expect(found('a\n', '[z-a]').problem).toContain('The pattern is no RE2 expression: invalid character class range')
    expect(found('a\n', '(a)\\1').problem).toContain('no back references')
  })
})
