/** Durations as people write them (`250ms`, `30s`, `5m`, `2h`, `1d`), held as milliseconds. */
import * as z from 'zod'

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const PATTERN = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/

export function parseDuration(source: string): number | undefined {
  const match = PATTERN.exec(source.trim())
  return match ? Number(match[1]) * (UNITS[match[2] as string] as number) : undefined
}

export function formatDuration(ms: number): string {
  for (const [unit, size] of Object.entries(UNITS).reverse()) if (ms >= size && ms % size === 0) return `${ms / size}${unit}`
  return `${ms}ms`
}

/** The two largest units of a span of time, for people: `42s`, `3m 5s`, `2d 4h`. */
export function formatSpan(seconds: number): string {
  const units: [string, number][] = [
    ['d', Math.floor(seconds / 86_400)],
    ['h', Math.floor(seconds / 3_600) % 24],
    ['m', Math.floor(seconds / 60) % 60],
    ['s', Math.floor(seconds) % 60],
  ]
  const first = units.findIndex(([, count]) => count > 0)
  const shown = first < 0 ? units.slice(-1) : units.slice(first, first + 2)
  return shown
    .filter(([, count], index) => index === 0 || count > 0)
    .map(([unit, count]) => `${count}${unit}`)
    .join(' ')
}

/** The zod type of a duration: a text in, milliseconds out. */
export const duration = z
  .string()
  .regex(PATTERN, 'expected a duration such as 250ms, 30s, 5m or 2h')
  .transform((source) => parseDuration(source) as number)
