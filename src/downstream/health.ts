/** The state of the gateway and of each server, as `/health` and `mcp-gw list` show it. */
import type { Engine } from '../gateway/engine.ts'
import type { Server, ServerState } from '../upstream/server.ts'

export interface ServerHealth {
  name: string
  state: ServerState
  transport: 'stdio' | 'streamable' | 'sse' | undefined
  protocol: string | undefined
  required: boolean
  tools: number
  prompts: number
  resources: number
  instances: { pid: number | undefined; clients: number; inFlight: number }[]
  calls: number
  failures: number
  lastContact: string | undefined
  lastError: { message: string; at: string } | undefined
  /** Its last lines on stderr. */
  stderr: string[]
}

export interface Health {
  /** `degraded` when some server has failed, `unhealthy` when a required one has. */
  status: 'ok' | 'degraded' | 'unhealthy'
  name: string
  version: string
  uptimeSeconds: number
  sessions: number
  servers: ServerHealth[]
}

const STDERR_LINES = 20

export function health(engine: Engine): Health {
  const members = [...engine.generation.members.values()]
  const servers = members.map(({ server, allowed }) => serverHealth(server, allowed)).sort((a, b) => (a.name < b.name ? -1 : 1))
  const failed = servers.filter((server) => server.state === 'failed')
  return {
    status: failed.some((server) => server.required) ? 'unhealthy' : failed.length > 0 ? 'degraded' : 'ok',
    name: String(engine.info.name),
    version: String(engine.info.version),
    uptimeSeconds: Math.round((Date.now() - engine.startedAt) / 1000),
    sessions: engine.sessions.size,
    servers,
  }
}

function serverHealth(server: Server, allowed: (tool: string) => boolean): ServerHealth {
  const { instances, known } = server
  const contact = Math.max(0, ...instances.map((instance) => instance.lastContact))
  return {
    name: server.name,
    state: server.state,
    transport: instances[0]?.connection.transport,
    protocol: server.identity?.version,
    required: server.options.required,
    tools: known?.tools.filter((tool) => allowed(tool.key)).length ?? 0,
    prompts: known?.prompts.length ?? 0,
    resources: known?.resources.length ?? 0,
    instances: instances.map((instance) => ({
      pid: instance.connection.pid,
      clients: instance.link.clients.size,
      inFlight: instance.inFlight,
    })),
    calls: server.traffic.calls,
    failures: server.traffic.failures,
    lastContact: contact > 0 ? new Date(contact).toISOString() : undefined,
    lastError: server.lastError && { message: server.lastError.message, at: new Date(server.lastError.at).toISOString() },
    stderr: instances.flatMap((instance) => instance.connection.stderr.slice(-STDERR_LINES)),
  }
}
