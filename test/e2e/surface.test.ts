import type { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestClient } from '../support/clients.ts'
import { fixtureServer, Gateway, mcpGw, packageServer, temporaryFolder } from '../support/gateway.ts'
import { finish, until } from '../support/processes.ts'
import { apply } from '../support/reload.ts'

const META = ['gateway_search_tools', 'gateway_list_servers', 'gateway_list_tools', 'gateway_invoke']

const folder = temporaryFolder()
const everything = packageServer('everything')
const memory = { ...packageServer('memory'), env: { MEMORY_FILE_PATH: `${folder.path}/memory.jsonl` } }
const servers = { everything, memory }
let gateway: Gateway

const names = async (client: TestClient): Promise<string[]> => (await client.client.listTools()).tools.map(({ name }) => name)

const over = async (path: string): Promise<TestClient> => TestClient.http(`${gateway.origin}${path}`)

const invoke = (client: TestClient, args: Record<string, unknown>, name = 'gateway_invoke') =>
  client.client.callTool({ name, arguments: args })

const textOf = (result: unknown): string =>
  ((result as { content: { text?: string }[] }).content ?? []).map(({ text }) => text ?? '').join('\n')

const full = {
  servers: { ...servers, broken: fixtureServer('no-such-fixture.mjs') },
  surface: { mode: 'auto', budget: 100_000, pin: ['memory__read_graph'], clients: { 'other-*': { mode: 'search' } } },
  profiles: {
    notes: { servers: ['memory'], tools: ['memory__read_*', 'memory__search_*'] },
    narrow: { surface: { mode: 'search', pin: [] } },
  },
}

beforeAll(async () => {
  gateway = await Gateway.start(full)
})
afterAll(() => gateway.stop())

describe('a surface', () => {
  it('lists every tool where the definitions fit the budget', async () => {
    const client = await over('/mcp')
    const shown = await names(client)
    expect(shown).toContain('everything__echo')
    expect(shown).toContain('memory__read_graph')
    expect(shown).not.toContain('gateway_invoke')
  })

  it('is the search surface, with what is pinned, where the URL asks for it', async () => {
    const client = await over('/mcp?surface=search')
    expect(await names(client)).toEqual([...META, 'memory__read_graph'])
  })

  it('is refused by its name where there is none like it', async () => {
    await expect(over('/mcp?surface=small')).rejects.toThrow(/there is no surface .*small.*auto, direct, search/)
  })

  it('turns to search where the definitions do not fit, tells the session, and turns back', async () => {
    const client = await over('/mcp')
    expect(await names(client)).toContain('everything__echo')
    const told = () => client.notifications.filter(({ method }) => method === 'notifications/tools/list_changed').length
    await apply(gateway, { servers, surface: { budget: 1500 } })
    await until(() => (told() === 1 ? true : undefined), 'the change of the surface is not told', { running: gateway.running })
    expect(await names(client)).toEqual(META)
    await apply(gateway, { servers, surface: { budget: 50_000 } })
    await until(() => (told() === 2 ? true : undefined), 'the change back is not told', { running: gateway.running })
    expect(await names(client)).toContain('everything__echo')
    await apply(gateway, full)
  })
})

describe('a profile', () => {
  it('shows its servers and tools only, and calls no other', async () => {
    const client = await over('/mcp/profile/notes')
    expect(await names(client)).toEqual(['memory__read_graph', 'memory__search_nodes'])
    await expect(client.client.callTool({ name: 'memory__create_entities', arguments: {} })).rejects.toThrow(/Unknown tool/)
    await expect(client.client.callTool({ name: 'everything__echo', arguments: { message: 'x' } })).rejects.toThrow(
      /Unknown tool/,
    )
    const hidden = await invoke(client, { tool: 'everything__echo', arguments: { message: 'x' } })
    expect(hidden.isError).toBe(true)
  })

  it('has a surface of its own', async () => {
    expect(await names(await over('/mcp/profile/narrow'))).toEqual(META)
  })

  it('that does not exist is refused with those that do', async () => {
    await expect(over('/mcp/profile/none')).rejects.toThrow(/there is no profile .*none.*notes, narrow/)
  })

  it('is shown at /mcp to the client it names; a reload that changes it tells the session', async () => {
    const client = await over('/mcp')
    const all = await names(client)
    const changed = () => client.notifications.some(({ method }) => method === 'notifications/tools/list_changed')
    await apply(gateway, { servers, profiles: { notes: { servers: ['memory'], clients: ['Test-*'] } } })
    await until(() => (changed() ? true : undefined), 'the profile is not told', { running: gateway.running })
    const few = await names(client)
    expect(few.length).toBeGreaterThan(0)
    expect(few.every((name) => name.startsWith('memory__'))).toBe(true)
    await apply(gateway, full)
    expect(await names(client)).toEqual(all)
  })
})

