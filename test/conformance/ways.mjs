/**
 * The ways to the reference server (directly, and behind the gateway with each transport and each era), and the ways in which
 * the gateway is driven where the suite is its server.
 */
import { referenceOverStdio } from './processes.mjs'

export const revisions = ['2025-11-25', '2026-07-28']

/** A server of the gateway's config is named after its way. */
export const waysOfServers = {
  direct: undefined,
  'stdio-session': { transport: 'stdio', protocol: 'session' },
  'http-session': { transport: 'http', protocol: 'session' },
  'stdio-stateless': { transport: 'stdio', protocol: 'stateless' },
  'http-stateless': { transport: 'http', protocol: 'stateless' },
}

/** The era of the client that drives the gateway. */
export const waysOfClients = { 'session-client': 'session', 'stateless-client': 'stateless' }

/** Resolves to the endpoint of each way. No two ways share a reference server, because its lists change while it is tested. */
export async function openWays(ways, { startReference, startGateway }) {
  const urls = {}
  const servers = {}
  for (const way of ways) {
    if (way === 'direct') urls.direct = await startReference('reference')
    else servers[way] = await serverOf(way, startReference)
  }
  if (Object.keys(servers).length === 0) return urls
  const origin = await startGateway(servers)
  for (const way of Object.keys(servers)) urls[way] = `${origin}/mcp/${way}`
  return urls
}

async function serverOf(way, startReference) {
  const { transport, protocol } = waysOfServers[way]
  if (transport === 'http') return { url: await startReference(`reference-${way}`), protocol }
  return { ...referenceOverStdio, protocol }
}
