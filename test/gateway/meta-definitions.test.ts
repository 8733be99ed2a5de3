import { beforeAll, describe, expect, it } from 'vitest'
import { metaDefinitions, READ_RESULT } from '../../src/gateway/meta/definitions.ts'
import type { ServerView } from '../../src/gateway/meta/servers.ts'
import { type CountTokens, loadTokenCounter } from '../../src/observe/tokens.ts'

let count: CountTokens
beforeAll(async () => {
  count = await loadTokenCounter()
})

const server = (name: string, down?: string): ServerView => ({ name, tools: 20, down, instructions: undefined })
const cost = (servers: ServerView[]): number => count(`[${metaDefinitions(servers, false).join(',')}]`)
const many = (name: (index: number) => string) => Array.from({ length: 60 }, (_, index) => server(name(index)))

describe('the definitions of the meta-tools', () => {
  it('take at most 400 tokens together, however many servers there are and whatever they are called', () => {
    expect(cost([])).toBeLessThanOrEqual(400)
    expect(cost(many((index) => `server-${index}`))).toBeLessThanOrEqual(400)
    expect(cost(many((index) => `x${index}_Q${index * 7919}-zz`))).toBeLessThanOrEqual(400)
    expect(cost(many((index) => `${'k9_X-'.repeat(6)}${index}`))).toBeLessThanOrEqual(400)
    expect(
      cost(many((index) => `s${index}`).map((one, index) => (index % 2 ? one : { ...one, down: 'gone' }))),
    ).toBeLessThanOrEqual(400)
  })

  it('take 150 tokens more for those who have a result to read', () => {
    expect(count(READ_RESULT)).toBeLessThanOrEqual(150)
  })

  it('name the servers, and those that are down', () => {
    const [search] = metaDefinitions([server('github'), server('notes'), server('sentry', 'it exited')], false)
    expect(JSON.parse(search as string).description).toBe(
      'Find tools by what they do. Servers: github (20), notes (20). Down: sentry.',
    )
  })

  it('say how many servers there is no room for', () => {
    const [search] = metaDefinitions(
      many((index) => `a-rather-long-name-${index}`),
      false,
    )
    expect(JSON.parse(search as string).description).toMatch(/a-rather-long-name-0 \(20\), .*, 5\d more\.$/)
  })

  it('declare objects as their input, and which arguments a call needs', () => {
    const all = [...metaDefinitions([], false), ...metaDefinitions([], true)].map((text) => JSON.parse(text))
    for (const { name, inputSchema } of all) {
      expect(inputSchema.type, name).toBe('object')
      for (const required of inputSchema.required ?? []) expect(inputSchema.properties, name).toHaveProperty(required)
    }
  })
})
