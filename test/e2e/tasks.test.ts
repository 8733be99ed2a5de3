/** Tools that work only as tasks are called like any other, and what a task asks meanwhile reaches the client. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestClient } from '../support/clients.ts'
import { Gateway, packageServer } from '../support/gateway.ts'

const RESEARCH = 'everything__simulate-research-query'
const FORMS = { elicitation: { form: {} } }

let gateway: Gateway

beforeAll(async () => {
  gateway = await Gateway.start({ servers: { everything: packageServer('everything') } })
})

afterAll(() => gateway.stop())

describe('a tool that works only as a task', () => {
  it('gives a client that simply calls it the result', async () => {
    const client = await TestClient.http(gateway.url())
    await client.toolNames()
    expect(await client.text(RESEARCH, { topic: 'bees' })).toContain('Research Report: bees')
    await client.close()
  })

  it('ignores a wish for a task, which is nothing that the gateway has offered', async () => {
    const client = await TestClient.http(gateway.url())
    await client.toolNames()
    const echo = await client.request('tools/call', {
      name: 'everything__echo',
      arguments: { message: 'x' },
      task: { ttl: 1_000 },
    })
    expect(echo).toMatchObject({ content: [{ type: 'text', text: 'Echo: x' }] })
    const params = { name: RESEARCH, arguments: { topic: 'wasps' }, task: { ttl: 60_000 } }
    expect(JSON.stringify(await client.request('tools/call', params))).toContain('Research Report: wasps')
    await client.close()
  })

  it('asks the client while it works', async () => {
    const asked: unknown[] = []
    const client = await TestClient.http(gateway.url(), FORMS, {
      'elicitation/create': (params: unknown) => {
        asked.push(params)
        return { action: 'accept', content: { interpretation: 'technical' } }
      },
    })
    await client.toolNames()
    expect(await client.text(RESEARCH, { topic: 'python', ambiguous: true })).toContain('**Clarification**: technical')
    expect(asked).toHaveLength(1)
    await client.close()
  })
})
