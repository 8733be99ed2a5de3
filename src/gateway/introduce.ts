/** What a client that opens a session is told: of the gateway, or of the one server of a transparent endpoint. */
import type { JsonObject } from '../protocol/message.ts'
import { remember } from './announce.ts'
import type { Services } from './services.ts'
import type { Session } from './session.ts'

/** The gateway that introduces itself. */
export interface Host extends Services {
  readonly info: JsonObject
  readonly startedAt: number
  /** Settled when every server that starts with the gateway is up or has failed. */
  readonly learning: Promise<unknown>
}

/**
 * In so much time after its own start, the gateway's answer to `initialize` waits for servers that are still starting, so that
 * it can tell their instructions and what they can do.
 */
const START_PATIENCE_MS = 2_000

/** The result of `initialize`. Throws `GatewayError` where the one server cannot be reached. */
export async function introduce(session: Session, host: Host): Promise<JsonObject> {
  const { endpoint } = session
  if (endpoint.name === undefined) return ofAll(session, host)
  const { server } = endpoint.only
  const identity = await server.introduce(session)
  if (server.shown.listing(session)) remember(session, host)
  return { ...(identity?.initialize as JsonObject), protocolVersion: session.version }
}

async function ofAll(session: Session, host: Host): Promise<JsonObject> {
  await started(host)
  meetAll(session)
  const { capabilities, instructions } = session.endpoint.identity(session, host.surfaces.offer(session))
  return {
    protocolVersion: session.version,
    capabilities,
    serverInfo: host.info,
    ...(instructions !== undefined && { instructions }),
  }
}

/** Waits a moment for servers that start with the gateway. */
export async function started({ startedAt, learning }: Host): Promise<void> {
  const patience = startedAt + START_PATIENCE_MS - Date.now()
  if (patience > 0) await Promise.race([learning, new Promise((resolve) => setTimeout(resolve, patience).unref())])
}

/** A server may offer more to a client that can do more: what it offers to this kind of client must have been seen once. */
export function meetAll(session: Session): void {
  session.settled = Promise.allSettled(session.endpoint.members.map(({ server }) => server.meet(session)))
}
