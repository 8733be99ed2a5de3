/** The endpoints that the gateway has: of all servers, of each one, and of each profile. They live on through reloads. */
import { profileOf } from '../catalog/surface.ts'
import { globMatcher } from '../std/glob.ts'
import { Endpoint, type EndpointName, endpointKey, type Source, unknownProfile } from './endpoint.ts'
import type { Session } from './session.ts'

export class Endpoints {
  /** Of all servers. */
  readonly main: Endpoint
  readonly #source: Source
  readonly #byKey = new Map<string, Endpoint>()
  /** By glob of the client's name: the profile that somebody has chosen since the start, the newest last. */
  readonly #chosen = new Map<string, string>()

  constructor(source: Source) {
    this.#source = source
    this.main = new Endpoint(source)
    this.#byKey.set(endpointKey({}), this.main)
  }

  /** Undefined where neither the config nor a session knows the name. */
  get(name: EndpointName): Endpoint | undefined {
    const key = endpointKey(name)
    const known = this.#byKey.get(key)
    if (known) return known
    const { members, options } = this.#source.generation
    if (name.server !== undefined && !members.has(name.server)) return undefined
    if (name.profile !== undefined && !Object.hasOwn(options.profiles, name.profile)) return undefined
    const endpoint = new Endpoint(this.#source, name)
    this.#byKey.set(key, endpoint)
    return endpoint
  }

  /** What was chosen last for a client stands above the config, until the gateway ends. Throws `GatewayError` on an unknown profile. */
  choose(client: string, profile: string): void {
    const { generation } = this.#source
    if (!Object.hasOwn(generation.options.profiles, profile)) throw unknownProfile(profile, generation)
    this.#chosen.delete(client)
    this.#chosen.set(client, profile)
  }

  /** What the config says holds again: for clients that were chosen for by this glob, or for all. */
  unchoose(client?: string): void {
    if (client === undefined) this.#chosen.clear()
    else this.#chosen.delete(client)
  }

  /** What was chosen since the start, the newest first. */
  get chosen(): { client: string; profile: string }[] {
    return [...this.#chosen].map(([client, profile]) => ({ client, profile })).reverse()
  }

  /** At the endpoint of all servers, the config may name a profile for a client, and another one after a reload. */
  assign(session: Session): void {
    if (session.door !== this.main) return
    const { profiles } = this.#source.generation.options
    const name = String(session.info.name ?? '')
    const fits = (client: string): boolean => globMatcher([client.toLowerCase()])(name.toLowerCase())
    // A reload may have taken away what was chosen.
    const chosen = this.chosen.find(({ client, profile }) => Object.hasOwn(profiles, profile) && fits(client))?.profile
    const profile = chosen ?? profileOf(profiles, name)
    session.endpoint = (profile === undefined ? undefined : this.get({ profile })) ?? this.main
  }

  /** Forgets those that the config no longer has and no session uses. */
  prune(sessions: Iterable<Session>): void {
    const used = new Set([...sessions].flatMap(({ door, endpoint }) => [door, endpoint]))
    for (const [key, endpoint] of this.#byKey) {
      if (endpoint !== this.main && endpoint.members.length === 0 && !used.has(endpoint)) this.#byKey.delete(key)
    }
  }
}
