/** Reads texts out of values of which nobody has checked what they are. */
import { isTree } from '../formats/format.ts'

/** The texts of a list; none where it is no list. */
export function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

/** A text, number or switch as a text: people write `PORT: 8080`. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

/** A map of texts, without what is none. */
export function textMap(value: unknown): [string, string][] {
  if (!isTree(value)) return []
  return Object.entries(value).flatMap(([key, item]): [string, string][] => {
    const text = asText(item)
    return text === undefined ? [] : [[key, text]]
  })
}
