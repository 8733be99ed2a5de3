/** The state of the gateway and of each server, as `/health` and `mcp-gw list` show it. */
import type { Engine } from '../gateway/engine.ts'
import type { Member } from '../gateway/member.ts'
import type { ConfigState } from '../observe/config-state.ts'
import { type Era, eraOf } from '../protocol/versions.ts'
import { residentBytes } from '../std/process-memory.ts'
import type { Checkup } from '../upstream/checkup.ts'
import type { Instance } from '../upstream/instance.ts'
import type { ServerState } from '../upstream/server-setup.ts'
import type { Sharing } from '../upstream/sharing.ts'

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
  /** Pings in a row that it has not answered, where its health is checked. */
  missedPings?: number
  /** The memory of its process and of everything that started, where it was asked for. */
  rssBytes?: number
}

export interface ServerHealth {
  name: string
  state: ServerState
  transport: 'stdio' | 'streamable' | 'sse' | undefined
  /** The revision that it speaks, and the era that this belongs to; undefined until it has told. */
  protocol: string | undefined
  era: Era | undefined
  /** Undefined where nobody checks it. */
  health: 'healthy' | 'unhealthy' | undefined
  required: boolean
  /** Another one is starting that takes its place: its entry has changed, or somebody wants it started anew. */
  changing: boolean
  tools: number
  prompts: number
  resources: number
  instances: InstanceHealth[]
  /** How clients share it in fact, and why that is more than its entry says. */
  sharing: Sharing
  calls: number
  failures: number
  lastContact: string | undefined
  lastError: { message: string; at: string } | undefined
  /** Its last lines on stderr, those of the instance that failed last first. */
  stderr: string[]
}

export interface Health {
  /**
   * `degraded` when some server has failed or is not healthy or the config file is not in order, `unhealthy` when that is a
   * required server.
   */
  status: 'ok' | 'degraded' | 'unhealthy'
  name: string
  version: string
  uptimeSeconds: number
  sessions: number
  /**
   * Clients of the stateless era, those that do alike counted once, the streams on which such listen for changes, and their calls
   * that wait for an answer of theirs.
   */
  stateless: { clients: number; streams: number; parked: number }
  /** Where the config in force comes from, and what is wrong with the one that lies there now. */
  config: ConfigState | undefined
  servers: ServerHealth[]
  /** The profiles that were chosen since the start, by glob of the client's name; the newest first. */
  profiles: { client: string; profile: string }[]
  /** Tools that clients which are connected are not shown, because they cannot take them. */
  leftOut: { client: string; tool: string; reason: string }[]
}

const STDERR_LINES = 20

export function health(engine: Engine, config?: ConfigState): Health {
  const members = [...engine.generation.members.values()]
  const servers = members.map(serverHealth).sort((a, b) => (a.name < b.name ? -1 : 1))
  const failed = servers.filter((server) => server.state === 'failed' || server.health === 'unhealthy')
  const amiss = failed.length > 0 || (config?.problems.length ?? 0) > 0
  return {
    status: failed.some((server) => server.required) ? 'unhealthy' : amiss ? 'degraded' : 'ok',
    name: String(engine.info.name),
    version: String(engine.info.version),
    uptimeSeconds: Math.round((Date.now() - engine.startedAt) / 1000),
    sessions: engine.sessions.size,
    stateless: {
      clients: engine.stateless.leases.size,
      streams: engine.stateless.listeners.size,
      parked: engine.stateless.parked,
    },
    config,
    servers,
    profiles: engine.endpoints.chosen,
    leftOut: leftOut(engine),
  }
}

/** Each tool once for each kind of client. */
function leftOut({ sessions, surfaces }: Engine): Health['leftOut'] {
  const all = [...sessions.values()].flatMap((session) =>
    surfaces.leftOut(session).map((one) => ({ client: String(session.info.name ?? ''), ...one })),
  )
  return [...new Map(all.map((one) => [`${one.client} ${one.tool}`, one])).values()]
}

/** Adds the memory of each instance to a report, which takes the system a moment to tell. */
export async function withMemory(report: Health): Promise<void> {
  const instances = report.servers.flatMap((server) => server.instances)
  const sizes = await residentBytes(instances.flatMap(({ pid }) => pid ?? []))
  for (const instance of instances) {
    const bytes = sizes.get(instance.pid ?? 0)
    if (bytes) instance.rssBytes = bytes
  }
}

function instanceHealth(instance: Instance, checkup: Checkup): InstanceHealth {
  const { connection, identity, inFlight, link, usage } = instance
  return {
    ...(checkup.state && { missedPings: checkup.missed(instance) }),
    pid: connection.pid,
    state: identity ? 'ready' : 'starting',
    clients: link.clients.size,
    inFlight,
    startedAt: new Date(usage.since).toISOString(),
    idleSeconds: inFlight > 0 ? 0 : Math.floor((Date.now() - usage.last) / 1000),
  }
}

export function serverHealth({ server, options, allowed, changing }: Member): ServerHealth {
  const { instances, known } = server
  const { failures, checkup } = server.supervision
  const version = (instances.find(({ identity }) => identity) ?? server.shown.last)?.identity?.version
  const contact = Math.max(0, ...instances.map((instance) => instance.lastContact))
  return {
    name: server.name,
    state: server.state,
    transport: instances[0]?.connection.transport,
    protocol: version,
    era: version === undefined ? undefined : eraOf(version),
    health: checkup.state,
    required: options.required,
    changing,
    tools: known?.tools.filter((tool) => allowed(tool.key)).length ?? 0,
    prompts: known?.prompts.length ?? 0,
    resources: known?.resources.length ?? 0,
    instances: instances.map((instance) => instanceHealth(instance, checkup)),
    sharing: server.sharing,
    calls: server.traffic.calls,
    failures: server.traffic.failures,
    lastContact: contact > 0 ? new Date(contact).toISOString() : undefined,
    lastError: failures.last && { message: failures.last.message, at: new Date(failures.last.at).toISOString() },
    stderr: [failures.last?.stderr ?? [], ...instances.map(({ connection }) => connection.stderr)].flatMap((lines) =>
      lines.slice(-STDERR_LINES),
    ),
  }
}
