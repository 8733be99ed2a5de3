/** Serves the reference server over Streamable HTTP: both eras at one endpoint. */
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { localhostHostValidation, localhostOriginValidation, toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, isLegacyRequest, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server'
import { createConnection, createLastingConnection } from './connection.mjs'
import { createEventStore } from './event-store.mjs'

/** How long a client whose stream was closed shall wait before it comes back, in milliseconds. */
const retryMs = 200

/** Starts to listen on loopback; port 0 takes a free one. Resolves to the endpoint's URL and a way to stop. */
export async function listen(world, port) {
  const stateless = createMcpHandler(({ era }) => createConnection(world, era).mcp, { legacy: 'reject', bus: world.bus })
  const sessions = createSessions(world)
  const handle = toNodeHandler({
    fetch: async (request, options) =>
      (await isLegacyRequest(request)) ? sessions.fetch(request) : stateless.fetch(request, options),
  })
  const hostAllowed = localhostHostValidation()
  const originAllowed = localhostOriginValidation()
  const server = createServer((req, res) => {
    if (!hostAllowed(req, res) || !originAllowed(req, res)) return
    if (new URL(req.url ?? '/', 'http://localhost').pathname !== '/mcp') return void res.writeHead(404).end()
    void handle(req, res)
  })
  await new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${server.address().port}/mcp`,
    async close() {
      server.close()
      await Promise.all([stateless.close(), sessions.close()])
      server.closeAllConnections()
    },
  }
}

/** The session era: one SDK server and one transport for each `initialize`, found again by the session's id. */
function createSessions(world) {
  const transports = new Map()
  return {
    async fetch(request) {
      const id = request.headers.get('mcp-session-id')
      if (id === null) return open(request)
      return transports.get(id)?.handleRequest(request) ?? refusal(404, -32_001, 'Session not found')
    },
    async close() {
      await Promise.all([...transports.values()].map((transport) => transport.close()))
    },
  }

  async function open(request) {
    const { mcp } = createLastingConnection(world, 'legacy')
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void transports.set(id, transport),
      eventStore: createEventStore(),
      retryInterval: retryMs,
    })
    transport.onclose = () => transports.delete(transport.sessionId)
    await mcp.connect(transport)
    const response = await transport.handleRequest(request)
    // The SDK refuses anything but `initialize` here; what it refused must not linger.
    if (transport.sessionId === undefined) await mcp.close()
    return response
  }
}

function refusal(status, code, message) {
  return Response.json({ jsonrpc: '2.0', error: { code, message }, id: null }, { status })
}
