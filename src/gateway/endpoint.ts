/** What a client has in front of it: all servers under prefixed names, or one server as if there were no gateway. */
import type { Client } from '../call/exchange.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { joinInstructions } from '../catalog/instructions.ts'
import { GatewayError } from '../protocol/errors.ts'
import type { JsonObject } from '../protocol/message.ts'
import type { Generation } from './generation.ts'
import type { Member } from './member.ts'

/** Who knows which generation is the current one. */
interface Source {
  readonly generation: Generation
}

export class Endpoint {
  /** The name of the one server of a transparent endpoint. */
  readonly name: string | undefined
  readonly #source: Source
  #cached: { generation: Generation; members: readonly Member[] } | undefined

  constructor(source: Source, name?: string) {
    this.#source = source
    this.name = name
  }

  /** The one that is current at this moment: an endpoint lives longer than a generation. */
  get generation(): Generation {
    return this.#source.generation
  }

  get members(): readonly Member[] {
    const { generation } = this
    if (this.#cached?.generation !== generation) {
      const all = [...generation.members.values()]
      const members = this.name === undefined ? all : all.filter(({ server }) => server.name === this.name)
      this.#cached = { generation, members }
    }
    return this.#cached.members
  }

  /** The one server of a transparent endpoint. Throws `GatewayError` where a reload has taken it away. */
  get only(): Member {
    const [member] = this.members
    if (member) return member
    throw unknownServer(this.name ?? '', this.generation)
  }

  catalog(client: Client): Catalog {
    return this.generation.catalog(client, this.members, this.name === undefined)
  }

  /** The aggregate's share of the result of `initialize`: what the servers can do together, and their instructions. */
  identity(): { capabilities: JsonObject; instructions: string | undefined } {
    const identities = this.members.flatMap(({ server }) => server.identity ?? [])
    // A server that is not up yet may turn out to be capable of anything.
    const unknown = identities.length < this.members.length
    const any = (capability: string): boolean => unknown || identities.some((one) => Object.hasOwn(one.capabilities, capability))
    const capabilities: JsonObject = {
      ...(any('logging') && { logging: {} }),
      ...(any('completions') && { completions: {} }),
      ...(any('prompts') && { prompts: { listChanged: true } }),
      ...(any('resources') && { resources: { subscribe: true, listChanged: true } }),
      tools: { listChanged: true },
    }
    const parts = this.members.flatMap(({ server }) =>
      server.identity?.instructions ? [{ server: server.name, text: server.identity.instructions }] : [],
    )
    parts.sort((a, b) => (a.server < b.server ? -1 : 1))
    return { capabilities, instructions: joinInstructions(parts, this.generation.options.instructions) }
  }
}

export function unknownServer(name: string, { members }: Generation): GatewayError {
  const known = [...members.keys()].join(', ') || 'none'
  return new GatewayError('not_found', `there is no server "${name}"; configured are: ${known}`)
}
