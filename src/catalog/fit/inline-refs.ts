/** Puts what references point at in their place, so that a schema needs no definitions beside it. */
import { both, typesOf } from './merge.ts'
import { described, eachInner, isSchema, REFERENCES, type Schema, target, without } from './walk.ts'

const DEFINITIONS = ['$defs', 'definitions', '$anchor', '$dynamicAnchor', '$recursiveAnchor']

/** More than real tools need, and little enough that references which multiply each other cost nothing. */
const SCHEMAS_MAX = 500
const DEPTH_MAX = 24

interface Expansion {
  readonly root: Schema
  /** Schemas that may still be put in a place. */
  left: number
}

/**
 * The schema without references and definitions. One that leads back to where it stands is cut there and says so; one that leads
 * nowhere allows anything.
 */
export function inlineRefs(root: Schema): Schema {
  return expand(root, { root, left: SCHEMAS_MAX }, ['#'])
}

function expand(schema: Schema, expansion: Expansion, within: readonly string[]): Schema {
  const ref = refOf(schema)
  const bare = without(schema, [...DEFINITIONS, ...REFERENCES])
  const beside = eachInner(bare, (inner) => expand(inner, expansion, within))
  if (ref === undefined) return beside
  const found = target(ref, expansion.root)
  if (!isSchema(found)) return beside
  if (within.includes(ref) || within.length >= DEPTH_MAX || expansion.left <= 0) return both(beside, cut(ref, found))
  expansion.left -= weight(found)
  return both(beside, expand(found, expansion, [...within, ref]))
}

function refOf(schema: Schema): string | undefined {
  return REFERENCES.map((key) => schema[key]).find((one) => typeof one === 'string')
}

/** What is left of a schema that would hold itself. */
function cut(ref: string, found: Schema): Schema {
  const [type] = typesOf(found)
  const name = ref.split('/').at(-1)
  return described(type === undefined ? {} : { type }, name && name !== '#' ? `${name}, as described above.` : 'The same again.')
}

/** How many schemas stand in one, about. */
function weight(schema: Schema): number {
  let count = 1
  eachInner(schema, (inner) => {
    count++
    return inner
  })
  return count
}
