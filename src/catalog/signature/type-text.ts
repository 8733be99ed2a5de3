/** Writes a JSON schema as a short type that models read like TypeScript; `…` stands for everything that is left out. */
import { objectOf } from '../tool.ts'
import { flatten, type Schema, type Scope } from './flatten.ts'

/** How much is told: levels of objects in objects, alternatives of a choice, optional members of an inner object. */
export interface Detail {
  readonly levels: number
  readonly choices: number
  readonly members: number
}

export interface Parameter {
  readonly name: string
  readonly required: boolean
  readonly schema: unknown
}

const LITERAL_MAX = 40
const NAME_MAX = 64
const PATTERN_MAX = 32
/** Types in types: lists of lists of choices. A type that contains itself ends here too. */
const DEPTH_MAX = 10

/** Keywords that allow less than can be told in a type. */
const CONDITIONS = ['if', 'not', 'dependentRequired', 'dependentSchemas', 'dependencies', 'patternProperties', 'propertyNames']

/** The members of an object, in its own order. */
export function parameters(schema: Schema): Parameter[] {
  const required = new Set(Array.isArray(schema.required) ? schema.required : [])
  const declared = Object.entries(objectOf(schema.properties))
  const undeclared = [...required].filter((name) => typeof name === 'string' && !Object.hasOwn(objectOf(schema.properties), name))
  return [
    ...declared.map(([name, member]) => ({ name, required: required.has(name), schema: member })),
    ...undeclared.map((name) => ({ name: name as string, required: true, schema: true })),
  ]
}

/** `name: type = default`, with `?` after the name of what may be left out. */
export function parameterText({ name, required, schema }: Parameter, detail: Detail, scope: Scope): string {
  const { default: value } = flatten(objectOf(schema), scope)
  const preset = value === undefined ? '' : ` = ${literal(value)}`
  return `${parameterName({ name, required })}: ${typeText(schema, detail, scope)}${preset}`
}

/** The name as it is written in a call; one that is no plain word stands in quotes. */
export function parameterName({ name, required }: Pick<Parameter, 'name' | 'required'>): string {
  const plain = /^[\p{L}\p{N}_$@.-]+$/u.test(name) ? name : JSON.stringify(name)
  return `${clip(plain, NAME_MAX)}${required ? '' : '?'}`
}

/** Whether the schema allows less than its members say. */
export function hasConditions(schema: Schema): boolean {
  return CONDITIONS.some((keyword) => schema[keyword] !== undefined)
}

/** The alternatives of a choice, each with what stands beside the choice. */
export function alternatives(schema: Schema): readonly unknown[] | undefined {
  const list = schema.anyOf ?? schema.oneOf
  return Array.isArray(list) && list.length > 0 ? list : undefined
}

export function typeText(schema: unknown, detail: Detail, scope: Scope): string {
  if (schema === false) return 'never'
  if (scope.left <= 0 || scope.depth >= DEPTH_MAX) return '…'
  scope.depth++
  const text = unionText(schema, detail, scope)
  scope.depth--
  return text
}

function unionText(schema: unknown, detail: Detail, scope: Scope): string {
  const flat = flatten(objectOf(schema), scope)
  if (flat.const !== undefined) return literal(flat.const)
  if (Array.isArray(flat.enum)) return choice(flat.enum.map(literal), detail)
  const list = alternatives(flat)
  if (list) return choiceText(flat, list, detail, scope)
  const kinds = Array.isArray(flat.type) ? flat.type : [flat.type ?? impliedKind(flat)]
  const texts = kinds.map((kind) => kindText(kind, flat, detail, scope))
  return choice(flat.nullable === true ? [...texts, 'null'] : texts, detail)
}

function choiceText(schema: Schema, list: readonly unknown[], detail: Detail, scope: Scope): string {
  const { anyOf: _any, oneOf: _one, default: _default, ...beside } = schema
  const shared = beside.properties !== undefined || beside.enum !== undefined
  const texts = list.map((one) => typeText(shared ? { allOf: [one, beside] } : kindOf(one, beside), detail, scope))
  return choice(schema.nullable === true ? [...texts, 'null'] : texts, detail)
}

