/** Every tool of server-everything, over each transport, through the gateway and directly: the results are equal. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestClient } from '../support/clients.ts'
import { Gateway, type HttpServer, packageServer, startEverything } from '../support/gateway.ts'
import { until } from '../support/processes.ts'

const everything = packageServer('everything')
const SERVERS = ['stdio', 'sse', 'found', 'remote']

let gateway: Gateway
let sse: HttpServer
let streamable: HttpServer
let client: TestClient
let direct: TestClient

beforeAll(async () => {
  ;[sse, streamable] = await Promise.all([startEverything('sse'), startEverything('streamableHttp')])
  gateway = await Gateway.start({
    servers: {
      stdio: everything,
      sse: { url: sse.url, type: 'sse' },
      found: { url: sse.url },
      remote: { url: streamable.url, type: 'http' },
    },
  })
  client = await TestClient.http(gateway.url())
  direct = await TestClient.stdio(everything)
})

afterAll(async () => {
  await Promise.all([client?.close(), direct?.close()])
  await gateway?.stop()
  await Promise.all([sse?.stop(), streamable?.stop()])
})

/** Tools whose result depends on nothing but the arguments. */
const DETERMINISTIC: [string, Record<string, unknown>][] = [
  ['echo', { message: 'zwölf Boxkämpfer 日本語 🙂 \u2028 "quoted" \\ \n line' }],
  ['get-annotated-message', { messageType: 'error', includeImage: true }],
  ['get-annotated-message', { messageType: 'success' }],
  ['get-annotated-message', { messageType: 'debug', includeImage: false }],
  ['get-structured-content', { location: 'Chicago' }],
  ['get-sum', { a: 0.1, b: 0.2 }],
  ['get-tiny-image', {}],
  ['gzip-file-as-resource', { name: 'a.gz', data: 'data:text/plain;base64,aGVsbG8=', outputType: 'resource' }],
  ['gzip-file-as-resource', { name: 'b.gz', data: 'data:text/plain;base64,aGVsbG8=', outputType: 'resourceLink' }],
  ['trigger-long-running-operation', { duration: 0.05, steps: 2 }],
]

/** Arguments that a tool refuses, each in its own words. */
const REFUSED: [string, Record<string, unknown>][] = [
  ['get-sum', { a: 'one', b: 2 }],
  ['get-structured-content', { location: 'Atlantis' }],
  ['gzip-file-as-resource', { data: 'file:///etc/hosts' }],
]

