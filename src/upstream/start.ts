/** Brings up one instance of a server over the transport it speaks, in the era it speaks. */
import type { Log } from '../observe/log.ts'
import { asGatewayError, GatewayError } from '../protocol/errors.ts'
import type { JsonObject } from '../protocol/message.ts'
import { type Era, isStateless } from '../protocol/versions.ts'
import { formatDuration } from '../std/duration.ts'
import type { Children } from './children.ts'
import type { Connection } from './connection.ts'
import { NotSession, type ServerIdentity } from './identity.ts'
import { Instance } from './instance.ts'
import type { InstanceEvents } from './instance-setup.ts'
import type { Item } from './listing.ts'
import type { ServerOptions } from './options.ts'
import { rootsTaken } from './roots-taken.ts'
import type { Seat } from './sharing.ts'
import { startProgram } from './start-program.ts'
import { startRemote } from './start-remote.ts'
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

/** So long it is believed that a server has sessions only. */
const VERDICT_MS = 7 * 24 * 60 * 60 * 1_000

export async function startInstance(setup: StartSetup): Promise<Instance> {
  const { options, met } = setup
  const eras = erasFor(setup, Date.now())
  const begin = options.command === undefined ? startRemote : startProgram
  const instance = await begin(setup, eras).catch((error) => {
    // It has sessions no more.
    if (!(error instanceof NotSession) || options.protocol !== 'auto' || !setup.wanted()) throw error
    return begin(setup, ['stateless'])
  })
  const { identity } = instance
  const probedAt = identity?.probedAt ?? (eras.length > 1 ? Date.now() : met?.probedAt)
  if (identity && !isStateless(identity.version)) instance.identity = { ...identity, probedAt }
  return instance
}

function erasFor({ options: { protocol }, met }: StartSetup, now: number): Eras {
  if (protocol !== 'auto') return [protocol]
  const believed = met && !isStateless(met.version) && now - (met.probedAt ?? 0) < VERDICT_MS
  return believed ? ['session'] : ['stateless', 'session']
}

/** One attempt on one connection. */
export async function start(setup: StartSetup, connection: Connection, eras: Eras, startTimeoutMs: number): Promise<Instance> {
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
