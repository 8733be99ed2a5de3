/** The names that clients see: `server__tool`, within every client's limits, and the same whatever else is configured. */
import { createHash } from 'node:crypto'

const SEPARATOR = '__'
const HASH_LENGTH = 4

/**
 * The exposed name of a tool or prompt: `[A-Za-z0-9_-]`, at most `lengthMax` characters. It depends on nothing but the two
 * names; where characters had to be replaced or cut, a hash of the original keeps it apart from its likes.
 */
export function exposedName(server: string, name: string, lengthMax: number): string {
  const original = `${server}${SEPARATOR}${name}`
  const clean = original.replace(/[^A-Za-z0-9_-]/g, '_')
  // Behind a server name that ends in an underscore nobody could tell where the tool's name begins.
  if (clean === original && clean.length <= lengthMax && !server.endsWith('_')) return clean
  return `${clean.slice(0, lengthMax - HASH_LENGTH - 1)}_${hash(`${server} ${name}`).slice(0, HASH_LENGTH)}`
}

/** How the exposed names of a server begin, long ones aside. */
export function exposedPrefix(server: string): string {
  return `${server}${SEPARATOR}`.replace(/[^A-Za-z0-9_-]/g, '_')
}

/** A name for the unlikely case that `exposedName` gave two tools of one server the same one. */
export function nextName(name: string, original: string, taken: (name: string) => boolean): string {
  const digits = hash(original)
  for (let length = HASH_LENGTH + 1; length <= digits.length; length++) {
    const candidate = `${name.slice(0, -length)}${digits.slice(0, length)}`
    if (!taken(candidate)) return candidate
  }
  return name
}

function hash(text: string): string {
  return BigInt(`0x${createHash('sha256').update(text).digest('hex')}`).toString(36)
}