describe('a profile that is chosen while the gateway runs', () => {
  const choose = (...args: string[]) => finish(mcpGw(['profile', '--config', gateway.file, ...args], { env: gateway.env }))

  it('is shown to the clients that are meant, which are told; the last choice holds, and the config after it', async () => {
    const client = await over('/mcp')
    const own = await over('/mcp/profile/narrow')
    const all = await names(client)
    const told = () => client.notifications.filter(({ method }) => method === 'notifications/tools/list_changed').length
    const { code, stdout } = await choose('notes')
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^Clients are shown the profile notes \(\d+ sessions? ha/)])
    await until(() => (told() === 1 ? true : undefined), 'the choice is not told', { running: gateway.running })
    expect(await names(client)).toEqual(['memory__read_graph', 'memory__search_nodes'])
    expect(await names(own)).toEqual(META)
    await choose('narrow', '--client', 'Test-*')
    expect(await names(client)).toEqual(META)
    await choose('notes', '--client', 'somebody-else')
    expect(await names(client)).toEqual(META)
    expect((await choose()).stdout).toMatch(/^PROFILE .*\nnotes .* somebody-else, \*\nnarrow .* Test-\*\n$/)
    await choose('--reset', '--client', 'Test-*')
    expect(await names(client)).toHaveLength(2)
    await choose('--reset')
    expect(await names(client)).toEqual(all)
    expect((await gateway.health()).profiles).toEqual([])
  })

  it('gives way where a reload takes it away, and is back with it', async () => {
    const client = await over('/mcp')
    const all = await names(client)
    await choose('notes')
    await apply(gateway, { ...full, profiles: {} })
    expect(await names(client)).toEqual(all)
    await apply(gateway, full)
    expect(await names(client)).toHaveLength(2)
    await choose('--reset')
  })

  it('must be one of the config, and only whoever runs the gateway chooses', async () => {
    expect(await choose('note')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/there is no profile "note"; .*notes, narrow/),
    })
    expect(await choose('notes', '--reset')).toMatchObject({ code: 2 })
    expect((await fetch(`${gateway.origin}/-/profile?name=notes`, { method: 'POST' })).status).toBe(401)
    expect((await fetch(`${gateway.origin}/-/profile`)).status).toBe(405)
    expect((await gateway.health()).profiles).toEqual([])
  })
})

describe('the meta-tools', () => {
  it('list the servers, and give the instructions of one', async () => {
    await gateway.settled()
    const client = await over('/mcp?surface=search')
    const list = textOf(await client.client.callTool({ name: 'gateway_list_servers', arguments: {} }))
    expect(list).toMatch(/^broken: down, .*\neverything: \d+ tools\nmemory: 9 tools$/)
    const one = textOf(await client.client.callTool({ name: 'gateway_list_servers', arguments: { server: 'everything' } }))
    expect(one).toMatch(/everything: \d+ tools\n\n\S/)
    const wrong = textOf(await client.client.callTool({ name: 'gateway_list_servers', arguments: { server: 'memroy' } }))
    expect(wrong).toContain('did you mean memory?')
  })

  it('call a tool by server and tool, by its exposed name, and by its own where that is unique, with one and the same result', async () => {
    const client = await over('/mcp?surface=search')
    const plain = await client.client.callTool({ name: 'everything__get-tiny-image', arguments: {} })
    for (const [server, tool] of [
      ['everything', 'get-tiny-image'],
      [undefined, 'everything__get-tiny-image'],
      [undefined, 'get-tiny-image'],
      ['everything', 'everything__get-tiny-image'],
    ]) {
      expect(await invoke(client, { ...(server && { server }), tool, arguments: {} })).toEqual(plain)
    }
  })

  it('pass structured content, progress and cancellation through', async () => {
    const client = await over('/mcp?surface=search')
    const weather = await invoke(client, { tool: 'everything__get-structured-content', arguments: { location: 'Chicago' } })
    expect(weather.structuredContent).toBeDefined()
    let steps = 0
    await client.client.callTool(
      {
        name: 'gateway_invoke',
        arguments: { tool: 'everything__trigger-long-running-operation', arguments: { duration: 0.3, steps: 3 } },
      },
      undefined,
      { onprogress: () => steps++ },
    )
    expect(steps).toBe(3)
  })

  it('answer wrong arguments with what the tool takes, and wrong names with the right one', async () => {
    const client = await over('/mcp?surface=search')
    const missing = await invoke(client, { tool: 'everything__echo', arguments: {} })
    expect(textOf(missing)).toContain('It takes: everything__echo')
    expect(missing.isError).toBe(true)
    expect(textOf(await invoke(client, { tool: 'everything__ehco' }))).toContain('did you mean everything__echo?')
    expect(textOf(await invoke(client, { server: 'memory', tool: 'read-graph' }))).toContain('did you mean read_graph?')
    expect(textOf(await invoke(client, { server: 'nowhere', tool: 'x' }))).toContain(
      'The servers are: broken, everything, memory.',
    )
    expect(textOf(await invoke(client, { tool: 'everything__echo', arguments: [1] }))).toContain('must be a JSON object')
  })

  it('take arguments that a model wrote as a text, and nothing else from it', async () => {
    const client = await over('/mcp?surface=search')
    expect(textOf(await invoke(client, { tool: 'everything__echo', arguments: '{"message":"hi"}' }))).toContain('hi')
    const smuggled = '{"message":"hi"},"name":"memory__read_graph"'
    expect(textOf(await invoke(client, { tool: 'everything__echo', arguments: smuggled }))).toContain('must be a JSON object')
  })

  it('are split by what a tool does where tiers are on', async () => {
    await apply(gateway, { servers, surface: { mode: 'search', tiers: true } })
    const client = await over('/mcp')
    expect((await names(client)).slice(3)).toEqual(['gateway_invoke_read', 'gateway_invoke_write', 'gateway_invoke_destructive'])
    const entity = { entities: [{ name: 'n', entityType: 't', observations: [] }] }
    const refused = await invoke(client, { tool: 'memory__create_entities', arguments: entity }, 'gateway_invoke_read')
    expect(textOf(refused)).toMatch(/not a tool that only reads; call it with gateway_invoke_(write|destructive)/)
    const aside = await invoke(client, { tool: 'memory__create_entities', arguments: entity })
    expect(textOf(aside)).toMatch(/not a tool that only reads/)
    expect((await invoke(client, { tool: 'memory__read_graph' }, 'gateway_invoke_read')).isError).toBeFalsy()
    await apply(gateway, full)
  })
})

