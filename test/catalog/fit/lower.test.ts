/** Every known client is shown schemas that it can take, whatever servers send. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KNOWN_CLIENTS } from '../../../src/catalog/fit/known.ts'
import { lower } from '../../../src/catalog/fit/lower.ts'
import { PASS_NAMES } from '../../../src/catalog/fit/passes.ts'

const UGLY = JSON.parse(readFileSync(join(import.meta.dirname, 'ugly-schemas.json'), 'utf8')) as Record<string, unknown>
const EVERYTHING = { passes: PASS_NAMES, formats: ['date-time'] }

/** What somebody reads who wants to know what becomes of them. */
function page(facts: (typeof KNOWN_CLIENTS)[number]['facts']): string {
  const entries = Object.entries(UGLY).map(([name, schema]) => {
    const lowered = lower(schema, facts)
    const head = `${name}: ${lowered.changes.join(', ') || 'as it is'}`
    const problem = lowered.problem === undefined ? '' : `\n  not shown: ${lowered.problem}`
    return `${head}${problem}${lowered.changes.length > 0 ? `\n  ${JSON.stringify(lowered.schema)}` : ''}`
  })
  return `${entries.join('\n')}\n`
}

describe('sixty ugly schemas', () => {
  it('are sixty', () => {
    expect(Object.keys(UGLY)).toHaveLength(60)
  })

  it.each(
    KNOWN_CLIENTS.map(
      (record) => [record.before ? `${record.client} before ${record.before}` : record.client, record.facts] as const,
    ),
  )('become what %s can take', async (client, facts) => {
    await expect(page(facts)).toMatchFileSnapshot(`golden/${client.toLowerCase().replace(/[^a-z0-9.]+/g, '-')}.txt`)
  })

  it('are lowered once and for all', () => {
    for (const { facts } of [...KNOWN_CLIENTS, { facts: EVERYTHING }]) {
      for (const schema of Object.values(UGLY)) {
        const once = lower(schema, facts)
        const twice = lower(once.schema, facts)
        expect(twice.schema).toBe(once.schema)
        expect(twice.changes).toEqual([])
      }
    }
  })
})

const json = fc.jsonValue({ maxDepth: 6 })
const keyword = fc.constantFrom(
  ...['type', 'properties', 'required', 'items', 'prefixItems', 'enum', 'const', 'format', 'pattern', 'description', 'default'],
  ...['$ref', '$defs', '$dynamicRef', 'anyOf', 'oneOf', 'allOf', 'not', 'if', 'then', 'else', 'nullable', 'additionalProperties'],
  ...['dependentRequired', 'dependentSchemas', 'minimum', 'exclusiveMinimum', '__proto__', 'constructor'],
)
/** Schemas as nobody writes them: every keyword with every kind of value, most of which make sense. */
const { schema: wild } = fc.letrec((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(
      true,
      false,
      {},
      { type: 'object' },
      { type: ['string', 'null'] },
      { type: 'null' },
      { const: 1 },
      { enum: ['a', null] },
    ),
    fc.constantFrom({ $ref: '#' }, { $ref: '#/$defs/a' }, { $ref: '#/properties/a' }, { $ref: '#/%' }),
    fc.dictionary(keyword, fc.oneof({ weight: 1, arbitrary: json }, { weight: 4, arbitrary: tie('value') }), { maxKeys: 5 }),
  ),
  value: fc.oneof(
    tie('schema'),
    fc.array(tie('schema'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', '__proto__', '', 'x y', 'type'), tie('schema'), { maxKeys: 3 }),
    fc.constantFrom(
      '#',
      '#/$defs/a',
      '#/properties/a',
      ['a', 'b'],
      ['string', 'null'],
      'string',
      'object',
      'array',
      'int',
      3,
      null,
    ),
  ),
}))
const someFacts = fc.oneof(
  fc.constant(EVERYTHING),
  fc.constantFrom(...KNOWN_CLIENTS.map(({ facts }) => facts)),
  fc.subarray([...PASS_NAMES]).map((passes) => ({ passes })),
)

describe('lowering', () => {
  it('never throws and always gives an object, whatever the schema is and whatever is asked for', () => {
    fc.assert(
      fc.property(fc.oneof(wild, json), someFacts, (schema, facts) => {
        const { schema: lowered } = lower(schema, facts)
        expect(typeof lowered === 'object' && lowered !== null && !Array.isArray(lowered)).toBe(true)
        if (facts.passes?.includes('object')) expect(lowered.type).toBe('object')
        // What cannot be written cannot be sent.
        expect(JSON.stringify(lowered)).toMatch(/^\{.*\}$/)
      }),
      { numRuns: 3_000 },
    )
  })

  it('of what is lowered changes nothing', () => {
    fc.assert(
      fc.property(wild, someFacts, (schema, facts) => {
        const once = JSON.stringify(lower(schema, facts).schema)
        expect(JSON.stringify(lower(JSON.parse(once), facts).schema)).toBe(once)
      }),
      { numRuns: 3_000 },
    )
  })

  it('leaves no reference and no composition at the root where the client takes none', () => {
    fc.assert(
      fc.property(wild, (schema) => {
        const text = JSON.stringify(lower(schema, { passes: ['valid', 'refs', 'root', 'object'] }).schema)
        for (const key of ['anyOf', 'oneOf', 'allOf', '$ref']) expect(Object.hasOwn(JSON.parse(text), key)).toBe(false)
      }),
      { numRuns: 1_000 },
    )
  })

  it('gives back the very same object where nothing is asked for, or there is nothing to do', () => {
    const plain = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] }
    expect(lower(plain, {}).schema).toBe(plain)
    expect(lower(plain, EVERYTHING).schema).toBe(plain)
    const odd = { anyOf: [{ $ref: '#' }] }
    expect(lower(odd, { passes: [] }).schema).toBe(odd)
  })

  it('ends in time for references that multiply each other', () => {
    const steps = Array.from({ length: 60 }, (_, step): [string, object] => [
      `s${step}`,
      { type: 'object', properties: { a: { $ref: `#/$defs/s${step + 1}` }, b: { $ref: `#/$defs/s${step + 1}` } } },
    ])
    const ladder = { type: 'object', properties: { x: { $ref: '#/$defs/s0' } }, $defs: Object.fromEntries(steps) }
    expect(JSON.stringify(lower(ladder, EVERYTHING).schema).length).toBeLessThan(100_000)
  })
})
