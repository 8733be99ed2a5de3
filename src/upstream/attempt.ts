/** Brings up one instance of a server on one connection. */
import type { Log } from '../observe/log.ts'
import { asGatewayError, GatewayError } from '../protocol/errors.ts'
import type { JsonObject } from '../protocol/message.ts'
import type { Era } from '../protocol/versions.ts'
import { formatDuration } from '../std/duration.ts'
import type { Children } from './children.ts'
import type { Connection } from './connection.ts'
import type { ServerIdentity } from './identity.ts'
import { Instance } from './instance.ts'
import type { InstanceEvents } from './instance-setup.ts'
import type { Item } from './listing.ts'
import type { ServerOptions } from './options.ts'
import { rootsTaken } from './roots-taken.ts'
import type { Seat } from './sharing.ts'
import { stderrTail } from './stdio.ts'

export interface StartSetup {
  name: string
  options: ServerOptions
  seat: Seat
  clientInfo: JsonObject
  /** What it said of itself last. */
  met: ServerIdentity | undefined
  tools(): readonly Item[]
  relist(): Promise<void>
  events: InstanceEvents
  log: Log
  children: Children
  /** Told of every instance as soon as it exists, so that it can be ended while it starts. */
  begun(instance: Instance): void
  /** Whether anybody still waits for it to come up. */
  wanted(): boolean
}

/** In which eras a server is addressed, one after the other. */
export type Eras = readonly [Era, Era?]

/** Nothing came in all the time that there was. */
export class TooLate extends GatewayError {}

export async function attempt(setup: StartSetup, connection: Connection, eras: Eras, startTimeoutMs: number): Promise<Instance> {
  const { name, seat, clientInfo, tools, relist, events, log } = setup
  const instance = new Instance({ name, connection, seat, eras, clientInfo, startTimeoutMs, tools, relist, events, log })
  setup.begun(instance)
  let timer: NodeJS.Timeout | undefined
  const tooLate = (): TooLate => lateness(setup, connection, eras)
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(tooLate()), startTimeoutMs)
  })
  try {
    await Promise.race([instance.start(), late])
    await rootsTaken(instance)
    return instance
  } catch (error) {
    void instance.close()
    throw asGatewayError(error).code === 'timeout' ? tooLate() : error
  } finally {
    clearTimeout(timer)
  }
}

function lateness({ name, options }: StartSetup, connection: Connection, eras: Eras): TooLate {
  const words = connection.transport === 'stdio' ? stderrTail(connection.stderr) : ''
  const asked = eras.includes('session') ? 'initialize' : 'server/discover'
  const silent = formatDuration(options.start_timeout)
  return new TooLate('unavailable', `${name} did not answer ${asked} in ${silent} (servers.${name}.start_timeout)${words}`)
}
