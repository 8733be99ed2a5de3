/** The endpoints that the gateway has: of all servers, of each one, and of each profile. They live on through reloads. */
import { profileOf } from '../catalog/surface.ts'
import { Endpoint, type EndpointName, endpointKey, type Source } from './endpoint.ts'
import type { Session } from './session.ts'

export class Endpoints {
  /** Of all servers. */
  readonly main: Endpoint
  readonly #source: Source
  readonly #byKey = new Map<string, Endpoint>()

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

  /** At the endpoint of all servers, the config may name a profile for a client, and another one after a reload. */
  assign(session: Session): void {
    if (session.door !== this.main) return
    const profile = profileOf(this.#source.generation.options.profiles, String(session.info.name ?? ''))
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
