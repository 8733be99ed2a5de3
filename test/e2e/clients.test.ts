/** Every client we can get hold of, at the same gateway: both SDKs over each transport, and the inspector's command line. */
import { join } from 'node:path'
import { Client, SSEClientTransport, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestClient } from '../support/clients.ts'
import { fixtureServer, Gateway, packageServer, temporaryFolder, writeConfig } from '../support/gateway.ts'
import { inspect } from '../support/inspector.ts'
import { PROJECT, until } from '../support/processes.ts'

const folder = temporaryFolder()
const servers = {
  everything: packageServer('everything'),
  filesystem: packageServer('filesystem', folder.path),
  memory: { ...packageServer('memory'), env: { MEMORY_FILE_PATH: join(folder.path, 'memory.jsonl') } },
  odd: fixtureServer('misbehaving.mjs'),
}

let gateway: Gateway
let stdio: { command: string; args: string[] }

beforeAll(async () => {
  gateway = await Gateway.start({ servers })
  const config = writeConfig(folder.path, { servers })
  stdio = { command: process.execPath, args: [join(PROJECT, 'bin', 'mcp-gw.js'), 'serve', '--stdio', '--config', config] }
})

afterAll(async () => {
  await gateway?.stop()
  folder.remove()
})

const TOOLS = ['everything__echo', 'filesystem__read_text_file', 'memory__read_graph', 'odd__echo']
// Where the last progress comes in one chunk with the answer, the SDKs do not hand it on: with a gateway and without.
const SAMPLE = { model: 'm', role: 'assistant' as const, content: { type: 'text' as const, text: 'sampled' } }
const ANSWERS = { 'sampling/createMessage': () => SAMPLE, 'roots/list': () => ({ roots: [{ uri: 'file:///x', name: 'X' }] }) }

/** Servers that take long to start are listed once they are up. */
function allTools(names: () => Promise<string[]>): Promise<true> {
  const look = async () => {
    const listed = await names()
    return TOOLS.every((tool) => listed.includes(tool)) || undefined
  }
  return until(look, `not all of ${TOOLS.join(', ')} are listed`)
}

describe('the v1 SDK', () => {
  const CAPABILITIES = { sampling: {}, roots: {} }

  it.each([
    ['Streamable HTTP', () => TestClient.http(gateway.url(), CAPABILITIES, ANSWERS)],
    ['HTTP+SSE of 2024-11-05', () => TestClient.sse(`${gateway.origin}/sse`, CAPABILITIES, ANSWERS)],
    ['stdio', () => TestClient.stdio(stdio, CAPABILITIES, ANSWERS)],
  ])('over %s lists, calls, hears progress, is asked, cancels and subscribes', async (_name, open) => {
    const client = await open()
    expect(client.client.getServerVersion()?.name).toBe('mcp-gw')
    await allTools(() => client.toolNames())
    expect(await client.text('everything__echo', { message: 'hi' })).toBe('Echo: hi')
    const seen: number[] = []
    const params = { name: 'odd__slow-progress', arguments: { steps: 4, intervalMs: 40 } }
    await client.client.callTool(params, undefined, { onprogress: ({ progress }) => void seen.push(progress) })
    expect(seen.slice(0, 2)).toEqual([1, 2])
    expect(await client.text('everything__trigger-sampling-request', { prompt: 'p' })).toContain('"sampled"')
    expect(await client.text('everything__get-roots-list')).toContain('file:///x')
    const stop = new AbortController()
    setTimeout(() => stop.abort('enough'), 50)
    await expect(client.call('odd__silent', {}, { signal: stop.signal })).rejects.toThrow(/enough/)
    await client.request('resources/subscribe', { uri: 'mis://one' })
    await client.call('odd__touch')
    await client.heard('notifications/resources/updated')
    await client.client.ping()
    await client.close()
  })

  it('over HTTP+SSE reaches one server alone', async () => {
    const client = await TestClient.sse(`${gateway.origin}/sse/memory`)
    expect(client.client.getServerVersion()?.name).toBe('memory-server')
    expect(await client.toolNames()).toContain('read_graph')
    await client.close()
    await until(async () => ((await gateway.health()).sessions === 0 ? true : undefined), 'the session outlives its stream')
  })
})

