/** What a server of the stateless era says of itself, in the shape of a handshake (specification 2026-07-28: Discovery). */
import { GatewayError } from '../../protocol/errors.ts'
import type { Json, JsonObject, Message } from '../../protocol/message.ts'
import { SERVER_INFO_KEY, TASKS_EXTENSION } from '../../protocol/meta-keys.ts'
import { LATEST_SESSION_VERSION, STATELESS_VERSIONS } from '../../protocol/versions.ts'
import type { ServerIdentity } from '../identity.ts'

/** A server answered, but not as one of the stateless era does. */
export class NotStateless extends GatewayError {
  constructor(message: string) {
    super('unavailable', message)
  }
}

/** Errors that only a server of the stateless era sends: our request was wrong, not its era. */
const STATELESS_ERRORS: readonly unknown[] = [-32020, -32021]
const UNSUPPORTED_VERSION = -32022

/** Reads the answer to `server/discover`. Throws `NotStateless` where that is none of the stateless era. */
export function readDiscovery(name: string, version: string, reply: Message): ServerIdentity {
  const { body } = reply
  if (reply.kind === 'error') throw refusal(name, body)
  const { supportedVersions, capabilities, instructions, _meta } = body
  if (!Array.isArray(supportedVersions) || !supportedVersions.includes(version) || !isObject(capabilities))
    throw new NotStateless(`${name} answered server/discover without naming ${version} and its capabilities`)
  const info = isObject(_meta) ? _meta[SERVER_INFO_KEY] : undefined
  return {
    initialize: {
      protocolVersion: LATEST_SESSION_VERSION,
      capabilities: forSessions(capabilities),
      serverInfo: isObject(info) ? info : { name, version: '' },
      ...(typeof instructions === 'string' && { instructions }),
    },
    version,
    capabilities,
    instructions: typeof instructions === 'string' ? instructions : undefined,
  }
}

/** The revision of the stateless era to speak after an error that names those that the server speaks; undefined where there is none. */
export function mutualVersion(reply: Message): string | undefined {
  // Results are not looked into.
  if (reply.kind !== 'error' || reply.body.code !== UNSUPPORTED_VERSION) return undefined
  const supported = supportedIn(reply.body)
  return STATELESS_VERSIONS.find((version) => supported.includes(version))
}

function refusal(name: string, error: JsonObject): GatewayError {
  const said = `${name} refused server/discover: ${String(error.message)}`
  if (STATELESS_ERRORS.includes(error.code)) return new GatewayError('unavailable', said)
  if (error.code === UNSUPPORTED_VERSION) return new NotStateless(`${said}; it speaks ${supportedIn(error).join(', ')}`)
  return new NotStateless(`${said}; it does not speak ${STATELESS_VERSIONS.join(' or ')}, so the era to speak is auto or session`)
}

function supportedIn({ data }: JsonObject): readonly Json[] {
  return isObject(data) && Array.isArray(data.supported) ? data.supported : []
}

/** What clients of the session era may be told that the server can do: not what nobody translates for them. */
function forSessions(capabilities: JsonObject): JsonObject {
  const { extensions, ...others } = capabilities
  if (!isObject(extensions)) return capabilities
  const { [TASKS_EXTENSION]: _, ...rest } = extensions
  return Object.keys(rest).length > 0 ? { ...others, extensions: rest } : others
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