/** An alternative that leaves its type to the schema around it. */
function kindOf(one: unknown, beside: Schema): unknown {
  const { type, const: value, enum: values } = objectOf(one)
  const says = type ?? value ?? values ?? impliedKind(objectOf(one))
  return says === undefined && beside.type !== undefined && objectOf(one).$ref === undefined
    ? { ...objectOf(one), type: beside.type }
    : one
}

/** The type that a schema means which does not say it. */
function impliedKind(schema: Schema): string | undefined {
  if (schema.properties || schema.required || schema.additionalProperties !== undefined) return 'object'
  if (schema.items !== undefined || schema.prefixItems) return 'array'
  if (schema.pattern || schema.minLength !== undefined || schema.maxLength !== undefined || schema.format) return 'string'
  if (schema.minimum !== undefined || schema.maximum !== undefined) return 'number'
  return undefined
}

function kindText(kind: unknown, schema: Schema, detail: Detail, scope: Scope): string {
  if (kind === 'object') return objectText(schema, detail, scope)
  if (kind === 'array') return arrayText(schema, detail, scope)
  if (kind === 'string') return stringText(schema)
  if (kind === 'number' || kind === 'integer') return `${kind}${rangeText(schema)}`
  return kind === 'boolean' || kind === 'null' ? kind : 'any'
}

function objectText(schema: Schema, detail: Detail, scope: Scope): string {
  const all = parameters(schema)
  const { additionalProperties } = schema
  if (all.length === 0) {
    if (Object.keys(objectOf(additionalProperties)).length === 0) return hasConditions(schema) ? '{…}' : 'object'
    return detail.levels > 0 ? `{[key]: ${typeText(additionalProperties, deeper(detail), scope)}}` : '{…}'
  }
  if (detail.levels === 0) return '{…}'
  const optional = all.filter((parameter) => !parameter.required)
  const left = new Set(optional.slice(detail.members))
  const texts = all.filter((one) => !left.has(one)).map((one) => parameterText(one, deeper(detail), scope))
  if (left.size > 0) texts.push(`…+${left.size}`)
  else if (hasConditions(schema)) texts.push('…')
  return `{${texts.join(', ')}}`
}

function arrayText(schema: Schema, detail: Detail, scope: Scope): string {
  const tuple = schema.prefixItems ?? (Array.isArray(schema.items) ? schema.items : undefined)
  if (Array.isArray(tuple)) return `[${tuple.map((item) => typeText(item, detail, scope)).join(', ')}]`
  if (schema.items === undefined) return 'any[]'
  const item = typeText(schema.items, detail, scope)
  return isCompound(item) ? `(${item})[]` : `${item}[]`
}

/** Whether a type is more than one word or one pair of brackets, so that `[]` behind it would belong to its last part only. */
function isCompound(type: string): boolean {
  let open = 0
  for (const char of type) {
    if ('{[('.includes(char)) open++
    else if ('}])'.includes(char)) open--
    else if (open === 0 && (char === '|' || char === ' ')) return true
  }
  return false
}

function stringText({ format, pattern }: Schema): string {
  if (typeof format === 'string') return `string(${clip(format, PATTERN_MAX)})`
  if (typeof pattern === 'string' && pattern.length <= PATTERN_MAX) return `string(/${pattern}/)`
  return 'string'
}

function rangeText({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): string {
  const bounded = (bound: unknown): bound is number => typeof bound === 'number' && Math.abs(bound) < Number.MAX_SAFE_INTEGER
  if (bounded(minimum) && bounded(maximum)) return ` ${minimum}..${maximum}`
  const signs: [string, unknown][] = [
    ['>=', minimum],
    ['<=', maximum],
    ['>', exclusiveMinimum],
    ['<', exclusiveMaximum],
  ]
  return signs.map(([sign, bound]) => (bounded(bound) ? ` ${sign}${bound}` : '')).join('')
}

function choice(texts: readonly string[], { choices }: Detail): string {
  const distinct = [...new Set(texts)]
  if (distinct.includes('any')) return 'any'
  const shown = distinct.slice(0, choices)
  return (shown.length < distinct.length ? [...shown, `…+${distinct.length - shown.length}`] : shown).join('|')
}

function literal(value: unknown): string {
  return clip(JSON.stringify(value) ?? 'null', LITERAL_MAX)
}

function deeper({ levels, choices, members }: Detail): Detail {
  return { levels: levels - 1, choices, members }
}

/** The text cut to a length, between two characters. */
function clip(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…` : text
}
