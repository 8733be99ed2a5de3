/** The envelope of a request to a stateless server on behalf of a client that has said who it is in another way. */
import type { Client, Exchange } from '../../call/exchange.ts'
import { type Capabilities, capabilities } from '../../protocol/capabilities.ts'
import { envelopeJson } from '../../protocol/envelope.ts'
import type { JsonObject } from '../../protocol/message.ts'
import { TASKS_EXTENSION } from '../../protocol/meta-keys.ts'

/** What servers of the session era send to those who have set no level. */
const LEVEL_UNSAID = 'info'

/** The members of a client's envelope as JSON text, written anew only where the client has come to want another level. */
export class ClientEnvelopes {
  readonly #answersRoots: boolean
  readonly #written = new WeakMap<Client, { version: string; level: string | undefined; json: string }>()

  /** `answersRoots`: it is we who answer `roots/list`, whatever the client knows of it. */
  constructor(answersRoots: boolean) {
    this.#answersRoots = answersRoots
  }

  for({ client, era }: Exchange, version: string): string {
    const level = client.logLevel ?? (era === 'session' ? LEVEL_UNSAID : undefined)
    const known = this.#written.get(client)
    if (known && known.level === level && known.version === version) return known.json
    const able = era === 'session' ? this.#capabilities(client) : client.capabilities
    const json = envelopeJson({ version, capabilities: able, info: client.info, logLevel: level })
    this.#written.set(client, { version, level, json })
    return json
  }

  /** As if the client took tasks: we take them for it. */
  withTasks({ client }: Exchange, version: string): string {
    const { extensions, ...others } = this.#capabilities(client).value
    const able = capabilities({ ...others, extensions: { ...(extensions as JsonObject | undefined), [TASKS_EXTENSION]: {} } })
    return envelopeJson({ version, capabilities: able, info: client.info, logLevel: client.logLevel ?? LEVEL_UNSAID })
  }

  /** What a client of the session era can do, in the words of the stateless one. */
  #capabilities({ capabilities: { value } }: Client): Capabilities {
    const { roots, tasks: _, extensions, ...others } = value
    return capabilities({
      ...others,
      ...((roots !== undefined || this.#answersRoots) && { roots: {} }),
      ...(isObject(extensions) && { extensions: withoutTasks(extensions) }),
    })
  }
}

/** Nobody translates tasks for a client of another era. */
function withoutTasks({ [TASKS_EXTENSION]: _, ...others }: JsonObject): JsonObject {
  return others
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
