/** Clients of the session era with servers of the stateless one: nobody notices that there is a bridge. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answers, TestClient } from '../support/clients.ts'
import { Gateway, type HttpServer } from '../support/gateway.ts'
import { until } from '../support/processes.ts'
import { referenceServer, startReference } from '../support/reference.ts'

let remote: HttpServer
let gateway: Gateway
const clients: TestClient[] = []

beforeAll(async () => {
  remote = await startReference()
  gateway = await Gateway.start({
    servers: { http: { url: remote.url }, stdio: referenceServer(), forced: { url: remote.url, protocol: 'session' } },
  })
})

afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()))
  await gateway?.stop()
  await remote?.stop()
})

async function connect(server: string, capabilities: object = {}, answers: Answers = {}): Promise<TestClient> {
  const client = await TestClient.http(gateway.url(server), capabilities, answers)
  clients.push(client)
  return client
}

const ABLE = { sampling: {}, elicitation: {}, roots: {} }
const FORM = (content: object) => () => ({ action: 'accept', content })

it('finds out which era a server speaks, and takes the newer one unless told otherwise', async () => {
  const { servers } = await gateway.health()
  expect(Object.fromEntries(servers.map(({ name, protocol }) => [name, protocol]))).toEqual({
    forced: '2025-11-25',
    http: '2026-07-28',
    stdio: '2026-07-28',
  })
})

describe.each(['http', 'stdio'])('a stateless server over %s', (server) => {
  it('introduces itself as it would in a session', async () => {
    const { client } = await connect(server)
    expect(client.getServerVersion()).toMatchObject({ name: 'mcp-gw-reference', version: '1.0.0' })
    expect(client.getInstructions()).toMatch(/^A server for tests/)
    expect(client.getServerCapabilities()).toMatchObject({ tools: { listChanged: true }, resources: { subscribe: true } })
  })

  it('answers without a word that only the other era knows', async () => {
    const client = await connect(server)
    const reply = await client.call('test_simple_text')
    expect(reply).toEqual({ content: [{ type: 'text', text: 'This is a simple text response for testing.' }] })
    const list = await client.request('resources/list')
    expect(list).not.toHaveProperty('ttlMs')
    expect(list).not.toHaveProperty('resultType')
    expect((await client.request('resources/read', { uri: 'test://static-text' })).contents).toHaveLength(1)
    expect((await client.request('prompts/get', { name: 'test_simple_prompt' })).messages).toHaveLength(1)
    const ref = { type: 'ref/resource', uri: 'test://template/{id}/data' }
    const { completion } = await client.request('completion/complete', { ref, argument: { name: 'id', value: '1' } })
    expect(completion).toMatchObject({ values: ['1', '12', '123'] })
    expect(await client.request('ping')).toEqual({})
  })

  it('refuses an unknown resource with the code of the session era', async () => {
    const client = await connect(server)
    await expect(client.request('resources/read', { uri: 'test://nowhere' })).rejects.toMatchObject({ code: -32002 })
  })

  it('tells progress and logs along the call', async () => {
    const client = await connect(server)
    const told: number[] = []
    const params = { name: 'test_tool_with_progress', arguments: {} }
    const onprogress = ({ progress }: { progress: number }): void => void told.push(progress)
    await client.client.request({ method: 'tools/call', params }, (await import('zod')).any(), { onprogress })
    expect(told.length).toBeGreaterThan(1)
    await client.call('test_tool_with_logging')
    expect(client.count('notifications/message')).toBeGreaterThan(0)
  })

  it('logs nothing below the level that a client has set', async () => {
    const client = await connect(server)
    await client.request('logging/setLevel', { level: 'emergency' })
    await client.call('test_tool_with_logging')
    expect(client.count('notifications/message')).toBe(0)
  })

  it('asks the client by real requests', async () => {
    const client = await connect(server, ABLE, {
      'elicitation/create': ({ message }) => FORM({ name: 'Ada', ok: true, asked: message as string })(),
      'sampling/createMessage': () => ({ role: 'assistant', model: 'm', content: { type: 'text', text: 'Paris' } }),
      'roots/list': () => ({ roots: [{ uri: 'file:///r' }] }),
    })
    expect(await client.text('test_input_required_result_elicitation')).toBe('Hello, Ada!')
    expect(await client.text('test_input_required_result_sampling')).toBe('Paris')
    expect(await client.text('test_input_required_result_list_roots')).toBe('Roots: file:///r')
    expect(await client.text('test_input_required_result_request_state')).toBe('state-ok')
    expect(await client.text('test_input_required_result_multiple_inputs')).toMatch(/^Got /)
    expect(client.asked.at(0)).toMatchObject({ params: { message: 'What is your name?' } })
    const prompt = await client.request('prompts/get', { name: 'test_input_required_result_prompt' })
    expect(prompt).not.toHaveProperty('resultType')
  })

  it('asks over several rounds, with its state', async () => {
    const answers = [{ name: 'Ada' }, { color: 'blue' }]
    const client = await connect(server, ABLE, { 'elicitation/create': () => FORM(answers.shift() ?? {})() })
    expect(await client.text('test_input_required_result_multi_round')).toBe('Ada likes blue.')
  })

  it('is answered with what went wrong where the client cannot be asked', async () => {
    const client = await connect(server)
    expect(await client.call('test_input_required_result_sampling')).toMatchObject({ isError: true })
    expect(await client.text('test_input_required_result_sampling')).toMatch(/sampling/)
  })

  it('is answered with what went wrong where the client refuses', async () => {
    const client = await connect(server, ABLE, {
      'elicitation/create': () => {
        throw new Error('nobody is there')
      },
    })
    expect(await client.call('test_input_required_result_elicitation')).toMatchObject({ isError: true })
    expect(await client.text('test_input_required_result_elicitation')).toMatch(/nobody is there/)
  })

  it('announces what changes', async () => {
    const client = await connect(server)
    await client.call('test_trigger_tool_change')
    await client.heard('notifications/tools/list_changed')
    expect(await client.toolNames()).toContain('test_dynamic_tool')
    await client.call('test_trigger_tool_change')
    await until(async () => !(await client.toolNames()).includes('test_dynamic_tool') || undefined, 'the tool stays')
  })

  it('tells those who watch a resource, and nobody else', async () => {
    const [watcher, other] = [await connect(server), await connect(server)]
    const uri = 'test://watched-resource'
    await watcher.request('resources/subscribe', { uri })
    await other.call('test_trigger_resource_update')
    expect((await watcher.heard('notifications/resources/updated')).params).toEqual({ uri })
    expect(other.count('notifications/resources/updated')).toBe(0)
    await watcher.request('resources/unsubscribe', { uri })
  })

  it('is one instance for clients that can do different things', async () => {
    await (await connect(server, ABLE)).call('test_simple_text')
    const { servers } = await gateway.health()
    expect(servers.find(({ name }) => name === server)?.instances).toHaveLength(1)
  })
})
