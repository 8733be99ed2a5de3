/** Makes fewer and plainer of the alternatives within a schema. */
import { both, either, fixedValues, typesOf } from './merge.ts'
import { eachSchema, isSchema, type Schema, schemas, withMembers, without } from './walk.ts'

/** Merges what `allOf` spreads over several schemas. */
export function merged(root: Schema): Schema {
  return eachSchema(root, (schema) => {
    if (schema.allOf === undefined) return schema
    return schemas(schema.allOf)
      .filter(isSchema)
      .reduce(both, without(schema, ['allOf']))
  })
}

/** `oneOf` as `anyOf`: that only one of them may hold, the server checks. */
export function anyOfOnly(root: Schema): Schema {
  return eachSchema(root, (schema) => {
    if (schema.oneOf === undefined) return schema
    const one = without(schema, ['oneOf'])
    return schema.anyOf === undefined ? { ...one, anyOf: schema.oneOf } : one
  })
}

/** Alternatives that are no choice: what may be null becomes `nullable`, a single one is merged, and values become one enum. */
export function fewerChoices(root: Schema): Schema {
  return eachSchema(root, (schema) => (['anyOf', 'oneOf'] as const).reduce(fewer, schema))
}

function fewer(schema: Schema, key: 'anyOf' | 'oneOf'): Schema {
  const all = schemas(schema[key])
  if (all.length === 0) return schema
  const left = all.filter((one) => !isNull(one))
  const rest = without(schema, [key])
  if (left.every((one) => one === true || (isSchema(one) && Object.keys(one).length === 0))) return rest
  const may = left.length < all.length ? nullable : (one: Schema): Schema => one
  const only = left.length === 1 || areValues(left) ? either(left) : undefined
  if (isSchema(only)) return may(both(rest, only))
  return left.length < all.length ? { ...rest, [key]: left.map((one) => (isSchema(one) ? may(one) : one)) } : schema
}

/** Beside a type only: alone, the word says nothing. */
function nullable(schema: Schema): Schema {
  return schema.type === undefined ? schema : withMembers(schema, { nullable: true })
}

/** Values of one type, or of none that is said. */
function areValues(all: readonly unknown[]): boolean {
  const types = new Set(all.filter(isSchema).map((one) => JSON.stringify(one.type)))
  return types.size <= 1 && all.every((one) => fixedValues(one) !== undefined)
}

function isNull(schema: unknown): boolean {
  if (!isSchema(schema)) return false
  const types = typesOf(schema)
  return (types.length === 1 && types[0] === 'null') || (Object.hasOwn(schema, 'const') && schema.const === null)
}
