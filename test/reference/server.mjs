/**
 * Starts the reference server: `node server.mjs --http [--port N]` or `node server.mjs --stdio`.
 * It is written with the official SDK and serves what the official conformance suite calls, so a gateway can be measured against it.
 */
import { parseArgs } from 'node:util'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { createLastingConnection } from './connection.mjs'
import { listen } from './http.mjs'
import { createWorld } from './world.mjs'

const { values } = parseArgs({
  options: { http: { type: 'boolean' }, stdio: { type: 'boolean' }, port: { type: 'string', default: '0' } },
})

if (values.http) {
  const server = await listen(createWorld(), Number(values.port))
  console.log(`listening ${server.url}`)
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void server.close())
} else if (values.stdio) {
  const world = createWorld()
  const handle = serveStdio(({ era }) => createLastingConnection(world, era).mcp)
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void handle.close())
} else {
  console.error('Say how to serve: --http [--port N] or --stdio')
  process.exitCode = 2
}
