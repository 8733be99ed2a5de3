/** Servers over HTTP that forget their sessions again and again. */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { afterAll, expect, test } from 'vitest'
import { temporaryFolder } from '../support/gateway.ts'
import { InProcess } from '../support/in-process.ts'

const folder = temporaryFolder()
afterAll(() => folder.remove())

/** Answers under one address in the place of so many servers, each of which knows its own sessions alone. */
function several(count: number) {
  const sessions = Array.from({ length: count }, () => new Set<unknown>())
  let turn = 0
  const results: Record<string, object> = {
    initialize: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'several', version: '1' } },
    'tools/list': { tools: [{ name: 'any', inputSchema: { type: 'object' } }] },
    'tools/call': { content: [{ type: 'text', text: 'found' }] },
  }
  return createServer(async (req, res) => {
    if (req.method !== 'POST') return res.writeHead(405).end()
    const { id, method } = (await json(req)) as { id?: number; method: string }
    const session = method === 'initialize' ? randomUUID() : String(req.headers['mcp-session-id'])
    if (method === 'initialize') sessions[0]?.add(session)
    // Calls go to each of them in turn, the one that has the session last.
    else if (method === 'tools/call' && !sessions[++turn % count]?.has(session)) return res.writeHead(404).end()
    if (id === undefined) return res.writeHead(202).end()
    const headers = { 'content-type': 'application/json', 'mcp-session-id': session }
    res.writeHead(200, headers).end(JSON.stringify({ jsonrpc: '2.0', id, result: results[method] }))
  })
}

test('a call reaches one of five servers behind an address that gives each call to another one', async () => {
  const server = several(5).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
  const gateway = new InProcess({ servers: { several: { url } } }, join(folder.path, 'state'))
  await gateway.engine.start()
  await gateway.open()
  expect(await gateway.request('tools/call', { name: 'several__any' })).toContain('found')
  await gateway.close()
  server.close()
})
