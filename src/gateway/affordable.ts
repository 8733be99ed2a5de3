/** Chooses among the tools that are used most those that a list has room for. */
import { estimateTokens } from '../observe/tokens.ts'

/** The definitions of the tools with such names, in the order of the catalog. */
export type Definitions = (chosen: (exposed: string) => boolean) => string[]

/** The definitions of those tools that fit the room, the first names first. */
export function affordable(definitions: Definitions, names: readonly string[], room: number): string[] {
  const chosen = new Set<string>()
  let left = room
  for (const name of names) {
    left -= estimateTokens(definitions((one) => one === name).join())
    if (left < 0) break
    chosen.add(name)
  }
  return definitions((name) => chosen.has(name))
}
