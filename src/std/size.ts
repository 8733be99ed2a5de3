/** Sizes as people write them (`512KB`, `4MB`, `1GB`; powers of 1,024), held as bytes. */
import * as z from 'zod'
import { UNITS } from './format-size.ts'

const PATTERN = /^(\d+(?:\.\d+)?) ?(B|KB|MB|GB)$/i

export function parseSize(source: string): number | undefined {
  const match = PATTERN.exec(source.trim())
  return match ? Math.floor(Number(match[1]) * (UNITS[(match[2] as string).toUpperCase()] as number)) : undefined
}

/** The zod type of a size: a text in, bytes out. */
export const size = z
  .string()
  .regex(PATTERN, 'expected a size such as 512KB, 4MB or 1GB')
  .transform((source) => parseSize(source) as number)
