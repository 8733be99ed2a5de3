/** Keys beside the servers: each holds from the next reload on, the address included. */
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { TestClient } from '../support/clients.ts'
import { fixtureServer, Gateway, logLines, mcpGw } from '../support/gateway.ts'
import { finish, until } from '../support/processes.ts'
import { RawSession, send } from '../support/raw-http.ts'
import { apply, postReload, settled } from '../support/reload.ts'

const tiny = fixtureServer('tiny.mjs')
const odd = fixtureServer('misbehaving.mjs')
const LIST = '{"jsonrpc":"2.0","id":7,"method":"tools/list"}'

let gateway: Gateway

afterEach(() => gateway?.stop())

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const { port, release } = await hold()
  await release()
  return port
}

async function hold(): Promise<{ port: number; release(): Promise<void> }> {
  const server = createServer((socket) => socket.destroy())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return { port, release: () => new Promise((resolve) => void server.close(() => resolve())) }
}

/** Goes where the gateway has moved. */
async function follow(port: number): Promise<void> {
  gateway.origin = `http://127.0.0.1:${port}`
  await until(
    () =>
      gateway
        .health()
        .then(() => true as const)
        .catch(() => undefined),
    'nobody listens there',
  )
}

/** As `apply`, for configs after which the gateway is elsewhere: only the file says that there is another one. */
async function move(port: number, listen: object = {}): Promise<void> {
  writeFileSync(gateway.file, JSON.stringify({ listen: { port, ...listen }, servers: { tiny, odd } }))
  await follow(port)
}

describe('listen.port', () => {
  it('moves: sessions go on at the new address, streams and calls at the old one until they end', async () => {
    const [first, second] = [await freePort(), await freePort()]
    gateway = await Gateway.start({ listen: { port: first }, servers: { tiny, odd } })
    const session = await RawSession.open(gateway.url())
    const stream = await session.listen()
    const call = session.call('1', 'odd__late', { delayMs: 1_200, text: 'finished' })
    await until(async () => {
      const { servers } = await gateway.health()
      return servers.some(({ instances }) => instances.some(({ inFlight }) => inFlight > 0)) ? true : undefined
    }, 'the call does not start')
    const before = await gateway.pids()
    await move(second)
    await expect(send(`http://127.0.0.1:${first}/health`, { method: 'GET' })).rejects.toThrow(/ECONNREFUSED/)
    expect(await gateway.pids()).toEqual(before)
    const { text } = await send(gateway.url(), { body: LIST, headers: session.headers })
    expect(text).toContain('tiny__hello')
    await send(gateway.url(), {
      body: '{"jsonrpc":"2.0","id":8,"method":"tools/call","params":{"name":"odd__add-tool","arguments":{"name":"fresh"}}}',
      headers: session.headers,
    })
    await stream.next((data) => data.includes('notifications/tools/list_changed'))
    expect((await call).at(-1)).toContain('finished')
    stream.cut()
    const moved = logLines(gateway.running).find(({ listen }) => listen !== undefined)
    expect(moved?.listen).toBe(gateway.url())
    const { stdout } = await finish(mcpGw(['reload', '--config', gateway.file], { env: gateway.env }))
    expect(stdout).toMatch(/^Nothing has changed/)
  })

  it('that is taken is a problem at its place in the file, and nothing has moved', async () => {
    const taken = await hold()
    gateway = await Gateway.start({ servers: { tiny } })
    const servers = JSON.stringify({ tiny, odd })
    writeFileSync(gateway.file, `listen:\n  port: ${taken.port}\nservers: ${servers}\n`)
    const { status, text } = await postReload(gateway)
    expect(status).toBe(422)
    const problem = { line: 2, column: 9, key: 'listen.port', message: expect.stringMatching(/^port \d+ is in use/) }
    expect(JSON.parse(text).problems).toEqual([{ file: gateway.file, ...problem }])
    expect((await gateway.health()).servers.map(({ name }) => name)).toEqual(['tiny'])
    await taken.release()
    const { port } = taken
    expect((await postReload(gateway)).status).toBe(200)
    await follow(port)
    expect((await gateway.health()).status).toBe('ok')
  })

  it('of the command line stands above that of the file', async () => {
    gateway = await Gateway.start({ servers: { tiny } }, { args: ['--port', '0'] })
    const { keys } = await apply(gateway, { listen: { port: await freePort() }, servers: { tiny } })
    expect(keys).toEqual([])
    expect((await gateway.health()).status).toBe('ok')
  })
})

