/** What a client has in front of it: all servers under prefixed names, or one server as if there were no gateway. */
import type { Client } from '../call/exchange.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { joinInstructions } from '../catalog/instructions.ts'
import type { JsonObject } from '../protocol/message.ts'
import type { Generation, Member } from './generation.ts'

export class Endpoint {
  readonly generation: Generation
  readonly members: readonly Member[]
  /** The one server of a transparent endpoint. */
  readonly only: Member | undefined

  constructor(generation: Generation, only?: Member) {
    this.generation = generation
    this.only = only
    this.members = only ? [only] : [...generation.members.values()]
  }

  catalog(client: Client): Catalog {
    return this.generation.catalog(client, this.members, this.only === undefined)
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
