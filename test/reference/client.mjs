/**
 * What the suite runs as the client under test: `node client.mjs <session|stateless> <url>`.
 * It starts a gateway in front of the suite's server alone, and plays the scenario as a client of the given era, so that what
 * the suite sees and judges is how the gateway behaves towards servers.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { createProcesses, startGateway } from '../conformance/processes.mjs'
import { scenarios } from './client-scenarios.mjs'

const modes = { session: 'legacy', stateless: { pin: '2026-07-28' } }

const capabilities = { roots: {}, sampling: {}, elicitation: { form: { applyDefaults: true } } }

const [, , era, serverUrl] = process.argv
const scenario = process.env.MCP_CONFORMANCE_SCENARIO
const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? '{}')

const folder = mkdtempSync(join(tmpdir(), 'mcp-gw-conformance-client-'))
const processes = createProcesses(folder)
try {
  const origin = await startGateway(processes, folder, { suite: { url: serverUrl } })
  const client = await connect(`${origin}/mcp/suite`)
  await scenarios[scenario](client, { context, era, url: `${origin}/mcp/suite` })
  await client.close()
} catch (error) {
  process.exitCode = 1
  console.error(error)
} finally {
  await processes.stop()
  if (process.exitCode) console.error(readFileSync(join(folder, 'gateway.log'), 'utf8'))
  rmSync(folder, { recursive: true })
}

/** A client that accepts every form as it is, and has a model and one root. */
async function connect(url) {
  const client = new Client(
    { name: 'reference-client', version: '1.0.0' },
    { capabilities, versionNegotiation: { mode: modes[era] } },
  )
  client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: {} }))
  client.setRequestHandler('sampling/createMessage', () => ({
    model: 'none',
    role: 'assistant',
    content: { type: 'text', text: 'A sampled answer.' },
  }))
  client.setRequestHandler('roots/list', () => ({ roots: [{ uri: 'file:///project', name: 'project' }] }))
  await client.connect(new StreamableHTTPClientTransport(new URL(url)))
  return client
}