describe('promotion', () => {
  it('lists the tools that are used most as well, and changes the choice only while no session is open', async () => {
    const own = await Gateway.start({ servers, surface: { mode: 'search', promote: true } })
    const open = () => TestClient.http(own.url())
    const first = await open()
    for (let i = 0; i < 4; i++) await invoke(first, { tool: 'memory__read_graph' })
    expect(await names(first)).toEqual(META)
    const second = await open()
    expect(await names(second)).toEqual(META)
    await (first.client.transport as StreamableHTTPClientTransport).terminateSession()
    await (second.client.transport as StreamableHTTPClientTransport).terminateSession()
    const third = await open()
    expect(await names(third)).toEqual([...META, 'memory__read_graph'])
    expect((await third.client.callTool({ name: 'memory__read_graph', arguments: {} })).isError).toBeFalsy()
    await own.stop()
  })
})

describe('mcp-gw tokens', () => {
  it('tells what each server, tool and surface costs, and what is never called', async () => {
    const { stdout } = await finish(mcpGw(['tokens', '--json', '--config', gateway.file], { env: gateway.env }))
    const report = JSON.parse(stdout)
    expect(report.tokenizer).toBe('o200k_base')
    const sum = report.servers.reduce((total: number, server: { tokens: number }) => total + server.tokens, 0)
    expect(Math.abs(report.surfaces.direct - sum)).toBeLessThan(50)
    expect(report.surfaces.search).toBeLessThan(report.surfaces.direct / 5)
    expect(report.surfaces.shown).toBe('direct')
    const { stdout: text } = await finish(mcpGw(['tokens', '--tools', '--config', gateway.file], { env: gateway.env }))
    expect(text).toMatch(/everything__echo +\d+/)
    expect(text).toMatch(/search +\d+ tokens, \d\d(\.\d)? % less/)
  })
})

describe('a search', () => {
  it('answers with typed lines, the best first, and names what is down', async () => {
    await gateway.settled()
    const client = await over('/mcp?surface=search')
    const find = async (args: Record<string, unknown>) =>
      client.client.callTool({ name: 'gateway_search_tools', arguments: args })
    const lines = textOf(await find({ query: 'add two numbers' })).split('\n')
    expect(lines[0]).toMatch(/^everything__get-sum\(a: number, b: number\)/)
    expect(lines.at(-1)).toBe('Down, and not searched: broken.')
    expect(textOf(await find({ query: 'memory__read_graph' }))).toMatch(/^memory__read_graph\(\)/)
    expect(textOf(await find({ query: 'echo', server: 'memory' }))).not.toContain('everything__')
    expect(
      JSON.parse(textOf(await find({ query: 'everything__echo', limit: 1, detail: 'full' })).split('\n')[0] as string),
    ).toMatchObject({
      name: 'everything__echo',
      inputSchema: { type: 'object' },
    })
  })

  it('that finds nothing, or asks for nothing, says so and invents nothing', async () => {
    const client = await over('/mcp?surface=search')
    const find = async (args: Record<string, unknown>) =>
      client.client.callTool({ name: 'gateway_search_tools', arguments: args })
    expect(textOf(await find({ query: 'qqxzv wkjjh' }))).toMatch(/^No tool fits that\./)
    expect((await find({})).isError).toBe(true)
    expect((await find({ query: ' ' })).isError).toBe(true)
    expect(textOf(await find({ query: '🦄🦄🦄' }))).toMatch(/^No tool fits that\./)
    expect((await find({ query: 'x'.repeat(100_000) })).isError).toBeFalsy()
    expect(textOf(await find({ query: 'echo', server: 'memroy' }))).toContain('did you mean memory?')
    await expect(find({ query: 'echo', limit: 'many' })).rejects.toThrow(/limit must be a whole number/)
    await expect(find({ query: 'echo', detail: 'all' })).rejects.toThrow(/detail must be/)
  })
})
