/** The state of the gateway and of each server, as `/health` and `mcp-gw list` show it. */
import type { Engine } from '../gateway/engine.ts'
import { residentBytes } from '../std/process-memory.ts'
import type { Instance } from '../upstream/instance.ts'
import type { Server, ServerState } from '../upstream/server.ts'

export interface InstanceHealth {
  /** The process, where it is one of ours. */
  pid: number | undefined
  state: 'starting' | 'ready'
  /** Client sessions that use it. */
  clients: number
  inFlight: number
  startedAt: string
  /** How long no client has had to do with it; 0 while a call is under way. */
  idleSeconds: number
  /** The memory of its process and of everything that started, where it was asked for. */
  rssBytes?: number
}

export interface ServerHealth {
  name: string
  state: ServerState
  transport: 'stdio' | 'streamable' | 'sse' | undefined
  protocol: string | undefined
  required: boolean
  tools: number
  prompts: number
  resources: number
  instances: InstanceHealth[]
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

/** The same with the memory of each instance, which takes the system a moment to tell. */
export async function healthWithMemory(engine: Engine): Promise<Health> {
  const report = health(engine)
  const instances = report.servers.flatMap((server) => server.instances)
  const sizes = await residentBytes(instances.flatMap(({ pid }) => pid ?? []))
  for (const instance of instances) {
    const bytes = sizes.get(instance.pid ?? 0)
    if (bytes) instance.rssBytes = bytes
  }
  return report
}

function instanceHealth(instance: Instance): InstanceHealth {
  const { connection, identity, inFlight, link, usage } = instance
  return {
    pid: connection.pid,
    state: identity ? 'ready' : 'starting',
    clients: link.clients.size,
    inFlight,
    startedAt: new Date(usage.since).toISOString(),
    idleSeconds: inFlight > 0 ? 0 : Math.floor((Date.now() - usage.last) / 1000),
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
    instances: instances.map(instanceHealth),
    calls: server.traffic.calls,
    failures: server.traffic.failures,
    lastContact: contact > 0 ? new Date(contact).toISOString() : undefined,
    lastError: server.lastError && { message: server.lastError.message, at: new Date(server.lastError.at).toISOString() },
    stderr: instances.flatMap((instance) => instance.connection.stderr.slice(-STDERR_LINES)),
  }
}
