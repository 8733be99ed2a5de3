/** Looks into the config's zod schema: what belongs under a key, and how to say it to a person. */
import * as z from 'zod'
import { duration } from '../std/duration.ts'
import { text } from '../std/secret.ts'
import { size } from '../std/size.ts'

export type Schema = z.core.$ZodType

/** Only what this file reads of zod's many definitions. */
interface Definition {
  type: string
  /** The check of a custom type. */
  fn?: unknown
  innerType?: Schema
  in?: Schema
  out?: Schema
  shape?: Record<string, Schema>
  element?: Schema
  valueType?: Schema
  options?: Schema[]
}

function definition(schema: Schema): Definition {
  return schema._zod.def as unknown as Definition
}

/** The schema of what a person writes: without `optional`, `default` and the like, and before any `transform`. */
function bare(schema: Schema): Schema {
  const { type, innerType, in: before, out: after } = definition(schema)
  if (innerType) return bare(innerType)
  if (type !== 'pipe' || !before || !after) return schema
  return bare(definition(before).type === 'transform' ? after : before)
}

/** Parts are compared, not whole schemas, because `.meta()` and `.refine()` make new schemas of the same parts. */
const TEXT_CHECK = definition(text).fn
const NAMED = new Map<Schema, string>([
  [bare(duration), 'a duration such as 250ms, 30s, 5m or 2h'],
  [bare(size), 'a size such as 512KB, 4MB or 1GB'],
])

/** Whether it is a `text` or may be one, so that what is filled in becomes a secret. */
export function isText(schema: Schema): boolean {
  const { fn, options } = definition(bare(schema))
  return options ? options.some(isText) : fn !== undefined && fn === TEXT_CHECK
}

/** The kind of value that a person writes for it: zod's own names, `string` for durations and sizes, several for unions. */
export function kinds(schema: Schema): string[] {
  const { type, options } = definition(bare(schema))
  return options ? options.flatMap(kinds) : [type]
}

/** What belongs under a key (of a map) or at an index (of a list); undefined where the schema does not know it. */
export function child(schema: Schema | undefined, key: PropertyKey): Schema | undefined {
  if (!schema) return undefined
  const def = definition(bare(schema))
  if (def.shape) return Object.hasOwn(def.shape, key) ? def.shape[String(key)] : undefined
  if (def.options) return def.options.map((option) => child(option, key)).find((found) => found !== undefined)
  return def.valueType ?? def.element
}

/** The keys that a map may have; empty where the schema names none. */
export function keysOf(schema: Schema | undefined): string[] {
  if (!schema) return []
  const def = definition(bare(schema))
  if (def.options) return [...new Set(def.options.flatMap(keysOf))]
  return Object.keys(def.shape ?? {})
}

/** The words that a leaf may hold, where they are few. */
export function wordsOf(schema: Schema): string[] {
  const { options } = definition(bare(schema))
  if (options) return options.flatMap(wordsOf)
  const json = jsonOf(schema)
  return (json.enum ?? (json.const === undefined ? [] : [json.const])).map(String)
}

/** Names the value that belongs here: `a number between 0 and 65535`. */
export function describe(schema: Schema): string {
  const { options } = definition(bare(schema))
  if (options) return [...new Set(options.map(describe))].join(' or ')
  if (isText(schema)) return 'a text'
  const known = NAMED.get(bare(schema))
  if (known) return known
  const json = jsonOf(schema)
  const words = wordsOf(schema)
  if (words.length > 0) return words.length === 1 ? (words[0] as string) : `one of ${words.join(', ')}`
  if (json.type === 'integer' || json.type === 'number') return describeNumber(json)
  if (json.type === 'string') return json.minLength ? 'a text that is not empty' : 'a text'
  return PLAIN[json.type ?? ''] ?? 'another value'
}

const PLAIN: Record<string, string> = {
  boolean: 'true or false',
  array: 'a list',
  object: 'keys and values',
}

interface JsonSchema {
  type?: string
  enum?: unknown[]
  const?: unknown
  minimum?: number
  maximum?: number
  minLength?: number
}

function jsonOf(schema: Schema): JsonSchema {
  return z.toJSONSchema(bare(schema), { io: 'input', unrepresentable: 'any' }) as JsonSchema
}

function describeNumber({ type, minimum, maximum }: JsonSchema): string {
  // Zod bounds every whole number by what a double holds exactly; no person has to know.
  const least = minimum === Number.MIN_SAFE_INTEGER ? undefined : minimum
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum
  if (least !== undefined && most !== undefined) return `a number between ${least} and ${most}`
  if (least !== undefined) return `a number of at least ${least}`
  if (most !== undefined) return `a number of at most ${most}`
  return type === 'integer' ? 'a whole number' : 'a number'
}
