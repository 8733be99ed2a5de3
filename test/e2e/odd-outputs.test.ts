/** Structured content that is no object, which only the stateless era has, reaches clients of the session era as they can take it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestClient } from '../support/clients.ts'
import { fixtureServer, Gateway } from '../support/gateway.ts'
import { ask } from '../support/stateless.ts'

let gateway: Gateway

beforeAll(async () => {
  gateway = await Gateway.start({ servers: { odd: fixtureServer('odd-outputs.mjs') } })
})

afterAll(() => gateway.stop())

describe.each([
  ['all servers', undefined, 'odd__'],
  ['the one server', 'odd', ''],
])('at the endpoint of %s', (_, server, prefix) => {
  it('a client of the session era takes the list, and results that fit it', async () => {
    const client = await TestClient.http(gateway.url(server))
    const { tools } = await client.client.listTools()
    const schemas = Object.fromEntries(tools.map(({ name, outputSchema }) => [name.slice(prefix.length), outputSchema]))
    expect(schemas.numbers).toEqual({
      type: 'object',
      properties: {
        result: {
          type: 'array',
          items: { $ref: '#/properties/result/$defs/n' },
          $defs: { n: { type: 'integer', minimum: 0 } },
          examples: [['#']],
        },
      },
      required: ['result'],
    })
    expect(schemas.plain).toEqual({ type: 'object', properties: { n: { type: 'integer' } } })
    // The SDK holds results against these schemas.
    const content = async (name: string) => (await client.client.callTool({ name: prefix + name })).structuredContent
    expect(await content('numbers')).toEqual({ result: [1, 2, 3] })
    expect(await content('either')).toEqual({ result: { deep: null } })
    expect(await content('plain')).toEqual({ n: 7 })
    expect(await content('unsaid')).toEqual({ result: 'text' })
    await client.close()
  })

  it('a client of its own era gets what the server says', async () => {
    const { tools } = (await ask(gateway.url(server), 'tools/list')).last.result
    expect(tools[0].outputSchema).toMatchObject({ type: 'array', items: { $ref: '#/$defs/n' } })
    const called = await ask(gateway.url(server), 'tools/call', { name: `${prefix}numbers`, arguments: {} })
    expect(called.last.result.structuredContent).toEqual([1, 2, 3])
  })
})
