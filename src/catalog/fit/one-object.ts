/** Makes one plain object of a root that is composed of several schemas, and tells in words which belong together. */
import { both, either, fixedValues, typesOf } from './merge.ts'
import { described, isSchema, named, type Schema, schemas, target, texts, withMembers, without } from './walk.ts'

/** Roots that lead to roots, and compositions within compositions. */
const DEPTH_MAX = 12
/** More alternatives than a model would read are told of by their number. */
const TOLD_MAX = 12
const CHOICES = ['anyOf', 'oneOf'] as const
/** What only narrows: without it more is allowed, and the server says no. */
const NARROWING = ['not', 'if', 'then', 'else', 'dependentSchemas', 'dependentRequired', 'dependencies', 'enum', 'const']

/**
 * The root without composition. What some alternative needs becomes optional where another does without it, so everything that
 * the server takes can still be said.
 */
export function oneObject(root: Schema): Schema {
  return plain(root, root, 0)
}

function plain(schema: Schema, root: Schema, depth: number): Schema {
  if (depth > DEPTH_MAX) return {}
  const parts = schemas(schema.allOf).filter(isSchema)
  const found = typeof schema.$ref === 'string' ? target(schema.$ref, root) : undefined
  const conditional = [schema.if, schema.then, schema.else, ...Object.values(named(schema.dependentSchemas))].filter(isSchema)
  const own = without(schema, ['allOf', '$ref', ...CHOICES, ...NARROWING])
  const whole = [...parts, ...(isSchema(found) && found !== schema ? [found] : [])]
    .map((part) => plain(part, root, depth + 1))
    .reduce(both, own)
  const open = conditional.map((part) => without(plain(part, root, depth + 1), ['required', 'description', 'title']))
  const told = dependencies(schema).reduce(described, open.reduce(optional, whole))
  return CHOICES.reduce((one, key) => chosen(one, schemas(schema[key]), { key, root, depth }), told)
}

/** Adds properties that hold under a condition only: as they are, and none of them required. */
function optional(schema: Schema, condition: Schema): Schema {
  const properties = named(condition.properties)
  const known = named(schema.properties)
  const added = Object.entries(properties).filter(([name]) => !Object.hasOwn(known, name))
  return added.length > 0 ? withMembers(schema, { properties: Object.fromEntries([...Object.entries(known), ...added]) }) : schema
}

function dependencies({ dependentRequired }: Schema): string[] {
  return Object.entries(named(dependentRequired))
    .filter(([, needed]) => texts(needed).length > 0)
    .map(([name, needed]) => `${name} needs ${texts(needed).join(', ')}.`)
}

interface Choice {
  key: (typeof CHOICES)[number]
  root: Schema
  depth: number
}

/** Puts the alternatives into one object, and tells of them in its description. */
function chosen(schema: Schema, alternatives: readonly (Schema | boolean)[], { key, root, depth }: Choice): Schema {
  const forms = alternatives.filter(isSchema).map((one) => ownWords(one, plain(one, root, depth + 1)))
  const objects = forms.filter((one) => typesOf(one).length === 0 || typesOf(one).includes('object'))
  if (objects.length === 0) return schema
  const properties = joined(objects.map((one) => named(one.properties)))
  const base = texts(schema.required)
  const shared = texts(objects[0]?.required).filter((name) => objects.every((one) => texts(one.required).includes(name)))
  const required = [...new Set([...base, ...(objects.length === alternatives.length ? shared : [])])]
  const merged = both(without(schema, ['required']), Object.keys(properties).length > 0 ? { properties } : {})
  const closed = objects.every((one) => one.additionalProperties === false) ? merged : open(merged)
  const whole = withMembers(closed, required.length > 0 ? { required } : {})
  const lines = [...new Set(objects.map((one) => form(one, base)).filter((line) => line !== ''))]
  if (lines.length === 0) return whole
  const told = lines.length > TOLD_MAX ? [...lines.slice(0, TOLD_MAX), `${lines.length - TOLD_MAX} more`] : lines
  const which = objects.length === 1 ? 'Give' : key === 'oneOf' ? 'Give exactly one of these:' : 'Give at least one of these:'
  return described(whole, `${which} ${told.join('; ')}.`)
}

/** What is told of alternatives within an alternative would be told twice. */
function ownWords(original: Schema, form: Schema): Schema {
  return CHOICES.some((key) => Object.hasOwn(original, key)) ? withMembers(form, { description: original.description }) : form
}

/** Properties that an alternative brings would be forbidden by the object around it. */
function open(schema: Schema): Schema {
  return schema.additionalProperties === false ? without(schema, ['additionalProperties']) : schema
}

function joined(all: readonly Schema[]): Schema {
  const names = [...new Set(all.flatMap((properties) => Object.keys(properties)))]
  const of = (name: string): unknown[] => all.filter((one) => Object.hasOwn(one, name)).map((one) => one[name])
  return Object.fromEntries(names.map((name) => [name, either(of(name))]))
}

/** One alternative in words: `path and kind = "file" (a file on disk)`. */
function form(schema: Schema, base: readonly string[]): string {
  const properties = named(schema.properties)
  const own = texts(schema.required).filter((name) => !base.includes(name))
  const names = own.length > 0 ? own : Object.keys(properties).map((name) => `optionally ${name}`)
  const parts = names.map((name) => {
    const values = Object.hasOwn(properties, name) ? fixedValues(properties[name]) : undefined
    return values?.length === 1 ? `${name} = ${JSON.stringify(values[0])}` : name
  })
  const label = [schema.title, schema.description].find((one) => typeof one === 'string' && one !== '')
  if (parts.length === 0) return typeof label === 'string' ? label : ''
  return `${parts.join(' and ')}${typeof label === 'string' ? ` (${label.replace(/\.$/, '')})` : ''}`
}
