/** Takes out of a schema what JSON Schema 2020-12 does not allow, and mends what is plainly meant. */
import { eachSchema, isSchema, REFERENCES, type Schema, schemas, target, texts, withMembers, without } from './walk.ts'

const TYPES = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'])

/** References that lead to references. */
const CHAIN_MAX = 12

/** Words of programming languages for the types of JSON. */
const MEANT: Record<string, string> = {
  str: 'string',
  text: 'string',
  date: 'string',
  datetime: 'string',
  int: 'integer',
  int32: 'integer',
  int64: 'integer',
  long: 'integer',
  float: 'number',
  double: 'number',
  decimal: 'number',
  bool: 'boolean',
  list: 'array',
  tuple: 'array',
  dict: 'object',
  map: 'object',
  record: 'object',
  none: 'null',
}

/** By keyword: whether a value is of the kind that it takes. */
const KINDS: Record<string, (value: unknown) => boolean> = {
  ...kinds(isSchema, ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas', 'dependentRequired']),
  ...kinds(
    (value) => isSchema(value) || typeof value === 'boolean',
    [
      'items',
      'additionalItems',
      'additionalProperties',
      'unevaluatedItems',
      'unevaluatedProperties',
      'contains',
      'propertyNames',
      'not',
      'if',
      'then',
      'else',
    ],
  ),
  ...kinds(
    (value) => Array.isArray(value) && value.length > 0 && schemas(value).length === value.length,
    ['allOf', 'anyOf', 'oneOf', 'prefixItems'],
  ),
  ...kinds(
    (value) => Number.isSafeInteger(value) && (value as number) >= 0,
    ['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties', 'minContains', 'maxContains'],
  ),
  ...kinds(Number.isFinite, ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum']),
  ...kinds(
    (value) => typeof value === 'string',
    ['title', 'description', 'format', '$ref', '$id', '$schema', '$anchor', '$comment'],
  ),
  ...kinds((value) => typeof value === 'boolean', ['readOnly', 'writeOnly', 'deprecated', 'uniqueItems']),
  multipleOf: (value) => Number.isFinite(value) && (value as number) > 0,
  enum: (value) => Array.isArray(value) && value.length > 0,
  pattern: (value) => typeof value === 'string' && isPattern(value),
}

export function validSchema(root: Schema): Schema {
  return eachSchema(root, (schema) => wellTyped(referring(kept(tupled(bounded(schema))), root)))
}

function kinds(fits: (value: unknown) => boolean, keys: readonly string[]): Record<string, (value: unknown) => boolean> {
  return Object.fromEntries(keys.map((key) => [key, fits]))
}

/** Without what is of the wrong kind. */
function kept(schema: Schema): Schema {
  const wrong = Object.entries(schema).filter(([key, value]) => Object.hasOwn(KINDS, key) && !KINDS[key]?.(value))
  const cleaned = withMembers(schema, Object.fromEntries(wrong.map(([key]) => [key, undefined])))
  if (schema.required === undefined) return cleaned
  const required = [...new Set(texts(schema.required))]
  const whole = Array.isArray(schema.required) && schema.required.length === required.length
  return whole ? cleaned : withMembers(cleaned, { required: required.length > 0 ? required : undefined })
}

/** Without references to nowhere, and to other documents: nobody who reads the list has those. */
function referring(schema: Schema, root: Schema): Schema {
  const lost = REFERENCES.filter((key) => typeof schema[key] === 'string' && !leadsSomewhere(schema[key], root))
  return without(schema, lost)
}

/** Whether a reference, and those that it leads to at once, end at a schema. */
function leadsSomewhere(ref: string, root: Schema): boolean {
  let found = target(ref, root)
  for (let step = 0; step < CHAIN_MAX && isSchema(found) && typeof found.$ref === 'string'; step++)
    found = target(found.$ref, root)
  return typeof found === 'boolean' || (isSchema(found) && typeof found.$ref !== 'string')
}

/** Older drafts say `exclusiveMinimum: true` beside `minimum`. */
function bounded(schema: Schema): Schema {
  const { exclusiveMinimum, exclusiveMaximum, minimum, maximum } = schema
  return withMembers(schema, {
    ...(exclusiveMinimum === true && { exclusiveMinimum: minimum, minimum: undefined }),
    ...(exclusiveMaximum === true && { exclusiveMaximum: maximum, maximum: undefined }),
  })
}

/** Older drafts list the types of a tuple in `items`. */
function tupled(schema: Schema): Schema {
  const { items, additionalItems } = schema
  if (!Array.isArray(items)) return schema
  const prefix = schemas(items).map((one) => (typeof one === 'boolean' ? {} : one))
  return withMembers(schema, {
    items: additionalItems,
    additionalItems: undefined,
    prefixItems: prefix.length > 0 ? prefix : undefined,
  })
}

function wellTyped(schema: Schema): Schema {
  const { type } = schema
  if (type === undefined) return schema
  if (typeof type === 'string') return TYPES.has(type) ? schema : withMembers(schema, { type: meant(type) })
  const known = [...new Set(texts(type).flatMap((one) => meant(one) ?? []))]
  const same = Array.isArray(type) && known.length === type.length && known.every((one, at) => one === type[at])
  if (same && known.length > 0) return schema
  return withMembers(schema, { type: known.length > 1 ? known : known[0] })
}

function meant(type: string): string | undefined {
  const word = type.toLowerCase()
  if (TYPES.has(word)) return word
  return Object.hasOwn(MEANT, word) ? MEANT[word] : undefined
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'u')
    return true
  } catch {
    return false
  }
}
