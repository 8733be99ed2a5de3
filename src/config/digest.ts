/** Tells one text from another without keeping either. */
import { createHash } from 'node:crypto'

export function digestOf(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('base64url')
}
