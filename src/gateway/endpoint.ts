/** What a client has in front of it: all servers under prefixed names, a profile of them, or one as if there were no gateway. */
import type { Client } from '../call/exchange.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { type InstructionLimits, joinInstructions } from '../catalog/instructions.ts'
import { GatewayError } from '../protocol/errors.ts'
import type { JsonObject } from '../protocol/message.ts'
import { suggest } from '../std/suggest.ts'
import type { Generation } from './generation.ts'
import type { Member } from './member.ts'
import { profileMembers } from './profile.ts'

/** Who knows which generation is the current one. */
export interface Source {
  readonly generation: Generation
}

/** Which endpoint is meant: with neither it is the one of all servers. */
export interface EndpointName {
  server?: string
  profile?: string
}

/** What the gateway adds to what the servers offer, and how much of that there is room for. */
export interface Offer {
  own: JsonObject
  limits: InstructionLimits
}

export class Endpoint {
  /** The name of the one server of a transparent endpoint. */
  readonly name: string | undefined
  readonly profile: string | undefined
  /** Equal for equal names. */
  readonly key: string
  readonly #source: Source
  #cached: { generation: Generation; members: readonly Member[] } | undefined

  constructor(source: Source, { server, profile }: EndpointName = {}) {
    this.#source = source
    this.name = server
    this.profile = profile
    this.key = endpointKey({ ...(server !== undefined && { server }), ...(profile !== undefined && { profile }) })
  }

  /** The one that is current at this moment: an endpoint lives longer than a generation. */
  get generation(): Generation {
    return this.#source.generation
  }

  get members(): readonly Member[] {
    const { generation } = this
    if (this.#cached?.generation !== generation) this.#cached = { generation, members: this.#membersOf(generation) }
    return this.#cached.members
  }

  /** The one server of a transparent endpoint. Throws `GatewayError` where a reload has taken it away. */
  get only(): Member {
    const [member] = this.members
    if (member) return member
    throw unknownServer(this.name ?? '', this.generation)
  }

  catalog(client: Client): Catalog {
    return this.generation.catalog(client, { key: this.key, members: this.members, prefixed: this.name === undefined })
  }

  /** The aggregate's share of the result of `initialize`: what the servers can do together, and their instructions. */
  identity(client: Client, { own, limits }: Offer): { capabilities: JsonObject; instructions: string | undefined } {
    const identities = this.members.flatMap(({ server }) => server.shown.identity(client) ?? [])
    // A server that is not up yet may turn out to be capable of anything.
    const unknown = identities.length < this.members.length
    const any = (capability: string): boolean => unknown || identities.some((one) => Object.hasOwn(one.capabilities, capability))
    const capabilities: JsonObject = {
      ...own,
      ...(any('logging') && { logging: {} }),
      ...(any('completions') && { completions: {} }),
      ...(any('prompts') && { prompts: { listChanged: true } }),
      ...(any('resources') && { resources: { subscribe: true, listChanged: true } }),
      tools: { listChanged: true },
    }
    const parts = this.members.flatMap(({ server }) => {
      const text = server.shown.identity(client)?.instructions
      return text ? [{ server: server.name, text }] : []
    })
    parts.sort((a, b) => (a.server < b.server ? -1 : 1))
    return { capabilities, instructions: joinInstructions(parts, limits) }
  }

  #membersOf({ members, options }: Generation): readonly Member[] {
    const all = [...members.values()]
    if (this.name !== undefined) return all.filter(({ server }) => server.name === this.name)
    return this.profile === undefined ? all : profileMembers(all, options.profiles[this.profile])
  }
}

/** Equal names of endpoints have equal keys. */
export function endpointKey({ server, profile }: EndpointName): string {
  return server !== undefined ? `server ${server}` : profile !== undefined ? `profile ${profile}` : ''
}

export function unknownServer(name: string, { members }: { members: ReadonlyMap<string, unknown> }): GatewayError {
  const near = suggest(name, members.keys())
  const mend = near ? `did you mean ${near}?` : `configured are: ${[...members.keys()].join(', ') || 'none'}`
  return new GatewayError('not_found', `there is no server "${name}"; ${mend}`)
}

export function unknownProfile(name: string, { options }: Generation): GatewayError {
  const known = Object.keys(options.profiles).join(', ') || 'none'
  return new GatewayError('not_found', `there is no profile "${name}"; configured are: ${known}`)
}
