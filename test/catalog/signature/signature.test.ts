/** A signature tells what a correct call needs, in little room, whatever the schema is. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { haystack } from '../../../src/catalog/search/evaluation/haystack.ts'
import { signature } from '../../../src/catalog/signature/signature.ts'
import { estimateTokens, loadTokenCounter } from '../../../src/observe/tokens.ts'
import { recordedServers } from '../../support/catalogues.ts'
import { UGLY } from './ugly.ts'

const lines = (all: Iterable<string>): string => [...all, ''].join('\n')
const of = (inputSchema: unknown, description?: unknown): string => signature({ name: 'tool', description, inputSchema })
const described = (description: unknown): string => of({}, description)

describe('the recorded servers', () => {
  const tools = recordedServers().flatMap(({ server, tools }) =>
    tools.map((tool) => ({ ...tool, name: `${server}__${tool.name}` })),
  )

  test('have the signatures in the golden file', async () => {
    await expect(lines(tools.map((tool) => signature(tool)))).toMatchFileSnapshot('../golden/signatures.txt')
  })

  test('every required parameter is named', () => {
    for (const tool of tools) {
      const { required } = tool.inputSchema as { required?: string[] }
      const parts = signature(tool)
      for (const name of required ?? []) expect(parts).toMatch(new RegExp(`[(, ]${name.replace(/[$]/g, '\\$&')}: `))
    }
  })

  test('eight of them cost a model at most 600 tokens in the middle and 1,500 at worst, in a crowd of 1,000 tools too', async () => {
    const count = await loadTokenCounter()
    const crowd = haystack(1_000 - tools.length).flatMap(({ tools }) => [...tools])
    const costs = [...tools, ...crowd].map((tool) => count(`${signature(tool)}\n`)).sort((a, b) => a - b)
    const worst = costs.slice(-8).reduce((sum, cost) => sum + cost)
    expect(costs).toHaveLength(1_000)
    expect((costs[500] as number) * 8).toBeLessThanOrEqual(600)
    expect(worst).toBeLessThanOrEqual(1_500)
    // Even of the real servers alone, whose schemas are larger.
    const real = tools.map((tool) => count(`${signature(tool)}\n`)).sort((a, b) => a - b)
    expect((real[real.length >> 1] as number) * 8).toBeLessThanOrEqual(600)
  })
})

describe('ugly schemas', () => {
  test('have the signatures in the golden file', async () => {
    const all = Object.entries(UGLY).map(([what, schema]) => `${what}: ${of(schema)}`)
    await expect(lines(all)).toMatchFileSnapshot('../golden/ugly-signatures.txt')
  })

  test('whatever a server sends, there is one line, and it is not long', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 6 }),
        fc.jsonValue(),
        fc.integer({ min: 20, max: 300 }),
        (schema, description, room) => {
          const line = signature({ name: 'tool', description, inputSchema: schema }, room)
          expect(line).not.toMatch(/[\n\r]/)
          expect(estimateTokens(line)).toBeLessThanOrEqual(room * 1.2 + 10)
        },
      ),
    )
  })

  test('schemas made of the words of schemas do not break it either', () => {
    const { schema } = fc.letrec((tie) => ({
      schema: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom<object>({ type: 'string' }, { $ref: '#' }, { $ref: '#/properties/a' }, { enum: ['x', 'y'] }, {}),
        fc.record({ anyOf: fc.array(tie('schema'), { maxLength: 3 }), nullable: fc.boolean() }),
        fc.record({ allOf: fc.array(tie('schema'), { maxLength: 3 }), default: fc.jsonValue() }),
        fc.record({ type: fc.constant('array'), items: tie('schema') }),
        fc.record({
          properties: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('schema')),
          required: fc.subarray(['a', 'b', 'c']),
        }),
      ),
    }))
    fc.assert(
      fc.property(schema, (inputSchema) => {
        expect(estimateTokens(of(inputSchema))).toBeLessThanOrEqual(190)
      }),
    )
  })
})

describe('the description', () => {
  test.each([
    ['its first sentence', 'Reads one file as text. It fails where there is none.', 'Reads one file as text.'],
    ['two sentences where the first says little', 'Reads files. Many at once.', 'Reads files. Many at once.'],
    ['no abbreviation for an end', 'Formats a value, e.g. a date or a sum. More.', 'Formats a value, e.g. a date or a sum.'],
    ['what stands before a blank line', 'Reads a file\n\nWhen to use: always', 'Reads a file'],
    ['what stands before a list', 'Reads a file\n- fast\n- well', 'Reads a file'],
    ['what stands before a heading', 'Reads a file\nArgs:\n  path: where', 'Reads a file'],
    ['one line', '  Reads\n   a\tfile ', 'Reads a file'],
    ['no marks of Markdown', '**Purpose:** Reads a file', 'Purpose: Reads a file'],
    ['no characters that steer a terminal', 'Reads \u001b[31ma file', 'Reads [31ma file'],
  ])('gives %s', (_what, description, line) => {
    expect(described(description)).toBe(`tool() — ${line}`)
  })

  test('is cut between words and says so', () => {
    expect(described('word '.repeat(500))).toMatch(/^tool\(\) — (word )+word…$/)
    expect(described('長い説明'.repeat(500))).toMatch(/^tool\(\) — (長い説明)+(長|長い|長い説)?…$/)
  })

  test('is the title where there is none, and nothing where that is no text', () => {
    expect(signature({ name: 'tool', title: 'Read a file', description: 7 })).toBe('tool() — Read a file')
    expect(described(['x'])).toBe('tool()')
  })
})
