/** Goes through all texts of an entry of `servers:` that may hold a path, a variable or a secret. */
import type { ServerEntry } from './server-entry.ts'

/** Where a text stands in an entry: `['env', 'TOKEN']`, `['args', 2]`, `['url']`. */
export type TextPlace = readonly [keyof ServerEntry, ...(string | number)[]]

/** The entry with every text replaced by what `change` makes of it. */
export function mapTexts(entry: ServerEntry, change: (text: string, place: TextPlace) => string): ServerEntry {
  const changed: ServerEntry = { ...entry }
  for (const key of ['command', 'cwd', 'url'] as const) {
    const text = entry[key]
    if (text !== undefined) changed[key] = change(text, [key])
  }
  if (entry.args) changed.args = entry.args.map((arg, i) => change(arg, ['args', i]))
  for (const key of ['env', 'headers'] as const) {
    const map = entry[key]
    if (map) changed[key] = Object.fromEntries(Object.entries(map).map(([name, text]) => [name, change(text, [key, name])]))
  }
  return changed
}

/** All texts of an entry, each with its place. */
export function textsOf(entry: ServerEntry): { text: string; place: TextPlace }[] {
  const found: { text: string; place: TextPlace }[] = []
  mapTexts(entry, (text, place) => {
    found.push({ text, place })
    return text
  })
  return found
}
