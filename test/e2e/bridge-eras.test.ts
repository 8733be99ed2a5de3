/** Clients of the stateless era behind `mcp-gw connect`: what they send and get is what they would send and get on a pipe to a server. */

import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Machine, RawBridge } from '../support/bridge.ts'
import { fixtureServer, packageServer } from '../support/gateway.ts'
import { PROJECT, type Running, stop, until } from '../support/processes.ts'

const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
}

let machine: Machine
let gateway: Running

beforeEach(async () => {
  machine = await Machine.with({
    servers: {
      slow: fixtureServer('annotated.mjs'),
      odd: fixtureServer('misbehaving.mjs'),
      everything: packageServer('everything'),
    },
  })
  gateway = await machine.serve()
})

afterEach(async () => {
  await stop(gateway)
  await machine.remove()
})

function ask(bridge: RawBridge, id: string, method: string, params: object = {}): Promise<Record<string, unknown>> {
  return bridge.request(id, method, { ...params, _meta: META })
}

describe('a stateless client behind the bridge', () => {
  it('finds out what the gateway can do, lists and calls', async () => {
    const bridge = new RawBridge(machine)
    const discovered = (await ask(bridge, '1', 'server/discover')) as { result: { supportedVersions: string[] } }
    expect(discovered.result.supportedVersions).toContain('2026-07-28')
    const answer = await ask(bridge, '"call"', 'tools/call', { name: 'odd__echo', arguments: { text: 'grüezi' } })
    expect(answer.result).toMatchObject({ resultType: 'complete', content: [{ type: 'text', text: 'grüezi' }] })
    expect(await bridge.close()).toBe(0)
  })

  it('is the SDK of the new era, which asks for that era by itself', async () => {
    const client = new Client({ name: 'v2', version: '1' }, { versionNegotiation: { mode: 'auto' } })
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [join(PROJECT, 'bin', 'mcp-gw.js'), 'connect', '--config', machine.config],
        env: { ...(process.env as Record<string, string>), ...machine.env },
        stderr: 'ignore',
      }),
    )
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('odd__echo')
    const result = await client.callTool({ name: 'odd__echo', arguments: { text: 'hello' } })
    expect(result.content).toEqual([{ type: 'text', text: 'hello' }])
    await client.close()
  })

  it('gives a call up with a notification, and nothing more is heard of it', async () => {
    const bridge = new RawBridge(machine)
    await ask(bridge, '1', 'tools/list')
    const params = { name: 'everything__trigger-long-running-operation', arguments: { duration: 60, steps: 60 } }
    bridge.write(
      JSON.stringify({
        jsonrpc: '2.0',
        id: 2,
        method: 'tools/call',
        params: { ...params, _meta: { ...META, progressToken: 7 } },
      }),
    )
    await bridge.find(({ method }) => method === 'notifications/progress')
    bridge.write(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 2 } }))
    await until(async () => {
      const { servers } = (await (await fetch(`http://127.0.0.1:${machine.port}/health`)).json()) as {
        servers: { instances: { inFlight: number }[] }[]
      }
      return servers.flatMap(({ instances }) => instances).every(({ inFlight }) => inFlight === 0) ? true : undefined
    }, 'the call goes on')
    await ask(bridge, '3', 'tools/list')
    expect(bridge.messages.some(({ id }) => id === 2)).toBe(false)
    expect(await bridge.close()).toBe(0)
  })
})
describe.each(['SIGKILL', 'SIGTERM'] as const)('a gateway that is restarted by %s', (signal) => {
  it('goes on telling a stateless client of changes, and of those that it may have missed', async () => {
    const bridge = new RawBridge(machine)
    const notifications = { toolsListChanged: true, resourceSubscriptions: ['note://one'] }
    bridge.write(
      JSON.stringify({ jsonrpc: '2.0', id: 'sub', method: 'subscriptions/listen', params: { notifications, _meta: META } }),
    )
    const acknowledged = ({ method }: Record<string, unknown>) => method === 'notifications/subscriptions/acknowledged'
    await bridge.find(acknowledged)
    await stop(gateway, signal)
    gateway = await machine.serve()
    const tagged = await bridge.find(({ method }) => method === 'notifications/tools/list_changed')
    expect(tagged.params).toMatchObject({ _meta: { 'io.modelcontextprotocol/subscriptionId': 'sub' } })
    expect(bridge.messages.filter(acknowledged)).toHaveLength(1)
    expect(bridge.messages.some(({ id }) => id === 'sub')).toBe(false)
    expect((await ask(bridge, '1', 'tools/call', { name: 'odd__echo', arguments: { text: 'on' } })).result).toBeDefined()
    expect(await bridge.close()).toBe(0)
  })
})
