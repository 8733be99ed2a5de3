/** Durations and sizes as people write them. */
import { describe, expect, test } from 'vitest'
import { duration, formatDuration, formatSpan, parseDuration } from '../../src/std/duration.ts'
import { formatSize } from '../../src/std/format-size.ts'
import { parseSize, size } from '../../src/std/size.ts'

describe('a duration', () => {
  test.each([
    ['250ms', 250],
    ['30s', 30_000],
    ['1.5s', 1_500],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    ['0s', 0],
  ])('%s is %d milliseconds', (source, ms) => {
    expect(parseDuration(source)).toBe(ms)
    expect(duration.parse(source)).toBe(ms)
  })

  test.each(['', '30', 's', '30 s', '-1s', '1h30m', '30S', '1e3s'])('%j is none', (source) => {
    expect(parseDuration(source)).toBeUndefined()
    expect(duration.safeParse(source).success).toBe(false)
  })

  test.each(['250ms', '1500ms', '30s', '90s', '5m', '2h', '1d', '0ms'])('%s is written as it was read', (source) => {
    expect(formatDuration(parseDuration(source) as number)).toBe(source)
  })
})

describe('a size', () => {
  test.each([
    ['512B', 512],
    ['4KB', 4_096],
    ['1.5 KB', 1_536],
    ['4mb', 4_194_304],
    ['1GB', 1_073_741_824],
  ])('%s is %d bytes', (source, bytes) => {
    expect(parseSize(source)).toBe(bytes)
    expect(size.parse(source)).toBe(bytes)
  })

  test.each(['', '4', 'MB', '-1MB', '4TB', '4 megabytes'])('%j is none', (source) => {
    expect(parseSize(source)).toBeUndefined()
    expect(size.safeParse(source).success).toBe(false)
  })
})

describe('for people', () => {
  test.each([
    [0, '0s'],
    [59.9, '59s'],
    [60, '1m'],
    [185, '3m 5s'],
    [3_605, '1h'],
    [97_265, '1d 3h'],
  ])('a span of %d seconds is %s', (seconds, text) => {
    expect(formatSpan(seconds)).toBe(text)
  })

  test.each([
    [0, '0 B'],
    [512, '512 B'],
    [1_536, '1.5 KB'],
    [10 * 1_048_576, '10 MB'],
    [66.6 * 1_048_576, '67 MB'],
    [1.5 * 1_073_741_824, '1.5 GB'],
  ])('a size of %d bytes is %s', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text)
  })
})
