/** Makes one schema of several: of those that hold together, and of those of which one holds. */
import { isSchema, named, type Schema, texts, withMembers } from './walk.ts'

/**
 * What holds where both hold, as far as it can be said in one schema. Where it cannot, the first is kept: the result may allow
 * more than both do together, never less, and the server checks the call.
 */
export function both(a: Schema, b: Schema): Schema {
  const merged: Schema = { ...b, ...a }
  return withMembers(merged, {
    ...(isSchema(a.properties) && isSchema(b.properties) && { properties: bothProperties(a.properties, b.properties) }),
    ...(Array.isArray(a.required) && Array.isArray(b.required) && { required: union(texts(a.required), texts(b.required)) }),
    ...(a.type !== undefined && b.type !== undefined && { type: bothTypes(a.type, b.type) }),
    ...(Array.isArray(a.enum) && Array.isArray(b.enum) && { enum: common(a.enum, b.enum) }),
    // Alone, it would forbid the properties of the other.
    ...((a.additionalProperties === false) !== (b.additionalProperties === false) && { additionalProperties: undefined }),
  })
}

/** What holds where one of them holds; the same schema where they are all alike. */
export function either(all: readonly unknown[]): unknown {
  const distinct = [...new Map(all.map((one) => [JSON.stringify(one), one])).values()]
  if (distinct.length === 1) return distinct[0]
  const values = distinct.map(fixedValues)
  if (values.every((one) => one !== undefined)) {
    const [first] = distinct
    const { const: _, ...rest } = named(first)
    return { ...rest, enum: union(values.flat(), []) }
  }
  return { anyOf: distinct.map((one) => (typeof one === 'boolean' ? {} : one)) }
}

/** The values that a schema allows, where it names them. */
export function fixedValues(schema: unknown): unknown[] | undefined {
  if (!isSchema(schema)) return undefined
  if (Object.hasOwn(schema, 'const')) return [schema.const]
  return Array.isArray(schema.enum) ? schema.enum : undefined
}

export function typesOf({ type }: Schema): string[] {
  return typeof type === 'string' ? [type] : texts(type)
}

function bothProperties(a: Schema, b: Schema): Schema {
  const shared = Object.entries(a).map(([name, one]): [string, unknown] => {
    const other = Object.hasOwn(b, name) ? b[name] : undefined
    return [name, isSchema(one) && isSchema(other) ? both(one, other) : one]
  })
  const names = new Set(Object.keys(a))
  return Object.fromEntries([...shared, ...Object.entries(b).filter(([name]) => !names.has(name))])
}

function bothTypes(a: unknown, b: unknown): unknown {
  const [first, second] = [typesOf({ type: a }), typesOf({ type: b })]
  const shared = first.filter((one) => second.includes(one))
  if (shared.length === 0) return a
  return shared.length === 1 ? shared[0] : shared
}

function common(a: readonly unknown[], b: readonly unknown[]): unknown[] {
  const known = new Set(b.map((one) => JSON.stringify(one)))
  const shared = a.filter((one) => known.has(JSON.stringify(one)))
  return shared.length > 0 ? shared : [...a]
}

function union<T>(a: readonly T[], b: readonly T[]): T[] {
  return [...new Map([...a, ...b].map((one) => [JSON.stringify(one), one])).values()]
}
