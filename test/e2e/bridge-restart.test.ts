/** The gateway is restarted behind the bridge: the client does not notice, except where a call may have run. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Machine, RawBridge } from '../support/bridge.ts'
import { fixtureServer } from '../support/gateway.ts'
import { type Running, stop, until } from '../support/processes.ts'

const SERVERS = { slow: fixtureServer('annotated.mjs'), odd: fixtureServer('misbehaving.mjs') }

let machine: Machine
let gateway: Running

beforeEach(async () => {
  machine = await Machine.with({ servers: SERVERS })
  gateway = await machine.serve()
})

afterEach(async () => {
  await stop(gateway)
  await machine.remove()
})

async function restart(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  await stop(gateway, signal)
  gateway = await machine.serve()
}

const inFlight = async (count: number) => {
  const look = async () => {
    const { servers } = (await (await fetch(`http://127.0.0.1:${machine.port}/health`)).json()) as {
      servers: { instances: { inFlight: number }[] }[]
    }
    const found = servers.flatMap(({ instances }) => instances).reduce((sum, one) => sum + one.inFlight, 0)
    return found === count ? true : undefined
  }
  await until(look, `there are not ${count} calls in flight`)
}

describe.each(['SIGKILL', 'SIGTERM'] as const)('a gateway that is restarted by %s', (signal) => {
  it('is found again by an idle client, with its log level and its subscriptions', async () => {
    const client = await machine.connect()
    await client.request('tools/list')
    await client.request('logging/setLevel', { level: 'warning' })
    await client.request('resources/subscribe', { uri: 'note://one' })
    await client.request('resources/subscribe', { uri: 'mis://two' })
    await client.request('resources/unsubscribe', { uri: 'mis://two' })
    await restart(signal)
    expect(await client.text('odd__echo', { text: 'still here' })).toBe('still here')
    const told = await until(async () => {
      const lines = (await client.text('slow__look')).split('\n')
      return lines.length >= 2 ? lines : undefined
    }, 'the server was not told')
    expect(told.sort()).toEqual(['logging/setLevel warning', 'resources/subscribe note://one'])
    await client.close()
  })

  it('is met by a client that goes on calling: no call fails, none is lost', async () => {
    const client = await machine.connect()
    await client.toolNames()
    let going = true
    let calls = 0
    const caller = async (name: number) => {
      while (going) {
        const text = `${name} ${calls++}`
        expect(await client.text('slow__look', { text, delayMs: 5 })).toBe(text)
      }
    }
    const callers = [1, 2, 3, 4, 5].map(caller)
    await until(() => (calls > 30 ? true : undefined), 'the calls do not come')
    await restart(signal)
    const before = calls
    await until(() => (calls > before + 30 ? true : undefined), 'the calls do not go on')
    going = false
    await Promise.all(callers)
    await client.close()
  })
})

describe('a call that runs when the gateway is killed', () => {
  it('is repeated when its tool only reads, or may be called twice', async () => {
    const client = await machine.connect()
    await client.toolNames()
    const calls = ['look', 'put'].map((tool) => client.text(`slow__${tool}`, { text: tool, delayMs: 1_000 }))
    await inFlight(2)
    await restart()
    expect(await Promise.all(calls)).toEqual(['look', 'put'])
    await client.close()
  })

  it('fails with the honest answer when nobody knows whether it may run twice', async () => {
    const client = await machine.connect()
    await client.toolNames()
    const call = expect(client.text('slow__change', { delayMs: 1_000 })).rejects.toThrow(
      /the gateway went away while it worked on tools\/call slow__change, which may have run/,
    )
    await inFlight(1)
    await restart()
    await call
    expect(await client.text('slow__look', { text: 'on we go' })).toBe('on we go')
    await client.close()
  })
})

describe('a call that is still running when the grace of a gateway that ends is over', () => {
  it('is repeated or gets the honest answer as after a kill, and is not forgotten', async () => {
    machine.configure({ servers: SERVERS, shutdown: { grace: '200ms' } })
    await restart()
    const client = await machine.connect()
    await client.toolNames()
    const look = client.text('slow__look', { text: 'look', delayMs: 1_500 })
    const change = expect(client.text('slow__change', { delayMs: 1_500 })).rejects.toThrow(/slow__change, which may have run/)
    await inFlight(2)
    await restart('SIGTERM')
    expect(await look).toBe('look')
    await change
    await client.close()
  })
})

describe('a gateway that takes requests in its last moment and answers none', () => {
  it('costs no call that may be repeated, however often that happens in the moment', async () => {
    let dying: number | undefined
    const server = createServer(async (req, res) => {
      const message = JSON.parse((await text(req)) || '{}') as { id?: number; method?: string }
      if (message.id === undefined) return res.writeHead(req.method === 'POST' ? 202 : 405).end()
      if (message.method === 'prompts/get') dying ??= Date.now()
      if (dying !== undefined && Date.now() - dying < 100) return req.socket.resetAndDestroy()
      const result = { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 'dying', version: '1' } }
      const headers = { 'content-type': 'application/json', 'mcp-session-id': 'one' }
      res.writeHead(200, headers).end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result }))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const bridge = new RawBridge(machine, '--url', `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`)
    await bridge.open()
    expect(await bridge.request('1', 'prompts/get', { name: 'any' })).toMatchObject({ result: {} })
    await bridge.close()
    server.close()
  })
})

describe('after a restart', () => {
  it('changes of lists are announced where there are any, and only there', async () => {
    const same = await machine.connect()
    for (const method of ['tools/list', 'prompts/list', 'resources/list']) await same.request(method)
    await restart()
    await same.text('slow__look')
    machine.configure({ servers: { ...SERVERS, slow: fixtureServer('annotated.mjs', 'another') } })
    const before = same.notifications.map(({ method }) => method)
    await restart()
    await same.heard('notifications/tools/list_changed')
    expect(await same.toolNames()).toContain('slow__another')
    expect(before.filter((method) => method.endsWith('list_changed'))).toEqual([])
    expect(same.count('notifications/prompts/list_changed')).toBe(0)
    await same.close()
  })

  it('a session that the gateway has forgotten is opened again', async () => {
    machine.configure({ servers: SERVERS, sessions: { idle: '200ms' } })
    await restart()
    const bridge = new RawBridge(machine)
    await bridge.open()
    const { health } = await machine.status()
    expect(health?.sessions).toBe(1)
    await bridge.request('1', 'ping')
    expect((await bridge.call('2', 'odd__echo', { text: 'a' })).result).toBeDefined()
    await bridge.close()
  })

  it('an answer to a question of the gateway that is gone is not taken for one to a new question', async () => {
    const bridge = new RawBridge(machine)
    await bridge.open({ roots: {} })
    const ask = { method: 'roots/list', params: {}, ids: 'own' }
    bridge.write(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"odd__ask","arguments":${JSON.stringify(ask)}}}`)
    const old = await bridge.find(({ method }) => method === 'roots/list')
    await restart()
    expect((await bridge.answer('1')).error).toBeDefined()
    await bridge.find(
      ({ method, params }) => method === 'notifications/cancelled' && (params as { requestId: unknown }).requestId === old.id,
    )
    bridge.write(`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"odd__ask","arguments":${JSON.stringify(ask)}}}`)
    const fresh = await bridge.find(({ method, id }) => method === 'roots/list' && id !== old.id)
    const answer = (id: unknown, name: string) =>
      bridge.write(JSON.stringify({ jsonrpc: '2.0', id, result: { roots: [{ uri: `file:///${name}` }] } }))
    answer(old.id, 'old')
    answer(fresh.id, 'fresh')
    const { result } = await bridge.answer('2')
    expect(JSON.stringify(result)).toContain('file:///fresh')
    expect(JSON.stringify(result)).not.toContain('file:///old')
    await bridge.close()
  })
})
