/** What clients are shown of real servers behind one gateway, and that one server alone looks as if there were no gateway. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestClient } from '../support/clients.ts'
import { Gateway, type HttpServer, packageServer, startEverything, temporaryFolder } from '../support/gateway.ts'
import { RawSession } from '../support/raw-http.ts'

const folder = temporaryFolder()
const filesystem = packageServer('filesystem', folder.path)
const memory = { ...packageServer('memory'), env: { MEMORY_FILE_PATH: join(folder.path, 'memory.jsonl') } }
const everything = packageServer('everything')

let gateway: Gateway
let sse: HttpServer
let streamable: HttpServer
let client: TestClient
const direct: Record<string, TestClient> = {}

beforeAll(async () => {
  writeFileSync(join(folder.path, 'note.txt'), 'a note\n')
  ;[sse, streamable] = await Promise.all([startEverything('sse'), startEverything('streamableHttp')])
  gateway = await Gateway.start({
    servers: {
      everything,
      filesystem,
      memory,
      found: { url: sse.url },
      old: { url: sse.url, type: 'sse' },
      remote: { url: streamable.url },
    },
  })
  client = await TestClient.http(gateway.url())
  direct.everything = await TestClient.stdio(everything)
  direct.filesystem = await TestClient.stdio(filesystem)
  direct.memory = await TestClient.stdio(memory)
  direct.remote = await TestClient.http(streamable.url)
  direct.old = await TestClient.sse(sse.url)
})

afterAll(async () => {
  await Promise.all([client, ...Object.values(direct)].map((one) => one?.close()))
  await gateway?.stop()
  await Promise.all([sse?.stop(), streamable?.stop()])
  folder.remove()
})

type Item = Record<string, unknown>
type Lists = Record<string, Item[]>

async function list(of: TestClient, method: string, member: string): Promise<Item[]> {
  return ((await of.request(method)) as Lists)[member] as Item[]
}

const NAMED = [
  ['tools/list', 'tools'],
  ['prompts/list', 'prompts'],
] as const

describe('the endpoint of all servers', () => {
  it('finds out the transport of each server', async () => {
    const { servers, status } = await gateway.health()
    const seen = Object.fromEntries(servers.map(({ name, state, transport }) => [name, `${state} ${transport}`]))
    expect(seen).toEqual({
      everything: 'ready stdio',
      filesystem: 'ready stdio',
      memory: 'ready stdio',
      found: 'ready sse',
      old: 'ready sse',
      remote: 'ready streamable',
    })
    expect(status).toBe('ok')
  })

  it.each(NAMED)(
    '%s has every entry of every server under a prefixed name and otherwise as the server wrote it',
    async (method, member) => {
      const shown = await list(client, method, member)
      for (const [server, one] of Object.entries(direct)) {
        if (!one.client.getServerCapabilities()?.[member]) continue
        const own = await list(one, method, member)
        const mine = shown.filter(({ name }) => String(name).startsWith(`${server}__`))
        expect(mine).toEqual(own.map((entry) => ({ ...entry, name: `${server}__${entry.name}` })))
        expect(own.length).toBeGreaterThan(3)
      }
    },
  )

  it('gives names that every client takes', async () => {
    for (const name of await client.toolNames()) expect(name).toMatch(/^[A-Za-z0-9_-]{1,48}$/)
  })

  it('keeps the URI of a resource where one server has it, and tells the others apart by a prefix', async () => {
    const shown = (await list(client, 'resources/list', 'resources')).map(({ uri }) => String(uri))
    const own = (await list(direct.everything as TestClient, 'resources/list', 'resources')).map(({ uri }) => String(uri))
    expect(shown).toEqual(expect.arrayContaining(own))
    const found = own.map((uri) => `mcp-gw://found/${uri}`)
    expect(shown).toEqual(expect.arrayContaining(found))
    expect(new Set(shown).size).toBe(shown.length)
  })

  it('reads a resource under either form of its URI', async () => {
    const [one] = await list(direct.everything as TestClient, 'resources/list', 'resources')
    const expected = (await direct.everything?.request('resources/read', { uri: one?.uri })) as Lists
    expect(await client.request('resources/read', { uri: one?.uri })).toEqual(expected)
    const prefixed = `mcp-gw://remote/${one?.uri}`
    const [contents] = expected.contents as [Item]
    expect(await client.request('resources/read', { uri: prefixed })).toEqual({ contents: [{ ...contents, uri: prefixed }] })
  })

  it('lists the templates of all servers, and reads what they describe', async () => {
    const templates = await list(client, 'resources/templates/list', 'resourceTemplates')
    const uris = templates.map(({ uriTemplate }) => uriTemplate)
    expect(uris).toContain('demo://resource/dynamic/text/{resourceId}')
    expect(uris).toContain('mcp-gw://remote/demo://resource/dynamic/text/{resourceId}')
    const { contents } = (await client.request('resources/read', { uri: 'demo://resource/dynamic/text/7' })) as Lists
    expect(contents).toEqual([
      expect.objectContaining({ uri: 'demo://resource/dynamic/text/7', text: expect.stringMatching(/^Resource 7: /) }),
    ])
  })

  it('gives a prompt of each server', async () => {
    const args = { city: 'Basel', state: 'BS' }
    const expected = await direct.everything?.request('prompts/get', { name: 'args-prompt', arguments: args })
    for (const server of ['everything', 'found', 'old', 'remote'])
      expect(await client.request('prompts/get', { name: `${server}__args-prompt`, arguments: args })).toEqual(expected)
  })

  it('joins the instructions of the servers under their names', () => {
    const text = client.client.getInstructions() ?? ''
    const own = direct.everything?.client.getInstructions() ?? 'none'
    expect(own.length).toBeGreaterThan(100)
    expect(text).toContain('# everything\n')
    expect(text).toContain('# remote\n')
    expect(text).toContain(own.trim().slice(0, 60))
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4_096)
  })

  it('gives the same bytes for the same lists', async () => {
    const [one, two] = await Promise.all([RawSession.open(gateway.url()), RawSession.open(gateway.url())])
    for (const method of ['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list']) {
      const body = `{"jsonrpc":"2.0","id":9,"method":"${method}"}`
      const [first, second] = await Promise.all([one.post(body), two.post(body)])
      expect(second.text).toBe(first.text)
    }
    await Promise.all([one.end(), two.end()])
  })

  it('refuses a tool, a prompt and a resource that do not exist, and suggests the name that was meant', async () => {
    await expect(client.call('everything__ecko')).rejects.toThrow(
      /Unknown tool: everything__ecko; did you mean everything__echo\?/,
    )
    await expect(client.request('prompts/get', { name: 'everything__simple' })).rejects.toThrow(/Unknown prompt/)
    await expect(client.request('resources/read', { uri: 'nobody://has/this' })).rejects.toThrow(/not found|Unknown resource/i)
  })
})

const CASES = ['everything', 'filesystem', 'memory', 'remote', 'old']

describe.each(CASES)('the endpoint of %s alone', (server) => {
  it('shows the identity, the capabilities and the instructions of the server itself', async () => {
    const own = direct[server] as TestClient
    const alone = await TestClient.http(gateway.url(server))
    expect(alone.client.getServerVersion()).toEqual(own.client.getServerVersion())
    expect(alone.client.getServerCapabilities()).toEqual(own.client.getServerCapabilities())
    expect(alone.client.getInstructions()).toEqual(own.client.getInstructions())
    await alone.close()
  })

  it('lists, reads and completes as the server itself', async () => {
    const own = direct[server] as TestClient
    const alone = await TestClient.http(gateway.url(server))
    const capabilities = own.client.getServerCapabilities() ?? {}
    for (const [method, capability] of [
      ['tools/list', 'tools'],
      ['prompts/list', 'prompts'],
      ['resources/list', 'resources'],
      ['resources/templates/list', 'resources'],
    ] as const) {
      if (capabilities[capability]) expect(await alone.request(method)).toEqual(await own.request(method))
      else await expect(alone.request(method)).rejects.toThrow(/Method not found/)
    }
    await alone.close()
  })
})
