/** Sizes as people write them (`512KB`, `4MB`, `1GB`; powers of 1,024), held as bytes. */
import * as z from 'zod'

const UNITS: Record<string, number> = { B: 1, KB: 1_024, MB: 1_048_576, GB: 1_073_741_824 }
const PATTERN = /^(\d+(?:\.\d+)?) ?(B|KB|MB|GB)$/i

export function parseSize(source: string): number | undefined {
  const match = PATTERN.exec(source.trim())
  return match ? Math.floor(Number(match[1]) * (UNITS[(match[2] as string).toUpperCase()] as number)) : undefined
}

/** A size for people: `512 B`, `1.5 MB`, `88 MB`. */
export function formatSize(bytes: number): string {
  const [unit, one] = Object.entries(UNITS).findLast(([, least]) => bytes >= least) ?? ['B', 1]
  const count = bytes / one
  return `${count < 10 && one > 1 ? count.toFixed(1) : Math.round(count)} ${unit}`
}

/** The zod type of a size: a text in, bytes out. */
export const size = z
  .string()
  .regex(PATTERN, 'expected a size such as 512KB, 4MB or 1GB')
  .transform((source) => parseSize(source) as number)
