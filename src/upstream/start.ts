/** Brings up one instance of a server over the transport it speaks. */
import type { Log } from '../observe/log.ts'
import { asGatewayError, GatewayError } from '../protocol/errors.ts'
import type { JsonObject } from '../protocol/message.ts'
import { formatDuration } from '../std/duration.ts'
import { reveal } from '../std/secret.ts'
import type { Children } from './children.ts'
import type { Connection } from './connection.ts'
import { HttpStatusError } from './http-failure.ts'
import { httpTarget } from './http-request.ts'
import { Instance } from './instance.ts'
import type { InstanceEvents } from './instance-setup.ts'
import type { ServerOptions } from './options.ts'
import { rootsTaken } from './roots-taken.ts'
import type { Seat } from './sharing.ts'
import { SseConnection } from './sse.ts'
import { StdioConnection, stderrTail } from './stdio.ts'
import { StreamableHttpConnection } from './streamable-http.ts'
import { inWorkspace } from './workspace-folder.ts'

export interface StartSetup {
  name: string
  options: ServerOptions
  seat: Seat
  clientInfo: JsonObject
  events: InstanceEvents
  log: Log
  children: Children
  /** Told of every instance as soon as it exists, so that it can be ended while it starts. */
  begun(instance: Instance): void
}

/** Refusals of a POST by which a server of 2024-11-05 shows itself (Transports, Backwards Compatibility). */
const OLD_SERVER_STATUSES: ReadonlySet<number> = new Set([400, 404, 405, 406, 415])

export async function startInstance(setup: StartSetup): Promise<Instance> {
  const { name, options, children, log } = setup
  if (options.command !== undefined) return start(setup, new StdioConnection(name, await settled(setup), children, log))
  const headers = Object.fromEntries(Object.entries(options.headers).map(([key, value]) => [key.toLowerCase(), reveal(value)]))
  const target = () => httpTarget(reveal(options.url ?? ''), { headers, skipVerify: options.tls_skip_verify })
  if (options.type === 'sse') return start(setup, new SseConnection(name, await target(), log))
  try {
    return await start(setup, new StreamableHttpConnection(name, await target(), options.quirks, log))
  } catch (error) {
    const old = options.type === undefined && error instanceof HttpStatusError && OLD_SERVER_STATUSES.has(error.status)
    if (!old) throw error
    return await start(setup, new SseConnection(name, await target(), log)).catch(() => {
      // The first refusal says more about a server that speaks neither.
      throw error
    })
  }
}

/** The options with the folder that the program runs in. */
async function settled({ name, options, seat: { roots }, children: { home }, log }: StartSetup): Promise<ServerOptions> {
  return roots ? inWorkspace(options, { name, roots, home, log }) : options
}

async function start(setup: StartSetup, connection: Connection): Promise<Instance> {
  const { name, options, seat, clientInfo, events, log } = setup
  const startTimeoutMs = options.start_timeout
  const instance = new Instance({ name, connection, seat, clientInfo, startTimeoutMs, events, log })
  setup.begun(instance)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(tooLate(setup, connection)), startTimeoutMs)
  })
  try {
    await Promise.race([instance.start(), late])
    await rootsTaken(instance)
    return instance
  } catch (error) {
    void instance.close()
    throw asGatewayError(error).code === 'timeout' ? tooLate(setup, connection) : error
  } finally {
    clearTimeout(timer)
  }
}

function tooLate({ name, options }: StartSetup, connection: Connection): GatewayError {
  const words = connection.transport === 'stdio' ? stderrTail(connection.stderr) : ''
  const silent = formatDuration(options.start_timeout)
  return new GatewayError('unavailable', `${name} did not answer initialize in ${silent} (servers.${name}.start_timeout)${words}`)
}
