/** Makes a schema fit for a client: a pure function of the schema and of what the client cannot take. */
import type { Facts } from './fit.ts'
import { obstacle, PASS_NAMES, PASSES, type PassName } from './passes.ts'
import { isSchema, type Schema } from './walk.ts'

export interface Lowered {
  schema: Schema
  /** What was done, in the order in which it was done; empty where the schema is the very same object. */
  changes: PassName[]
  /** Why the tool cannot be shown even so. */
  problem: string | undefined
}

/** After so many rounds a schema is taken as it is; real ones are settled after the first. */
const ROUNDS_MAX = 4

/**
 * The schema of a tool's arguments as the client can take it. Never throws, and always gives an object. Lowering what is lowered
 * changes nothing: one pass may leave work for an earlier one, so that they are made again until all of them are content.
 */
export function lower(schema: unknown, { passes: asked = [], formats = [] }: Facts): Lowered {
  const wanted = new Set(asked)
  const passes = PASS_NAMES.filter((name) => wanted.has(name))
  const changes = new Set<PassName>()
  let lowered: Schema = isSchema(schema) ? schema : { type: 'object' }
  if (lowered !== schema) changes.add('object')
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const before = lowered
    for (const name of passes) {
      const next = PASSES[name].run(lowered, formats)
      if (next !== lowered) changes.add(name)
      lowered = next
    }
    if (lowered === before) break
  }
  return { schema: lowered, changes: PASS_NAMES.filter((name) => changes.has(name)), problem: obstacle(schema, lowered, asked) }
}
