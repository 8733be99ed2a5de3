/** The answer to `server/discover`: what the gateway, or the one server of a transparent endpoint, offers to such a client. */
import type { JsonObject, Message } from '../../protocol/message.ts'
import { TASKS_EXTENSION } from '../../protocol/meta-keys.ts'
import { result } from '../../protocol/read.ts'
import { eraOf, STATELESS_VERSIONS } from '../../protocol/versions.ts'
import { type Host, started } from '../introduce.ts'
import type { Session } from '../session.ts'

interface Offer {
  readonly capabilities: JsonObject
  readonly instructions: string | undefined
}

/** Throws `GatewayError` where the one server cannot be reached. */
export async function discover(client: Session, host: Host): Promise<Message> {
  const { capabilities, instructions } = await offerTo(client, host)
  return result({ supportedVersions: STATELESS_VERSIONS, capabilities, ...(instructions !== undefined && { instructions }) })
}

/** What `client` is offered. A server of which something is known is not woken for it. */
export async function offerTo(client: Session, host: Host): Promise<Offer> {
  const { endpoint } = client
  if (endpoint.name === undefined) {
    await started(host)
    const { capabilities, instructions } = endpoint.identity(client, host.surfaces.offer(client))
    return { capabilities: withTasks(capabilities), instructions }
  }
  const { server } = endpoint.only
  const identity = server.shown.identity(client) ?? (await server.introduce(client))
  const { capabilities = {}, instructions, version = '' } = identity ?? {}
  return { capabilities: eraOf(version) === 'stateless' ? capabilities : withTasks(translatable(capabilities)), instructions }
}

/** What takes long at a server can be handed over as a task, and what a server hands over itself is passed on. */
function withTasks({ extensions, ...others }: JsonObject): JsonObject {
  return { ...others, extensions: { ...(extensions as JsonObject | undefined), [TASKS_EXTENSION]: {} } }
}

/** Tasks and extensions of the session era mean something else in the other one, or nothing. */
function translatable({ tasks: _, extensions: __, ...others }: JsonObject): JsonObject {
  return others
}

/** Who answers at the endpoint of a client, as results say it. */
export function answererFor(client: Session, info: JsonObject): JsonObject {
  const { endpoint } = client
  if (endpoint.name === undefined) return info
  const told = endpoint.only.server.shown.identity(client)?.initialize.serverInfo
  return typeof told === 'object' && told !== null && !Array.isArray(told) ? told : info
}
