/** The same bare MCP server over Streamable HTTP: what the gateway is compared with, and a server behind it. */
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { headOf, isStateless, tailOf } from './echo.mjs'

const sessionId = randomUUID()

function answer(request, response, body) {
  const message = JSON.parse(body)
  const known = message.method === 'initialize' || request.headers['mcp-session-id'] === sessionId || isStateless(message)
  if (!known) return response.writeHead(404).end()
  const tail = tailOf(message)
  if (tail === undefined) return response.writeHead(202).end()
  const head = headOf(message)
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(head) + Buffer.byteLength(tail) }
  if (message.method === 'initialize') headers['mcp-session-id'] = sessionId
  response.writeHead(200, headers)
  if (typeof tail === 'string') return response.end(head + tail)
  response.cork()
  response.write(head)
  response.end(tail)
}

const server = createServer((request, response) => {
  if (request.method === 'DELETE') return response.writeHead(200).end()
  if (request.method !== 'POST') return response.writeHead(405, { allow: 'POST, DELETE' }).end()
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => answer(request, response, chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)))
})
// A connection that rests between two rounds must not be closed under the next request: that race is not what is measured.
server.keepAliveTimeout = 0
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`))
