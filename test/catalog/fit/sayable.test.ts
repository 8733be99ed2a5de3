/** What servers take, real ones and ugly ones, can still be said with what clients are shown of them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv'
import { beforeAll, describe, expect, it } from 'vitest'
import { KNOWN_CLIENTS } from '../../../src/catalog/fit/known.ts'
import { lower } from '../../../src/catalog/fit/lower.ts'
import { eachSchema, isSchema, named, type Schema, schemas, target, texts, without } from '../../../src/catalog/fit/walk.ts'
import { objectOf } from '../../../src/catalog/tool.ts'
import { recordedServers } from '../../support/catalogues.ts'

/** Arguments as a model might give them: every parameter, the first of each choice, or in another taste the last and few. */
type Taste = 'ample' | 'sparing'

function example(schema: unknown, root: Schema, taste: Taste, depth = 0): unknown {
  if (!isSchema(schema) || depth > 12) return 'anything'
  if (typeof schema.$ref === 'string') return example(target(schema.$ref, root), root, taste, depth + 1)
  if (Object.hasOwn(schema, 'const')) return schema.const
  if (Array.isArray(schema.enum)) return schema.enum.at(taste === 'ample' ? 0 : -1)
  const choices = schemas(schema.anyOf ?? schema.oneOf)
  if (choices.length > 0) {
    const chosen = example(choices.at(taste === 'ample' ? 0 : -1), root, taste, depth + 1)
    return isSchema(chosen) ? { ...objectExample(schema, root, taste, depth), ...chosen } : chosen
  }
  const type = Array.isArray(schema.type) ? schema.type.at(taste === 'ample' ? 0 : -1) : schema.type
  if (type === 'object' || schema.properties) return objectExample(schema, root, taste, depth)
  if (type === 'array' || schema.items) return [example(schema.items ?? { type: 'string' }, root, taste, depth + 1)]
  if (type === 'integer' || type === 'number' || schema.minimum !== undefined) return Math.max(1, Number(schema.minimum ?? 1))
  if (type === 'boolean') return taste === 'ample'
  return type === 'null' ? null : 'text'.padEnd(Number(schema.minLength ?? 0), 'x')
}

function objectExample(schema: Schema, root: Schema, taste: Taste, depth: number): Schema {
  const required = texts(schema.required)
  const wanted = Object.entries(named(schema.properties)).filter(
    ([name]) => required.includes(name) || (taste === 'ample' && depth < 4),
  )
  return Object.fromEntries(wanted.map(([name, one]) => [name, example(one, root, taste, depth + 1)]))
}

const validator = new AjvJsonSchemaValidator()
/** Formats are left to the server; the validator would complain of those that it does not know. */
const plain = (schema: Schema): Schema => eachSchema(schema, (one) => without(one, ['format', '$schema', '$id']))

function accepts(schema: Schema, value: unknown): boolean {
  return validator.getValidator(plain(schema) as never)(value).valid
}

/** Of ugly schemas some are none. */
function takes(schema: Schema, value: unknown): boolean {
  try {
    return accepts(schema, value)
  } catch {
    return false
  }
}

/** Every tool, with arguments that its own schema takes. */
let tools: { name: string; schema: Schema; given: unknown[] }[]

beforeAll(() => {
  const recorded = recordedServers().flatMap(({ tools: all }) => all.map(({ name, inputSchema }) => [name, inputSchema] as const))
  const ugly = Object.entries(JSON.parse(readFileSync(join(import.meta.dirname, 'ugly-schemas.json'), 'utf8')))
  tools = [...recorded, ...ugly].map(([name, inputSchema]) => {
    const schema = objectOf(inputSchema)
    const given = (['ample', 'sparing'] as const).map((taste) => example(schema, schema, taste))
    return { name, schema, given: given.filter((one) => isSchema(one) && takes(schema, one)) }
  })
})

it('almost all of them can be tried', () => {
  const tried = tools.filter(({ given }) => given.length > 0)
  expect(tools.length).toBeGreaterThan(250)
  expect(tried.length / tools.length).toBeGreaterThan(0.9)
})

describe.each(KNOWN_CLIENTS.map((record) => [`${record.client} ${record.before ?? ''}`, record.facts] as const))(
  '%s',
  (_, facts) => {
    it('can say with the lowered schema what the server takes', () => {
      for (const { name, schema, given } of tools) {
        const { schema: lowered, changes, problem } = lower(schema, facts)
        if (changes.length === 0 || problem !== undefined) continue
        for (const one of given)
          expect([name, changes, accepts(lowered, one) || JSON.stringify(one)]).toEqual([name, changes, true])
      }
    })
  },
)
