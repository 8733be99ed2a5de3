/** Goes through a JSON Schema: changes every schema in it, and finds what a reference points at. */

export type Schema = Readonly<Record<string, unknown>>

const ONE = new Set([
  'items',
  'additionalItems',
  'additionalProperties',
  'unevaluatedItems',
  'unevaluatedProperties',
  'contains',
  'propertyNames',
  'contentSchema',
  'not',
  'if',
  'then',
  'else',
])
const LIST = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems', 'items'])
const MAP = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'])

/** The keywords that point at another schema. */
export const REFERENCES = ['$ref', '$dynamicRef', '$recursiveRef']

/** What lies deeper says nothing any more: no model reads it, and a schema that holds itself must end. */
const DEPTH_MAX = 60

export function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Changes every schema, the inner ones first. The very same object comes back where nothing has changed. */
export function eachSchema(schema: Schema, change: (one: Schema) => Schema, depth = 0): Schema {
  return change(eachInner(schema, (inner) => (depth >= DEPTH_MAX ? {} : eachSchema(inner, change, depth + 1))))
}

/** Changes the schemas that stand directly in this one. */
export function eachInner(schema: Schema, change: (one: Schema, key: string) => Schema): Schema {
  let changed = false
  const one = (value: unknown, key: string): unknown => {
    const next = isSchema(value) ? change(value, key) : value
    if (next !== value) changed = true
    return next
  }
  const entries = Object.entries(schema).map(([key, value]): [string, unknown] => {
    if (MAP.has(key) && isSchema(value)) {
      return [key, Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, one(inner, key)]))]
    }
    if (LIST.has(key) && Array.isArray(value)) return [key, value.map((inner) => one(inner, key))]
    return [key, ONE.has(key) ? one(value, key) : value]
  })
  // Not by assignment: a key `__proto__` is one like any other.
  return changed ? Object.fromEntries(entries) : schema
}

/** The schema with other members; those that are undefined are taken away. The same object where nothing differs. */
export function withMembers(schema: Schema, members: Record<string, unknown>): Schema {
  const differs = Object.entries(members).some(([key, value]) =>
    value === undefined ? Object.hasOwn(schema, key) : schema[key] !== value,
  )
  if (!differs) return schema
  return Object.fromEntries(Object.entries({ ...schema, ...members }).filter(([, value]) => value !== undefined))
}

/** The schema without some members. */
export function without(schema: Schema, keys: readonly string[]): Schema {
  return withMembers(schema, Object.fromEntries(keys.map((key) => [key, undefined])))
}

/** The schema with a sentence behind its description, unless it says so already. */
export function described(schema: Schema, sentence: string): Schema {
  const { description } = schema
  const before = typeof description === 'string' ? description.trimEnd() : ''
  if (before.includes(sentence)) return schema
  return withMembers(schema, { description: before ? `${before}${/[.!?:)]$/.test(before) ? '' : '.'} ${sentence}` : sentence })
}

/** What a reference points at in its document, by JSON pointer or anchor; undefined for other documents and for nothing. */
export function target(ref: string, root: Schema): unknown {
  if (ref === '#') return root
  if (!ref.startsWith('#/')) return ref.startsWith('#') ? anchored(ref.slice(1), root) : undefined
  let at: unknown = root
  for (const part of ref.slice(2).split('/')) {
    const key = decoded(part).replaceAll('~1', '/').replaceAll('~0', '~')
    at = typeof at === 'object' && at !== null && Object.hasOwn(at, key) ? (at as Schema)[key] : undefined
  }
  return at
}

/** Anchors stand in definitions; nobody was seen to write them elsewhere. */
function anchored(name: string, root: Schema): unknown {
  const places = [root, ...['$defs', 'definitions'].flatMap((key) => (isSchema(root[key]) ? Object.values(root[key]) : []))]
  return places.find((one) => isSchema(one) && (one.$anchor === name || one.$dynamicAnchor === name))
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    // A percent sign that belongs to the name itself.
    return part
  }
}

/** A list of texts, whatever stands there. */
export function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []
}

/** A list of schemas, whatever stands there; `true` and `false` are schemas too. */
export function schemas(value: unknown): (Schema | boolean)[] {
  return Array.isArray(value) ? value.filter((one) => isSchema(one) || typeof one === 'boolean') : []
}

/** Named schemas, whatever stands there. */
export function named(value: unknown): Schema {
  return isSchema(value) ? value : {}
}
