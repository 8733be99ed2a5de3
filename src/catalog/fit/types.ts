/** Says with one type, or with plain alternatives, what schemas say with lists of types, constants and references to nothing. */
import { fixedValues, typesOf } from './merge.ts'
import { eachSchema, isSchema, named, type Schema, schemas, withMembers, without } from './walk.ts'

/** What a keyword is about, where nobody says the type. The first that stands in a schema is the one. */
const IMPLIED: readonly (readonly [type: string, keys: readonly string[]])[] = [
  [
    'object',
    ['properties', 'required', 'additionalProperties', 'patternProperties', 'minProperties', 'maxProperties', 'propertyNames'],
  ],
  ['array', ['items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems', 'contains']],
  ['string', ['pattern', 'minLength', 'maxLength', 'format', 'contentEncoding']],
  ['number', ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']],
]
const COMPOSED = ['anyOf', 'oneOf', 'allOf', '$ref', '$dynamicRef', 'not', 'if']
/** Without `null`: an argument that is null is one that is left out. */
const ANYTHING: Schema = { type: ['string', 'number', 'boolean', 'object', 'array'], items: { type: 'string' } }

/** Adds the type where it is missing: the one that the other keywords mean, else every type there is. */
export function typed(root: Schema): Schema {
  return eachSchema(root, (schema) => {
    if (schema.type !== undefined || COMPOSED.some((key) => Object.hasOwn(schema, key))) return schema
    const types = impliedTypes(schema)
    if (types.length === 0) return withMembers(schema, ANYTHING)
    return withMembers(schema, { type: types.length === 1 ? types[0] : types })
  })
}

function impliedTypes(schema: Schema): string[] {
  const types = new Set(fixedValues(schema)?.map(typeOf))
  if (types.size > 0) return [...types]
  const implied = IMPLIED.find(([, keys]) => keys.some((key) => Object.hasOwn(schema, key)))?.[0]
  if (implied !== undefined) return [implied]
  const { default: usual } = schema
  if (usual === undefined || usual === null) return []
  return [typeof usual === 'number' ? 'number' : typeOf(usual)]
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value === 'number' ? (Number.isInteger(value) ? 'integer' : 'number') : typeof value
}

/** One type instead of several: what may be null is marked `nullable`, and what else there is to choose from is `anyOf`. */
export function singleTyped(root: Schema): Schema {
  return eachSchema(root, (schema) => {
    if (!Array.isArray(schema.type)) return schema
    const types = typesOf(schema).filter((type) => type !== 'null')
    const mark = types.length < schema.type.length ? { nullable: true } : {}
    if (types.length <= 1) return { ...schema, ...mark, type: types[0] ?? 'string' }
    const one = without(schema, ['type', ...TYPE_KEYS])
    return { ...one, anyOf: types.map((type) => ({ type, ...mark, ...membersFor(type, schema) })) }
  })
}

const TYPE_KEYS: readonly string[] = ['anyOf', 'oneOf', 'enum', 'const', ...IMPLIED.flatMap(([, keys]) => keys)]

/** Of the keywords of a schema those that say something of this type. */
function membersFor(type: string, schema: Schema): Schema {
  const keys = IMPLIED.find(([name]) => name === (type === 'integer' ? 'number' : type))?.[1] ?? []
  const values = fixedValues(schema)?.filter(
    (value) => typeOf(value) === type || (type === 'number' && typeof value === 'number'),
  )
  const own = Object.entries(schema).filter(([key]) => keys.includes(key))
  return Object.fromEntries(values && values.length > 0 ? [...own, ['enum', values]] : own)
}

/** `true` allows anything, as an empty schema does; what is `false` cannot be given at all. */
export function withoutBooleans(root: Schema): Schema {
  const plain = (schema: Schema): Schema => {
    const lists = ['anyOf', 'oneOf', 'allOf', 'prefixItems'].filter((key) => schemas(schema[key]).some((one) => !isSchema(one)))
    const forced = lists.map((key): [string, unknown] => {
      const left = schemas(schema[key]).flatMap((one) => (one === true ? [{}] : one === false ? [] : [one]))
      return [key, left.length > 0 ? left : undefined]
    })
    const properties = Object.entries(named(schema.properties))
    const odd = properties.some(([, one]) => typeof one === 'boolean')
    const kept = properties.flatMap(([name, one]) => (one === false ? [] : [[name, one === true ? {} : one]]))
    return withMembers(schema, {
      ...Object.fromEntries(forced),
      ...(odd && { properties: Object.fromEntries(kept) }),
      ...(typeof schema.items === 'boolean' && { items: schema.items ? {} : undefined }),
    })
  }
  return eachSchema(root, plain)
}

/** A constant as an enum of one. */
export function withoutConstants(root: Schema): Schema {
  return eachSchema(root, (schema) => {
    if (!Object.hasOwn(schema, 'const')) return schema
    return { ...without(schema, ['const']), enum: Array.isArray(schema.enum) ? schema.enum : [schema.const] }
  })
}
