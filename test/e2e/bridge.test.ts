/** A client behind `mcp-gw connect` sees what a client of the gateway sees, and its bridge comes and goes with it. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Machine, RawBridge } from '../support/bridge.ts'
import { TestClient } from '../support/clients.ts'
import { fixtureServer, packageServer } from '../support/gateway.ts'
import { groupLives, type Running, stop, until } from '../support/processes.ts'

const ABLE = { sampling: {}, elicitation: { form: {}, url: {} }, roots: { listChanged: true } }
const answers = {
  'sampling/createMessage': () => ({ model: 'm', role: 'assistant', content: { type: 'text', text: 'sampled 日本' } }),
  'elicitation/create': () => ({ action: 'accept', content: { name: 'Ada', check: true, integer: 42 } }),
  'roots/list': () => ({ roots: [{ uri: 'file:///srv/z%C3%BCrich', name: 'Zürich' }] }),
}

let machine: Machine
let gateway: Running

beforeAll(async () => {
  machine = await Machine.with({
    servers: { everything: packageServer('everything'), odd: fixtureServer('misbehaving.mjs') },
  })
  gateway = await machine.serve()
})

afterAll(async () => {
  await stop(gateway)
  await machine.remove()
})

describe('a client behind the bridge', () => {
  it('gets the lists, results and instructions that a client of the gateway gets', async () => {
    const [bridged, direct] = await Promise.all([machine.connect(), TestClient.http(`http://127.0.0.1:${machine.port}/mcp`)])
    for (const method of ['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list']) {
      expect(await bridged.request(method)).toEqual(await direct.request(method))
    }
    expect(bridged.client.getServerCapabilities()).toEqual(direct.client.getServerCapabilities())
    expect(bridged.client.getInstructions()).toBe(direct.client.getInstructions())
    expect(await bridged.text('everything__echo', { message: 'grüezi 🙂' })).toBe('Echo: grüezi 🙂')
    await Promise.all([bridged.close(), direct.close()])
  })

  it('sees one server with its own names when it asks for that', async () => {
    const client = await machine.connect(undefined, undefined, ['--server', 'everything'])
    expect(await client.toolNames()).toContain('echo')
    await client.close()
  })

  it('reaches a gateway by its address', async () => {
    const client = await machine.connect(undefined, undefined, ['--url', `http://127.0.0.1:${machine.port}`])
    expect(await client.toolNames()).toContain('everything__echo')
    await client.close()
  })

  it('is asked for samples, forms and roots, and its answers arrive', async () => {
    const client = await machine.connect(ABLE, answers)
    await until(async () => ((await client.toolNames()).includes('everything__get-roots-list') ? true : undefined), 'no roots')
    expect(await client.text('everything__trigger-sampling-request', { prompt: 'p', maxTokens: 5 })).toContain('sampled 日本')
    const form = (await client.call('everything__trigger-elicitation-request')) as { content: { text: string }[] }
    expect(JSON.stringify(form)).toContain('Ada')
    expect(await client.text('everything__get-roots-list')).toContain('file:///srv/z%C3%BCrich')
    await client.close()
  })

  it('hears of progress under its own token, in order and before the answer', async () => {
    const bridge = new RawBridge(machine)
    await bridge.open()
    const params = { name: 'odd__slow-progress', arguments: { steps: 3, intervalMs: 5 }, _meta: { progressToken: 'tök' } }
    await bridge.request('7', 'tools/call', params)
    const seen = bridge.messages.filter(({ method, id }) => method === 'notifications/progress' || id === 7)
    expect(seen.map(({ params }) => (params as { progress?: number; progressToken?: string } | undefined)?.progress)).toEqual([
      1,
      2,
      3,
      undefined,
    ])
    expect(seen[0]?.params).toMatchObject({ progressToken: 'tök' })
    expect(await bridge.close()).toBe(0)
  })

  it('cancels a call, and gets no answer to it', async () => {
    const client = await machine.connect()
    const abort = new AbortController()
    const call = client.call('odd__slow-progress', { intervalMs: 10 }, { signal: abort.signal })
    const ended = expect(call).rejects.toThrow()
    await until(async () => ((await client.text('odd__seen')).includes('tools/call') ? true : undefined), 'the call never came')
    abort.abort()
    await ended
    await until(
      async () => ((await client.text('odd__seen')).includes('notifications/cancelled') ? true : undefined),
      'the server was not told',
    )
    await client.close()
  })

  it('hears of list changes and watched resources on the stream of its session', async () => {
    const client = await machine.connect()
    await client.toolNames()
    await client.request('resources/subscribe', { uri: 'mis://one' })
    await client.call('odd__add-tool', { name: 'fresh-one' })
    await client.call('odd__touch', { uri: 'mis://one' })
    await client.heard('notifications/tools/list_changed')
    await client.heard('notifications/resources/updated', ({ uri }) => uri === 'mis://one')
    await client.close()
  })

  it('gets large results whole, a megabyte and more', async () => {
    const client = await machine.connect()
    const text = await client.text('odd__big', { bytes: 3_000_000 })
    expect(text.length).toBe(3_000_000)
    await client.close()
  })
})

describe('the bridge itself', () => {
  it('answers rubbish with JSON-RPC errors and goes on', async () => {
    const bridge = new RawBridge(machine)
    bridge.write('rubbish', '', '  ', '{"jsonrpc":"1.0","id":5,"method":"ping"}', '[1]')
    await bridge.open()
    await bridge.request('1', 'ping')
    expect(bridge.messages.slice(0, 3).map(({ id, error }) => [id, (error as { code: number }).code])).toEqual([
      [null, -32700],
      [5, -32600],
      [null, -32600],
    ])
    expect(bridge.messages.find(({ id }) => id === 1)).toEqual({ jsonrpc: '2.0', id: 1, result: {} })
    expect(await bridge.close()).toBe(0)
  })

  it('passes the refusal on when a client does not initialize first', async () => {
    const bridge = new RawBridge(machine)
    const refused = (await bridge.request('1', 'tools/list')) as { error: { message: string } }
    expect(refused.error.message).toContain('initialize')
    const probe = (await bridge.request('"p"', 'server/discover')) as { error: { code: number } }
    expect(probe.error.code).toBe(-32601)
    await bridge.close()
  })

  it('says which servers there are when the one asked for does not exist', async () => {
    const bridge = new RawBridge(machine, '--server', 'nope')
    const { error } = (await bridge.open()) as { error: { message: string } }
    expect(error.message).toContain('there is no server "nope"; configured are: everything, odd')
    await bridge.close()
  })

  it('takes messages in one write, before the session is there, in their order', async () => {
    const bridge = new RawBridge(machine)
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } }
    bridge.write(
      JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }),
      '{"jsonrpc":"2.0","method":"notifications/initialized"}',
      '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"everything__echo","arguments":{"message":"a"}}}',
    )
    bridge.running.child.stdin?.end()
    expect(await bridge.running.exited).toBe(0)
    expect(bridge.messages.map(({ id }) => id)).toEqual([1, 2])
  })

  it('ends its session when stdin ends, and when it is told to terminate', async () => {
    const before = (await machine.status()).health?.sessions
    const [first, second] = [new RawBridge(machine), new RawBridge(machine)]
    await Promise.all([first.open(), second.open()])
    expect((await machine.status()).health?.sessions).toBe((before as number) + 2)
    expect(await first.close()).toBe(0)
    expect(await stop(second.running)).toBe(0)
    expect((await machine.status()).health?.sessions).toBe(before)
    expect([first, second].some(({ running }) => groupLives(running.child.pid as number))).toBe(false)
  })

  it('tells the gateway the folder that it works in', async () => {
    const { createServer } = await import('node:http')
    const seen: (string | undefined)[] = []
    const server = createServer((req, res) => {
      seen.push(req.headers['mcp-gw-cwd'] as string | undefined)
      res.writeHead(400).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const bridge = new RawBridge(machine, '--url', `http://127.0.0.1:${port}`)
    await bridge.open()
    await bridge.close()
    server.close()
    expect(decodeURIComponent(seen[0] ?? '')).toBe(process.cwd())
  })

  it.runIf(process.platform === 'linux')(
    'stays small, also after two thousand calls',
    async () => {
      const bridge = new RawBridge(machine)
      await bridge.open()
      await bridge.request('1', 'tools/list')
      const ids = Array.from({ length: 2_000 }, (_, n) => String(n + 2))
      while (ids.length > 0) {
        await Promise.all(ids.splice(0, 50).map((id) => bridge.call(id, 'everything__echo', { message: 'hello' })))
      }
      const status = readFileSync(`/proc/${bridge.running.child.pid}/status`, 'utf8')
      const megabytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024
      // Node itself takes 39 of these; other versions of it may take more.
      expect(megabytes).toBeLessThan(process.version.startsWith('v20.') ? 46 : 60)
      await bridge.close()
    },
    60_000,
  )

  it('refuses options that do not exist, and explains itself', async () => {
    const wrong = await machine.command('connect', '--nope')
    expect(wrong).toMatchObject({ code: 2, stdout: '' })
    expect(wrong.stderr).toContain("Unknown option '--nope'")
    const help = await machine.command('connect', '--help')
    expect(help).toMatchObject({ code: 0 })
    expect(help.stdout).toContain('--no-start')
  })
})