describe.each(SERVERS)('server-everything behind %s', (server) => {
  it.each(DETERMINISTIC)('%s %j gives the same result as without the gateway', async (tool, given) => {
    // Two servers that make the same URI are told apart by a prefix, so each makes its own here.
    const args = tool === 'gzip-file-as-resource' ? { ...given, name: `${server}-${given.name}` } : given
    const expected = await direct.call(tool, args)
    expect(await client.call(`${server}__${tool}`, args)).toEqual(expected)
    expect(expected.isError).toBeUndefined()
  })

  it.each(REFUSED)('%s %j is refused in the same words as without the gateway', async (tool, args) => {
    const outcome = (one: Promise<unknown>) => one.catch(({ code, message, data }) => ({ code, message, data }))
    const expected = await outcome(direct.call(tool, args))
    expect(await outcome(client.call(`${server}__${tool}`, args))).toEqual(expected)
  })

  it('links to resources and embeds them under a URI that can be read through the gateway', async () => {
    const { content } = (await client.call(`${server}__get-resource-links`, { count: 2 })) as { content: Block[] }
    const links = content.filter(({ type }) => type === 'resource_link')
    expect(links.map(({ name }) => name)).toEqual(['Blob Resource 1', 'Text Resource 2'])
    for (const { uri } of links) expect((await read(String(uri)))?.uri).toBe(uri)
    for (const resourceType of ['Text', 'Blob']) {
      const args = { resourceType, resourceId: 3 }
      const { content: blocks } = (await client.call(`${server}__get-resource-reference`, args)) as { content: Block[] }
      const { resource } = blocks[1] as { resource: Block }
      expect(Object.keys(resource).sort()).toEqual([resourceType === 'Text' ? 'text' : 'blob', 'mimeType', 'uri'].sort())
      expect((await read(String(resource.uri)))?.uri).toBe(resource.uri)
    }
  })

  it('adds a resource that a tool made to the list, and tells the client', async () => {
    const told = client.count('notifications/resources/list_changed')
    const args = { name: `${server}.gz`, data: 'data:text/plain,made', outputType: 'resourceLink' }
    const { content } = (await client.call(`${server}__gzip-file-as-resource`, args)) as { content: Block[] }
    const uri = String(content[0]?.uri)
    const look = async () => {
      const { resources } = (await client.request('resources/list')) as { resources: Block[] }
      return resources.some((resource) => resource.uri === uri) || undefined
    }
    await until(look, `${uri} is not listed`)
    await until(() => client.count('notifications/resources/list_changed') > told || undefined, 'the client was not told')
    expect((await read(uri))?.mimeType).toBe('application/gzip')
  })

  it('toggles logging and updates for the session of this client', async () => {
    for (const tool of ['toggle-simulated-logging', 'toggle-subscriber-updates']) {
      expect(await client.text(`${server}__${tool}`)).toMatch(/^Started /)
      expect(await client.text(`${server}__${tool}`)).toMatch(/^Stopped /)
    }
  })
})

it('a tool that wants to be a task is refused at the endpoint of its server alone, as without the gateway', async () => {
  const alone = await TestClient.http(gateway.url('stdio'))
  const refused = (one: TestClient) => one.call('simulate-research-query', { topic: 'gateways' })
  const expected = await refused(direct)
  expect(expected).toHaveProperty('isError', true)
  expect(await refused(alone)).toEqual(expected)
  await alone.close()
})

it('a task is started, asked after and fetched at the endpoint of the server alone', async () => {
  const alone = await TestClient.http(gateway.url('stdio'))
  const params = { name: 'simulate-research-query', arguments: { topic: 'gateways' }, task: { ttl: 60_000 } }
  const { task } = (await alone.request('tools/call', params)) as { task: { taskId: string; status: string } }
  expect(task.status).toBe('working')
  const { taskId } = task
  const look = async () => ((await alone.request('tasks/get', { taskId })).status === 'completed' ? true : undefined)
  await until(look, 'the task does not end')
  const { content, _meta } = (await alone.request('tasks/result', { taskId })) as { content: Block[]; _meta: object }
  expect(content[0]?.text).toContain('# Research Report: gateways')
  expect(_meta).toEqual({ 'io.modelcontextprotocol/related-task': { taskId } })
  await alone.close()
})

it('get-env shows a child only the few variables that every child gets', async () => {
  const env = JSON.parse(await client.text('stdio__get-env')) as Record<string, string>
  expect(env.PATH).toBe(process.env.PATH)
  expect(Object.keys(env).filter((key) => /^(npm_|VITEST|NODE_|MCP_)/i.test(key))).toEqual([])
})

it('every tool that the servers list for a client without capabilities is called here', async () => {
  const called = [...DETERMINISTIC, ...REFUSED].map(([tool]) => tool)
  const others = [
    'get-resource-links',
    'get-resource-reference',
    'toggle-simulated-logging',
    'toggle-subscriber-updates',
    'get-env',
    'simulate-research-query',
  ]
  const names = (await client.toolNames()).map((name) => name.replace(/^\w+__/, ''))
  expect([...new Set(names)].sort()).toEqual([...new Set([...called, ...others])].sort())
})

type Block = Record<string, unknown>

async function read(uri: string): Promise<Block | undefined> {
  const { contents } = (await client.request('resources/read', { uri })) as { contents: Block[] }
  return contents[0]
}
