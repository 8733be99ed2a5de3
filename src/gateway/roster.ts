/** The servers that live, across generations: which one stands for which name, which is about to, and which are leaving. */
import type { Log } from '../observe/log.ts'
import type { Traffic } from '../observe/traffic.ts'
import { GatewayError } from '../protocol/errors.ts'
import type { JsonObject } from '../protocol/message.ts'
import type { Children } from '../upstream/children.ts'
import type { ServerOptions } from '../upstream/options.ts'
import { Server } from '../upstream/server.ts'
import type { Snapshots } from '../upstream/snapshot.ts'
import { unknownServer } from './endpoint.ts'
import type { Member } from './member.ts'
import { Place } from './place.ts'

export interface RosterSetup {
  clientInfo: JsonObject
  log: Log
  children: Children
  snapshots: Snapshots | undefined
  /** Something that clients are shown of this server has changed. */
  changed(server: Server): void
  /** Some client may be shown other lists than before. */
  moved(): void
  /** A server has taken the place of another one, or is about to. */
  succeeded(): void
}

/** What the roster goes by; durations are milliseconds. */
export interface RosterOptions {
  servers: Record<string, ServerOptions>
  pages: number
  /** How long the calls of a server that leaves may go on. */
  grace: number
}

/** What became of each server, by name, in the order of the config. Disabled servers are none. */
export interface ServerChanges {
  added: string[]
  removed: string[]
  changed: ServerChange[]
  unchanged: string[]
}

export interface ServerChange {
  name: string
  /** The keys of its entry that differ. */
  keys: string[]
  /** Another process or session takes the place of the one that runs. */
  restarts: boolean
}

export class Roster {
  readonly #setup: RosterSetup
  #options: RosterOptions
  #places = new Map<string, Place>()
  readonly #living = new Set<Server>()
  #closed = false

  constructor(setup: RosterSetup, options: RosterOptions) {
    this.#setup = setup
    this.#options = options
    for (const [name, one] of enabled(options)) this.#places.set(name, this.#place(name, one))
  }

  /** Every server that has something to end, those that are leaving or have yet to come included. */
  get living(): Iterable<Server> {
    return this.#living
  }

  /** The servers as the next generation is to treat them. */
  members(): Map<string, Member> {
    return new Map([...this.#places].map(([name, place]) => [name, place.member()]))
  }

  /** The place of a server by its name. Throws `GatewayError` where none has that name, or all of them are about to end. */
  place(name: string): Place {
    if (this.#closed) throw new GatewayError('unavailable', 'the gateway is shutting down')
    const place = this.#places.get(name)
    if (place) return place
    const disabled = Object.hasOwn(this.#options.servers, name)
    throw disabled
      ? new GatewayError('not_found', `${name} is disabled; remove servers.${name}.disabled to use it`)
      : unknownServer(name, { members: this.#places })
  }

  /** Brings the servers in line with another config. What is new starts in the background, and nothing waits for it. */
  adopt(options: RosterOptions): ServerChanges {
    const before = this.#places
    const changes: ServerChanges = { added: [], removed: [], changed: [], unchanged: [] }
    this.#options = options
    this.#places = new Map()
    for (const [name, one] of enabled(options)) {
      const place = before.get(name)
      if (place) settle(name, place, one, changes)
      else changes.added.push(name)
      this.#places.set(name, place ?? this.#added(name, one))
    }
    for (const [name, place] of before) {
      if (this.#places.has(name)) continue
      changes.removed.push(name)
      place.vacate()
    }
    return changes
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#living].map((server) => server.close()))
  }

  #added(name: string, options: ServerOptions): Place {
    const place = this.#place(name, options)
    wake(place.server).catch(() => {
      // The server keeps the reason and shows it; its next use tries again.
    })
    return place
  }

  #place(name: string, options: ServerOptions): Place {
    const setup = {
      name,
      create: (one: ServerOptions, traffic: Traffic) => this.#create(name, one, traffic),
      pages: () => this.#options.pages,
      grace: () => this.#options.grace,
      moved: () => this.#setup.succeeded(),
      gone: (server: Server) => void this.#living.delete(server),
    }
    return new Place(setup, options)
  }

  #create(name: string, options: ServerOptions, traffic: Traffic): Server {
    const { clientInfo, log, children, snapshots, changed, moved } = this.#setup
    const server: Server = new Server({
      name,
      options,
      pages: this.#options.pages,
      traffic,
      clientInfo,
      log,
      children,
      snapshots,
      changed: () => changed(server),
      moved,
    })
    this.#living.add(server)
    return server
  }
}

function settle(name: string, place: Place, options: ServerOptions, changes: ServerChanges): void {
  const { keys, restarts } = place.settle(options)
  if (keys.length === 0) changes.unchanged.push(name)
  else changes.changed.push({ name, keys, restarts })
}

function enabled({ servers }: RosterOptions): [string, ServerOptions][] {
  return Object.entries(servers).filter(([, options]) => !options.disabled)
}

/** Recalls a server, and starts it where nothing is known of it or the config wants it awake. Rejects where it fails to start. */
export async function wake(server: Server): Promise<void> {
  await server.recall()
  const { required, keep, prewarm } = server.options
  if (required || keep || prewarm || !server.known) await server.learn()
}
