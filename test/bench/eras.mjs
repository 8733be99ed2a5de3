/** Measures what the stateless era costs: a call in each combination of eras, and streams that only listen. */
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { measureCell } from './calls.mjs'
import { healthy, openSession, startGateway } from './gateway.mjs'
import { fileHere, memory, startEcho, stop } from './processes.mjs'

const cell = { connections: 64, size: 0.2, fresh: false }

/** The combinations of one transport, client → server. The first is what all others are divided by. */
const combinations = [
  { name: 'session → session', client: 'session', server: 'session' },
  { name: 'stateless → stateless', client: 'stateless', server: 'stateless' },
  { name: 'stateless → session', client: 'stateless', server: 'session' },
  { name: 'session → stateless', client: 'session', server: 'stateless' },
]

/** One cell for each transport between gateway and server, with a way for each combination of eras. */
export async function measureEras(load, pace, options) {
  const echo = await startEcho()
  const entries = {
    stdio: { command: process.execPath, args: [fileHere('echo-stdio.mjs')] },
    http: { url: `http://127.0.0.1:${echo.port}/mcp` },
  }
  const servers = {}
  for (const [transport, entry] of Object.entries(entries)) {
    for (const protocol of ['session', 'stateless']) servers[`${transport}-${protocol}`] = { ...entry, protocol }
  }
  const gateway = await startGateway(servers, options)
  try {
    await healthy(gateway)
    const session = await openSession(gateway.port, '/mcp', Object.keys(servers).length)
    const cells = []
    for (const transport of Object.keys(entries)) {
      const ways = combinations.map(({ name, client, server }) => ({
        ...session,
        name,
        sessionId: client === 'session' ? session.sessionId : undefined,
        tool: `${transport}-${server}__echo`,
        pid: gateway.pid,
      }))
      await measureCell(load, ways, cell, { rounds: 1, ms: pace.jitMs / 2, warmMs: 50 })
      cells.push({ transport, ...(await measureCell(load, ways, cell, pace)) })
    }
    return cells
  } finally {
    await Promise.all([gateway.end(), stop(echo.child)])
  }
}

const listenersCount = 10_000
const openedAtOnce = 100
const settleMs = 1000

/** Resident memory with ten thousand open `subscriptions/listen` streams, and without any. */
export async function measureListeners(options) {
  const keys = { sessions: { max: listenersCount + 10 } }
  const server = { command: process.execPath, args: [fileHere('echo-stdio.mjs')], protocol: 'session' }
  const gateway = await startGateway({ echo: server }, { ...options, keys })
  const sockets = []
  try {
    await healthy(gateway)
    await openSession(gateway.port, '/mcp', 1)
    const before = memory(gateway.pid).rss
    while (sockets.length < listenersCount) {
      const some = Array.from({ length: openedAtOnce }, (_, n) => listen(gateway.port, sockets.length + n))
      sockets.push(...(await Promise.all(some)))
    }
    await sleep(settleMs)
    return { count: sockets.length, before, rss: memory(gateway.pid).rss }
  } finally {
    for (const socket of sockets) socket.destroy()
    await gateway.end()
  }
}

/** Opens a stream; resolves to its socket once the gateway has acknowledged it. */
function listen(port, id) {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
  }
  const params = { notifications: { toolsListChanged: true }, _meta: meta }
  const body = JSON.stringify({ jsonrpc: '2.0', id, method: 'subscriptions/listen', params })
  const head = [
    'POST /mcp HTTP/1.1',
    `host: 127.0.0.1:${port}`,
    'content-type: application/json',
    'accept: application/json, text/event-stream',
    'mcp-protocol-version: 2026-07-28',
    'mcp-method: subscriptions/listen',
    `content-length: ${Buffer.byteLength(body)}`,
    '',
    '',
  ].join('\r\n')
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' })
    let said = ''
    socket.setEncoding('latin1').on('data', (text) => {
      said += text
      if (said.includes('notifications/subscriptions/acknowledged')) resolve(socket)
      else if (said.includes('"error"') || !said.startsWith('HTTP/1.1 200')) reject(new Error(`listen ${id} got ${said}`))
    })
    socket.once('error', reject)
    socket.once('close', () => reject(new Error(`listen ${id} was closed after ${said}`)))
    socket.write(head + body)
  })
}
