/** Starts the gateway under test with a config of its own, and opens MCP sessions at it or at an echo server. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileHere, freePort, listening, start, stop } from './processes.mjs'

/**
 * Starts `mcp-gw serve` in an empty folder, which is its home too, so that nothing of the user's set-up takes part.
 * `options.bin` is another gateway's start file, `options.nodeArgs` go to Node, `options.home` is a folder that stays for the
 * next start, `options.keys` are other keys of the config.
 */
export async function startGateway(servers, { bin = fileHere('../../bin/mcp-gw.js'), nodeArgs = [], home, keys } = {}) {
  const folder = home ?? mkdtempSync(join(tmpdir(), 'mcp-gw-bench-'))
  const port = await freePort()
  const config = join(folder, 'mcp-gw.yaml')
  // JSON is YAML too.
  writeFileSync(config, JSON.stringify({ listen: { port }, log: { level: 'warn' }, servers, ...keys }))
  const env = Object.fromEntries(
    ['HOME', 'XDG_CONFIG_HOME', 'XDG_STATE_HOME', 'XDG_CACHE_HOME', 'XDG_DATA_HOME'].map((name) => [name, folder]),
  )
  const started = performance.now()
  const child = start([...nodeArgs, bin, 'serve', '--config', config], { cwd: folder, env })
  await listening(port, child)
  const listeningMs = performance.now() - started
  const end = async () => {
    await stop(child)
    if (home === undefined) rmSync(folder, { recursive: true, force: true })
  }
  return { child, pid: child.pid, port, started, listeningMs, end }
}

/** Resolves when `GET /health` answers 200. */
export async function healthy({ port, child }, msMax = 30_000) {
  const deadline = performance.now() + msMax
  for (;;) {
    const { status } = await fetch(`http://127.0.0.1:${port}/health`)
    if (status === 200) return
    if (performance.now() > deadline) throw new Error(`/health still answers ${status} after ${msMax / 1000} s:\n${child.tail}`)
    await sleep(50)
  }
}

const headers = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
  'mcp-protocol-version': '2025-11-25',
}

/** One request; the answer may come as JSON or as the last event of a stream. */
async function post(url, sessionId, message) {
  const session = sessionId ? { 'mcp-session-id': sessionId } : {}
  const response = await fetch(url, { method: 'POST', headers: { ...headers, ...session }, body: JSON.stringify(message) })
  const text = await response.text()
  if (!response.ok) throw new Error(`${message.method} got HTTP status ${response.status}: ${text.slice(0, 300)}`)
  const data = text.includes('\ndata:') || text.startsWith('data:') ? text.split(/^data: ?/m).at(-1) : text
  return { sessionId: response.headers.get('mcp-session-id'), message: data.trim() === '' ? undefined : JSON.parse(data) }
}

/** Initializes a session and waits until it lists as many tools as expected, because servers may start after the gateway. */
export async function openSession(port, path, toolsMin, msMax = 30_000) {
  const url = `http://127.0.0.1:${port}${path}`
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bench', version: '1.0.0' } }
  const { sessionId } = await post(url, undefined, { jsonrpc: '2.0', id: 0, method: 'initialize', params })
  await post(url, sessionId, { jsonrpc: '2.0', method: 'notifications/initialized' })
  const deadline = performance.now() + msMax
  for (;;) {
    const { message } = await post(url, sessionId, { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} })
    const tools = message.result?.tools ?? []
    if (tools.length >= toolsMin) return { port, path, sessionId, toolsCount: tools.length }
    if (performance.now() > deadline) throw new Error(`${url} lists ${tools.length} tools, not ${toolsMin}`)
    await sleep(50)
  }
}