describe('the v2 SDK', () => {
  const open = async (transport: ConstructorParameters<typeof Object>[0], mode: 'legacy' | 'auto') => {
    const client = new Client(
      { name: 'v2', version: '2' },
      { capabilities: { sampling: {}, roots: {}, elicitation: { form: {} } }, versionNegotiation: { mode } },
    )
    client.setRequestHandler('sampling/createMessage', async () => SAMPLE)
    client.setRequestHandler('roots/list', async () => ({ roots: [{ uri: 'file:///x', name: 'X' }] }))
    client.setRequestHandler('elicitation/create', async () => ({ action: 'accept' as const, content: { name: 'Ada' } }))
    await client.connect(transport)
    return client
  }

  it.each([
    ['Streamable HTTP', 'legacy'],
    ['Streamable HTTP', 'auto'],
    ['HTTP+SSE', 'legacy'],
    ['stdio', 'legacy'],
    ['stdio', 'auto'],
  ] as const)('over %s in %s mode lists, calls, hears progress and is asked', async (name, mode) => {
    const transport = {
      'Streamable HTTP': () => new StreamableHTTPClientTransport(new URL(gateway.url())),
      'HTTP+SSE': () => new SSEClientTransport(new URL(`${gateway.origin}/sse`)),
      stdio: () => new StdioClientTransport({ ...stdio, stderr: 'ignore' }),
    }[name]()
    const client = await open(transport, mode)
    expect(client.getServerVersion()?.name).toBe('mcp-gw')
    // Over stdio the gateway has only just started, and waits a second at most for what servers say of themselves.
    if (name !== 'stdio') expect(client.getInstructions()).toContain('# everything')
    await allTools(async () => (await client.listTools()).tools.map((tool) => tool.name))
    const { prompts } = await client.listPrompts()
    expect(prompts.map((prompt) => prompt.name)).toContain('everything__simple-prompt')
    const read = await client.readResource({ uri: 'mis://one' })
    expect(read.contents).toEqual([{ uri: 'mis://one', mimeType: 'text/plain', text: 'the text of mis://one' }])
    const call = async (tool: string, args: Record<string, unknown> = {}) =>
      ((await client.callTool({ name: tool, arguments: args })).content as { text: string }[])[0]?.text
    expect(await call('everything__echo', { message: 'hi' })).toBe('Echo: hi')
    expect(await call('everything__trigger-sampling-request', { prompt: 'p' })).toContain('"sampled"')
    expect(await call('everything__trigger-elicitation-request')).toContain('User provided')
    expect(await call('everything__get-roots-list')).toContain('file:///x')
    const weather = await client.callTool({ name: 'everything__get-structured-content', arguments: { location: 'Chicago' } })
    expect(weather.structuredContent).toEqual({ temperature: 36, conditions: 'Light rain / drizzle', humidity: 82 })
    const seen: number[] = []
    const params = { name: 'odd__slow-progress', arguments: { steps: 4, intervalMs: 40 } }
    await client.callTool(params, { onprogress: ({ progress }) => void seen.push(progress) })
    expect(seen.slice(0, 2)).toEqual([1, 2])
    await client.close()
  })
})

describe('the inspector', () => {
  if (!inspect) {
    it('is not installed; run npm run test:conformance once to have it tested here', ({ skip }) => skip())
    return
  }
  const ask = inspect.bind(undefined, folder.path)

  it('lists the tools over Streamable HTTP', async () => {
    const { tools } = await ask(gateway.url(), '--transport', 'http', '--method', 'tools/list')
    expect(tools?.map(({ name }) => name)).toEqual(expect.arrayContaining(TOOLS))
  })

  it('calls a tool over HTTP+SSE', async () => {
    const call = ['--method', 'tools/call', '--tool-name', 'everything__get-sum', '--tool-arg', 'a=2', 'b=3']
    const { content } = await ask(`${gateway.origin}/sse`, '--transport', 'sse', ...call)
    expect(content?.[0]?.text).toBe('The sum of 2 and 3 is 5.')
  })

  it('reads a resource and gets a prompt', async () => {
    const { contents } = await ask(gateway.url(), '--method', 'resources/read', '--uri', 'mis://two')
    expect(contents?.[0]?.text).toBe('the text of mis://two')
    const { messages } = await ask(
      gateway.url('odd'),
      '--transport',
      'http',
      '--method',
      'prompts/get',
      '--prompt-name',
      'greet',
      '--prompt-args',
      'who=Ada',
    )
    expect(JSON.stringify(messages)).toContain('Greet Ada.')
  })
})
