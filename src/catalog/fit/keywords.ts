/** Takes keywords away that a client stumbles over, and says in the description what a model should still know. */
import { typesOf } from './merge.ts'
import { described, eachSchema, isSchema, named, type Schema, texts, withMembers, without } from './walk.ts'

const CONDITIONS = [
  'not',
  'if',
  'then',
  'else',
  'dependentRequired',
  'dependentSchemas',
  'dependencies',
  'patternProperties',
  'propertyNames',
  'unevaluatedProperties',
  'unevaluatedItems',
  'contains',
  'minContains',
  'maxContains',
  'additionalItems',
  'contentEncoding',
  'contentMediaType',
  'contentSchema',
]
const ABOUT = ['$schema', '$id', 'id', '$comment', '$vocabulary', '$anchor', '$dynamicAnchor', '$recursiveAnchor']

/** Without conditions on other conditions, which only narrow what the server checks anyway. */
export function withoutConditions(root: Schema): Schema {
  return eachSchema(root, (schema) => without(schema, CONDITIONS))
}

/** Without what a schema says of itself as a document. */
export function withoutAbout(root: Schema): Schema {
  return eachSchema(root, (schema) =>
    without(schema, typeof schema.id === 'string' ? ABOUT : ABOUT.filter((key) => key !== 'id')),
  )
}

/** Without whether more properties may be given than are named; of a map, what its values are stands in the description. */
export function withoutClosing(root: Schema): Schema {
  return eachSchema(root, (schema) => {
    const { additionalProperties: values } = schema
    const bare = without(schema, ['additionalProperties'])
    const types = isSchema(values) ? typesOf(values).join(' or ') : ''
    return types === '' ? bare : described(bare, `Takes any names, with values of type ${types}.`)
  })
}

/** Without formats that the client does not know; which one is meant stands in the description. */
export function knownFormats(root: Schema, formats: readonly string[]): Schema {
  return eachSchema(root, (schema) => {
    const { format } = schema
    if (format === undefined || (typeof format === 'string' && formats.includes(format))) return schema
    const bare = without(schema, ['format'])
    return typeof format === 'string' && format ? described(bare, `Format: ${format}.`) : bare
  })
}

/** Look-around, references back, and beginnings and ends that are left open: what only a backtracking engine can match. */
const HARD = /\(\?<?[=!]|\\[1-9]|\\k</

/** Without patterns that need more than a linear engine, or are not for the whole text. */
export function plainPatterns(root: Schema): Schema {
  return eachSchema(root, (schema) => {
    const { pattern } = schema
    if (typeof pattern !== 'string') return without(schema, ['pattern'])
    if (pattern.startsWith('^') && pattern.endsWith('$') && !HARD.test(pattern)) return schema
    return described(without(schema, ['pattern']), `Matches /${pattern}/.`)
  })
}

/** An enum has texts only; other values stand in the description. */
export function textEnums(root: Schema): Schema {
  return eachSchema(root, (schema) => {
    const { enum: values } = schema
    if (!Array.isArray(values) || values.every(isText)) return schema
    const others = values.filter((one) => one !== null)
    if (others.length > 0 && others.every(isText))
      return { ...schema, enum: others, ...(schema.type !== undefined && { nullable: true }) }
    const told = values.map((one) => JSON.stringify(one)).join(', ')
    return described(without(schema, ['enum']), `One of ${told}.`)
  })
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

/** Every list says what is in it, in one schema. */
export function listedItems(root: Schema): Schema {
  return eachSchema(root, (schema) => {
    const { prefixItems, items } = schema
    if (Array.isArray(prefixItems)) {
      const rest = without(schema, ['prefixItems', 'items'])
      const all = [...prefixItems, ...(isSchema(items) ? [items] : [])].filter(isSchema)
      const distinct = [...new Map(all.map((one) => [JSON.stringify(one), one])).values()]
      return { ...rest, items: distinct.length > 1 ? { anyOf: distinct } : (distinct[0] ?? {}) }
    }
    const isList = schema.type === 'array' || (Array.isArray(schema.type) && schema.type.includes('array'))
    return isList && !isSchema(items) ? withMembers(schema, { items: {} }) : schema
  })
}

/** Every object says which properties it has, if only that there are none. */
export function listedProperties(root: Schema): Schema {
  return eachSchema(root, (schema) => {
    const isObject = schema.type === 'object' || (Array.isArray(schema.type) && schema.type.includes('object'))
    return isObject && !isSchema(schema.properties) ? withMembers(schema, { properties: {} }) : schema
  })
}

/** What is required is also there. */
export function knownRequired(root: Schema): Schema {
  return eachSchema(root, (schema) => {
    if (schema.required === undefined) return schema
    const known = texts(schema.required).filter((name) => Object.hasOwn(named(schema.properties), name))
    if (Array.isArray(schema.required) && known.length === schema.required.length) return schema
    return withMembers(schema, { required: known.length > 0 ? known : undefined })
  })
}
