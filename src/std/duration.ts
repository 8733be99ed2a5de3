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

/** The zod type of a duration: a text in, milliseconds out. */
export const duration = z
  .string()
  .regex(PATTERN, 'expected a duration such as 250ms, 30s, 5m or 2h')
  .transform((source) => parseDuration(source) as number)
