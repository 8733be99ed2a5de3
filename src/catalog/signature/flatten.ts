/** Makes one plain schema of one that is spread over `$ref` and `allOf`. */
import { objectOf } from '../tool.ts'

export type Schema = Readonly<Record<string, unknown>>

/** What a schema is read in: the document that `$ref` points into, and how much may still be looked at. */
export interface Scope {
  readonly root: Schema
  left: number
  /** How deep in the type that is being written. */
  depth: number
}

/** More than real tools have, and little enough that a schema which multiplies itself by references costs nothing. */
const SCHEMAS_MAX = 2_000

/** `$ref`s that lead to `$ref`s, and `allOf`s in `allOf`s. */
const CHAIN_MAX = 12

export function openScope(root: unknown): Scope {
  return { root: objectOf(root), left: SCHEMAS_MAX, depth: 0 }
}

/** The schema without `$ref` and `allOf` at its top. What cannot be found, or leads back to itself, says nothing. */
export function flatten(schema: Schema, scope: Scope, depth = 0): Schema {
  scope.left--
  if (depth > CHAIN_MAX || scope.left < 0) return {}
  const { $ref, allOf, ...rest } = schema
  const parts: Schema[] = [rest]
  if (typeof $ref === 'string') parts.push(flatten(target($ref, scope.root), scope, depth + 1))
  if (Array.isArray(allOf)) for (const part of allOf) parts.push(flatten(objectOf(part), scope, depth + 1))
  return parts.length === 1 ? rest : parts.reduce(both)
}

/** A schema in the same document by its JSON pointer; other documents are nowhere. */
function target(ref: string, root: Schema): Schema {
  if (!ref.startsWith('#')) return {}
  let at: unknown = root
  for (const part of ref.slice(1).split('/').slice(1)) {
    const key = decoded(part).replaceAll('~1', '/').replaceAll('~0', '~')
    at = typeof at === 'object' && at !== null && Object.hasOwn(at, key) ? (at as Schema)[key] : undefined
  }
  return objectOf(at)
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    // A percent sign that belongs to the name itself.
    return part
  }
}

/** What holds where both schemas hold, as far as a reader needs it: the members of both, and of a contradiction the first. */
function both(a: Schema, b: Schema): Schema {
  const merged: Record<string, unknown> = { ...b, ...a }
  if (a.properties && b.properties) merged.properties = { ...objectOf(b.properties), ...objectOf(a.properties) }
  if (Array.isArray(a.required) && Array.isArray(b.required)) merged.required = [...new Set([...a.required, ...b.required])]
  // Two choices at once cannot be told as one; the second is told of as something left out.
  if ((a.anyOf || a.oneOf) && (b.anyOf || b.oneOf)) merged.not ??= {}
  return merged
}
