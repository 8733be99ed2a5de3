/** The place of one server across generations: who has it, who is about to take it, and what becomes of who had it. */
import { newTraffic, type Traffic } from '../observe/traffic.ts'
import { GatewayError } from '../protocol/errors.ts'
import { changedKeys } from '../std/changed-keys.ts'
import { fingerprint } from '../upstream/fingerprint.ts'
import type { ServerOptions } from '../upstream/options.ts'
import type { Server } from '../upstream/server.ts'
import { createMember, type Member } from './member.ts'

export interface PlaceSetup {
  name: string
  create(options: ServerOptions, traffic: Traffic): Server
  /** How many pages of a list are read. */
  pages(): number
  /** How long the calls of a server that leaves may go on, in milliseconds. */
  grace(): number
  /** Who has the place or is about to take it is another one, and no reload is about to tell so. */
  moved(): void
  /** The server has ended. */
  gone(server: Server): void
}

/** A server and the fingerprint that it was made for. */
interface Living {
  server: Server
  fingerprint: string
}

/** How long a server that did not start beside the old one waits before it tries again without it. */
const RETRY_MS = 1_500

export class Place {
  options: ServerOptions
  readonly #setup: PlaceSetup
  #current: Living
  /** What takes the place as soon as it answers, or is known not to. */
  #next: Living | undefined
  #reconnecting: Promise<Server> | undefined
  #vacated = false

  constructor(setup: PlaceSetup, options: ServerOptions) {
    this.#setup = setup
    this.options = options
    this.#current = this.#make(newTraffic())
  }

  get server(): Server {
    return this.#current.server
  }

  /** How the next generation is to treat it. */
  member(): Member {
    return createMember(this.server, this.options, this.#next !== undefined)
  }

  /** Takes on other options. Tells which keys differ, and whether another process or session has to take the place. */
  settle(options: ServerOptions): { keys: string[]; restarts: boolean } {
    const keys = changedKeys(this.options, options)
    const wanted = fingerprint(options)
    const fitting = [this.#next, this.#current].find((one) => one?.fingerprint === wanted)
    this.options = options
    fitting?.server.retune(options, this.#setup.pages())
    if (fitting !== this.#next) this.#drop()
    if (!fitting) this.#replace()
    return { keys, restarts: fitting === undefined }
  }

  /**
   * Has the place taken by another server of the same kind, which has no failures behind it. Resolves with it once it answers;
   * rejects with the reason where it does not. Who asks while that is under way gets the same one.
   */
  reconnect(): Promise<Server> {
    this.#reconnecting ??= this.#reconnect().finally(() => {
      this.#reconnecting = undefined
    })
    return this.#reconnecting
  }

  /**
   * Has the place taken by a server that sleeps until somebody needs it. Resolves when the old one is gone. Throws `GatewayError`
   * while another one is about to take the place.
   */
  async sleep(): Promise<void> {
    const { name } = this.#setup
    if (this.#next) throw new GatewayError('unavailable', `${name} is just being started anew; try again when it is up`)
    const old = this.server
    this.#take(this.#makeLike(old))
    this.#setup.moved()
    await this.#retire(old)
  }

  /** Nobody has the place any more. */
  vacate(): void {
    this.#vacated = true
    this.#drop()
    void this.#retire(this.server)
  }

  async #reconnect(): Promise<Server> {
    this.#drop()
    const old = this.server
    const successor = this.#makeLike(old)
    const { server } = successor
    if (old.instances.length > 0 || server.known !== old.known) {
      this.#next = successor
      this.#setup.moved()
      await this.#succeed(successor)
      return server
    }
    // Nothing runs that could answer meanwhile, and no list would be missed.
    this.#take(successor)
    this.#setup.moved()
    void this.#retire(old)
    await server.learn()
    return server
  }

  /** Has the place taken by a server with another fingerprint. */
  #replace(): void {
    const old = this.server
    const successor = this.#make(old.traffic)
    if (old.known === undefined) {
      // It has nothing to show yet, so there is nothing to keep until the other one answers.
      this.#take(successor)
      void this.#retire(old)
      inBackground(successor.server.learn())
      return
    }
    this.#next = successor
    inBackground(this.#succeed(successor))
  }

  /**
   * Waits for the new server to answer or to fail. Either way it takes the place: nobody wants the old one any more, which may be
   * doing just what it is to stop doing. Calls that the old one works on are finished there.
   */
  async #succeed(successor: Living): Promise<void> {
    const { server } = successor
    const old = this.server
    const answers = await server.learn().then(
      () => true,
      () => false,
    )
    // Whoever has an instance of the old one finds one here, so that neither lists nor calls have to wait.
    if (answers) await server.welcome(old.clients)
    if (this.#next !== successor) throw this.#overtaken()
    this.#next = undefined
    this.#take(successor)
    this.#setup.moved()
    void server.welcome(old.clients)
    const retired = this.#retire(old)
    if (answers) return
    await retired
    // Some servers can only start where no other of their kind runs: they share a port, a lock or a file.
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref())
    if (this.#current !== successor || this.#vacated) throw this.#overtaken()
    await server.learn()
  }

  #take(successor: Living): void {
    const old = this.server
    this.#current = successor
    old.watches.moveTo(successor.server.watches)
    old.successor = successor.server
  }

  /** Gives up the server that was to take the place. */
  #drop(): void {
    const next = this.#next
    this.#next = undefined
    if (next) void this.#retire(next.server)
  }

  /** Lets a server finish what it does, then ends it. */
  async #retire(server: Server): Promise<void> {
    await server.underWay.idle(this.#setup.grace())
    await server.close()
    this.#setup.gone(server)
  }

  #make(traffic: Traffic): Living {
    const { options } = this
    return { server: this.#setup.create(options, traffic), fingerprint: fingerprint(options) }
  }

  /** Another server that knows what this one knows, where it is one for the same entry. */
  #makeLike(old: Server): Living {
    const living = this.#make(old.traffic)
    if (living.fingerprint === this.#current.fingerprint) living.server.inherit(old)
    return living
  }

  #overtaken(): GatewayError {
    return new GatewayError('unavailable', `${this.#setup.name} was changed or stopped while it started`)
  }
}

/** The server keeps the reason of a failure and shows it; its next use tries again. */
function inBackground(start: Promise<unknown>): void {
  start.catch(() => undefined)
}