describe('listen.host', () => {
  it('moves to an address that overlaps the one before', async () => {
    const port = await freePort()
    gateway = await Gateway.start({ listen: { port }, servers: { tiny, odd } })
    const session = await RawSession.open(gateway.url())
    await move(port, { host: '0.0.0.0', insecure: true })
    const look = () => logLines(gateway.running).find(({ listen }) => listen === `http://0.0.0.0:${port}/mcp`)
    await until(look, 'it does not move', { running: gateway.running })
    expect((await session.post(LIST)).text).toContain('tiny__hello')
    await session.end()
  })

  it('that other machines can reach needs insecure on a reload, too', async () => {
    gateway = await Gateway.start({ servers: { tiny } }, { args: ['--host', '127.0.0.1'] })
    writeFileSync(gateway.file, JSON.stringify({ listen: { port: 0, host: '0.0.0.0' }, servers: { tiny } }))
    const { status, text } = await postReload(gateway)
    expect([status, text]).toEqual([422, expect.stringContaining('insecure')])
  })
})

describe('other keys hold at once', () => {
  it('listen.hosts, origins and body', async () => {
    gateway = await Gateway.start({ servers: { tiny } })
    const listen = { port: 0, hosts: ['mcp.example'], origins: ['https://app.example'], body: '1KB' }
    const look = (headers: Record<string, string>) => send(`${gateway.origin}/health`, { method: 'GET', headers })
    expect((await look({ host: 'mcp.example' })).status).toBe(403)
    const { keys } = await apply(gateway, { listen, servers: { tiny } })
    expect(keys.sort()).toEqual(['listen.body', 'listen.hosts', 'listen.origins'])
    expect((await look({ host: 'mcp.example', origin: 'https://app.example' })).status).toBe(200)
    const session = await RawSession.open(gateway.url())
    expect((await session.post(`{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"${'x'.repeat(2_000)}"}}`)).status).toBe(
      413,
    )
    await apply(gateway, { servers: { tiny } })
    expect((await look({ host: 'mcp.example' })).status).toBe(403)
    await session.end()
  })

  it('log.level', async () => {
    gateway = await Gateway.start({ servers: { tiny } })
    const lines = () => logLines(gateway.running).filter(({ level }) => level === 20).length
    expect(lines()).toBe(0)
    await apply(gateway, { servers: { tiny }, log: { level: 'debug' } })
    await apply(gateway, { servers: { tiny, odd }, log: { level: 'debug' } })
    await until(() => (lines() > 0 ? true : undefined), 'nothing is said at this level')
    await settled(gateway)
    await apply(gateway, { servers: { tiny } })
    const before = lines()
    await apply(gateway, { servers: { tiny, odd } })
    await settled(gateway)
    expect(lines()).toBe(before)
  })

  it('catalog.name_length and pages', async () => {
    const many = fixtureServer('misbehaving.mjs', '--tools', '200', '--page-size', '20')
    gateway = await Gateway.start({ servers: { many }, catalog: { pages: 2 } })
    const client = await TestClient.http(gateway.url())
    expect(await client.toolNames()).toHaveLength(40)
    expect((await apply(gateway, { servers: { many }, catalog: { pages: 50 } })).keys).toEqual(['catalog.pages'])
    await client.heard('notifications/tools/list_changed')
    expect((await client.toolNames()).length).toBeGreaterThan(200)
    const count = client.count('notifications/tools/list_changed')
    await apply(gateway, { servers: { many }, catalog: { pages: 50, name_length: 16 } })
    await until(() => (client.count('notifications/tools/list_changed') > count ? true : undefined), 'nobody hears of it')
    for (const name of await client.toolNames()) expect(name.length).toBeLessThanOrEqual(16)
    await client.close()
  })

  it('sessions.max and sessions.idle', async () => {
    gateway = await Gateway.start({ servers: { tiny } })
    const session = await RawSession.open(gateway.url())
    await apply(gateway, { servers: { tiny }, sessions: { max: 1, idle: '1s' } })
    await expect(RawSession.open(gateway.url())).rejects.toThrow(/503.*too many sessions/)
    const look = async () => ((await gateway.health()).sessions === 0 ? true : undefined)
    await until(look, 'the session does not end')
    expect((await session.post(LIST)).status).toBe(404)
  })

  it('shutdown.grace', async () => {
    gateway = await Gateway.start({ servers: { odd } })
    const session = await RawSession.open(gateway.url())
    expect((await apply(gateway, { servers: { odd }, shutdown: { grace: '100ms' } })).keys).toEqual(['shutdown.grace'])
    const call = session.call('1', 'odd__silent').catch(() => undefined)
    const begun = Date.now()
    gateway.running.child.kill('SIGTERM')
    expect(await gateway.running.exited).toBe(0)
    expect(Date.now() - begun).toBeLessThan(5_000)
    await call
    gateway = undefined as unknown as Gateway
  })
})
