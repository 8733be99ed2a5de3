/** The servers that live, across generations: which one stands for which name, which is about to, and which are leaving. */
import type { Log } from '../observe/log.ts'
import { newTraffic } from '../observe/traffic.ts'
import type { JsonObject } from '../protocol/message.ts'
import { changedKeys } from '../std/changed-keys.ts'
import type { Children } from '../upstream/children.ts'
import { fingerprint } from '../upstream/fingerprint.ts'
import type { ServerOptions } from '../upstream/options.ts'
import { Server } from '../upstream/server.ts'
import type { Snapshots } from '../upstream/snapshot.ts'
import { createMember, type Member } from './member.ts'

export interface RosterSetup {
  clientInfo: JsonObject
  log: Log
  children: Children
  snapshots: Snapshots | undefined
  /** Something that clients are shown of this server has changed. */
  changed(server: Server): void
  /** Some client may be shown other lists than before. */
  moved(): void
  /** A server has taken the place of another one. */
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

/** A server and the fingerprint that it was made for. */
interface Living {
  server: Server
  fingerprint: string
}

interface Place {
  options: ServerOptions
  current: Living
  /** What takes the place as soon as it answers, or is known not to. */
  next: Living | undefined
}

/** How long a server that did not start beside the old one waits before it tries again without it. */
const RETRY_MS = 1_500

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
    const entries = [...this.#places].map(([name, { current, options, next }]) => {
      return [name, createMember(current.server, options, next !== undefined)] as const
    })
    return new Map(entries)
  }

  /** Brings the servers in line with another config. What is new starts in the background, and nothing waits for it. */
  adopt(options: RosterOptions): ServerChanges {
    const before = this.#places
    const changes: ServerChanges = { added: [], removed: [], changed: [], unchanged: [] }
    this.#options = options
    this.#places = new Map()
    for (const [name, one] of enabled(options)) {
      const place = before.get(name)
      if (place) this.#settle(name, place, one, changes)
      else changes.added.push(name)
      this.#places.set(name, place ?? this.#added(name, one))
    }
    for (const [name, place] of before) {
      if (this.#places.has(name)) continue
      changes.removed.push(name)
      this.#drop(place)
      void this.#retire(place.current.server)
    }
    return changes
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#living].map((server) => server.close()))
  }

  #settle(name: string, place: Place, options: ServerOptions, changes: ServerChanges): void {
    const keys = changedKeys(place.options, options)
    const wanted = fingerprint(options)
    const fitting = [place.next, place.current].find((one) => one?.fingerprint === wanted)
    if (keys.length === 0) changes.unchanged.push(name)
    else changes.changed.push({ name, keys, restarts: fitting === undefined })
    place.options = options
    fitting?.server.retune(options, this.#options.pages)
    if (place.next && fitting !== place.next) this.#drop(place)
    if (!fitting) this.#replace(name, place, wanted)
  }

  /** Has the place taken by a server with another fingerprint. */
  #replace(name: string, place: Place, wanted: string): void {
    const { server: old } = place.current
    const successor = { server: this.#create(name, place.options, old.traffic), fingerprint: wanted }
    if (old.known === undefined) {
      // It has nothing to show yet, so there is nothing to keep until the other one answers.
      place.current = successor
      this.#learn(successor.server)
      void this.#retire(old)
      return
    }
    place.next = successor
    void this.#succeed(place, successor)
  }

  /**
   * Waits for the new server to answer or to fail. Either way it takes the place: the config no longer speaks of the old one,
   * which may be doing just what it is to stop doing. Calls that the old one works on are finished there.
   */
  async #succeed(place: Place, successor: Living): Promise<void> {
    const { server } = successor
    const old = place.current.server
    const answers = await server.learn().then(
      () => true,
      () => false,
    )
    // Whoever has an instance of the old one finds one here, so that neither lists nor calls have to wait.
    if (answers) await server.welcome(old.clients)
    if (place.next !== successor || this.#closed) return
    place.current = successor
    place.next = undefined
    old.watches.moveTo(server.watches)
    this.#setup.succeeded()
    void server.welcome(old.clients)
    await this.#retire(old)
    if (answers) return
    // Some servers can only start where no other of their kind runs: they share a port, a lock or a file.
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref())
    if (this.#living.has(server)) this.#learn(server)
  }

  /** Gives up the server that was to take the place. */
  #drop(place: Place): void {
    const { next } = place
    place.next = undefined
    if (next) void this.#retire(next.server)
  }

  /** Lets a server finish what it does, then ends it. */
  async #retire(server: Server): Promise<void> {
    await server.underWay.idle(this.#options.grace)
    await server.close()
    this.#living.delete(server)
  }

  #added(name: string, options: ServerOptions): Place {
    const place = this.#place(name, options)
    wake(place.current.server).catch(() => {
      // The server keeps the reason and shows it; its next use tries again.
    })
    return place
  }

  #place(name: string, options: ServerOptions): Place {
    return { options, current: { server: this.#create(name, options), fingerprint: fingerprint(options) }, next: undefined }
  }

  #learn(server: Server): void {
    server.learn().catch(() => {
      // The server keeps the reason and shows it; its next use tries again.
    })
  }

  #create(name: string, options: ServerOptions, traffic = newTraffic()): Server {
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

function enabled({ servers }: RosterOptions): [string, ServerOptions][] {
  return Object.entries(servers).filter(([, options]) => !options.disabled)
}

/** Recalls a server, and starts it where nothing is known of it or the config wants it awake. Rejects where it fails to start. */
export async function wake(server: Server): Promise<void> {
  await server.recall()
  const { required, keep, prewarm } = server.options
  if (required || keep || prewarm || !server.known) await server.learn()
}
