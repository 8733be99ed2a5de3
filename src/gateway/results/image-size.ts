/** How large a kept picture is, in pixels. */
import { readBytes } from './slice.ts'
import type { Slice } from './store.ts'

/** Pictures say their size within so many bytes; photographs may have a preview of themselves before it. */
const HEADER_BYTES_MAX = 524_288

/** Undefined where it is of a format that we do not know, or is damaged. */
export async function imageSize(part: Slice): Promise<{ width: number; height: number } | undefined> {
  const { imageSize: measure } = await import('image-size')
  try {
    return measure(await readBytes(part, 0, HEADER_BYTES_MAX))
  } catch {
    // What is no picture has no size.
    return undefined
  }
}
