/** The gateway without its wires: opens sessions, carries their messages, and tells them what has changed. */
import { randomUUID } from 'node:crypto'
import type { Log } from '../observe/log.ts'
import { GatewayError } from '../protocol/errors.ts'
import { farewell } from '../protocol/farewell.ts'
import type { Chunks, JsonObject, Message } from '../protocol/message.ts'
import { result } from '../protocol/read.ts'
import { clock } from '../std/clock.ts'
import { residentBytes } from '../std/process-memory.ts'
import type { Children } from '../upstream/children.ts'
import type { Server } from '../upstream/server.ts'
import { announce } from './announce.ts'
import { answer, notified } from './dispatch.ts'
import { Endpoints } from './endpoints.ts'
import { Finder } from './finder.ts'
import { Generation } from './generation.ts'
import { introduce } from './introduce.ts'
import { ListCosts } from './list-costs.ts'
import { MemoryBudget } from './memory-budget.ts'
import { ownInstances } from './own-instances.ts'
import type { Place } from './place.ts'
import type { Outlet } from './questions.ts'
import { Results } from './results/results.ts'
import { Roster, type ServerChanges, wake } from './roster.ts'
import { introductionOf, type Opening, Session } from './session.ts'
import { type EngineSetup, rosterOptions, type Settings } from './settings.ts'
import type { StatelessLimits } from './stateless/host.ts'
import { Stateless } from './stateless/stateless.ts'
import { Surfaces } from './surface.ts'
import { Usage } from './usage.ts'

/** How often it is looked for sessions and servers that nobody uses. */
const SWEEP_MS = 1_000

export class Engine {
  readonly sessions = new Map<string, Session>()
  readonly info: JsonObject
  readonly startedAt = Date.now()
  /** Told when a session ends, for whatever reason. */
  onEnded: ((session: Session) => void) | undefined
  readonly log: Log
  readonly #children: Children
  readonly #roster: Roster
  readonly #memory: MemoryBudget
  readonly endpoints: Endpoints = new Endpoints(this)
  readonly surfaces: Surfaces
  readonly usage: Usage
  readonly finder = new Finder()
  /** For clients that have no session. */
  readonly stateless: Stateless
  readonly results: Results
  #settings: Settings
  #generation: Generation
  readonly #sweeper: NodeJS.Timeout
  /** Settled when every server that starts with the gateway is up or has failed. */
  learning: Promise<unknown> = Promise.resolve()
  #leaving = false

  constructor(setup: EngineSetup) {
    const { log, version, snapshots, children } = setup
    this.#children = children
    this.log = log
    this.#settings = setup
    this.info = { name: 'mcp-gw', title: 'mcp-gw', version }
    const events = {
      changed: (server: Server) => this.#changed(server),
      moved: () => this.#generation.moved(),
      succeeded: () => this.#swap(),
    }
    this.#roster = new Roster({ clientInfo: this.info, log, snapshots, children, ...events }, rosterOptions(setup))
    this.#memory = new MemoryBudget(setup.memory, { log, servers: () => this.#roster.living, measure: residentBytes, clock })
    this.usage = new Usage(setup.usage)
    this.results = new Results({ folder: setup.resultsFolder, log, options: setup.results })
    this.surfaces = new Surfaces(new ListCosts(() => this.#announce(), setup.counts), this.results, log)
    this.#generation = new Generation(this.#roster.members(), setup)
    this.stateless = new Stateless(this)
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS).unref()
  }

  /** The current one: hold on to it for no longer than one step. */
  get generation(): Generation {
    return this.#generation
  }

  /** Goes on under other settings; says what that means for each server. */
  adopt(settings: Settings): ServerChanges {
    this.#settings = settings
    this.#memory.limit = settings.memory
    this.results.options = settings.results
    const changes = this.#roster.adopt(rosterOptions(settings))
    this.#swap()
    return changes
  }

  /** The place of a server, to have it started anew or put to sleep. Throws `GatewayError` where no server has that name. */
  place(name: string): Place {
    return this.#roster.place(name)
  }

  /**
   * Recalls every server, and starts those of which nothing is known or that are to be awake. Resolves when all of these are up or
   * have failed; rejects where a required one fails.
   */
  async start(): Promise<void> {
    void this.results.purge()
    const recalled = this.usage.recall()
    const members = [...this.generation.members.values()]
    const learning = members.map(({ server }) => wake(server))
    this.learning = Promise.allSettled(learning)
    const required = members.map(({ options }, index) => (options.required ? learning[index] : undefined))
    await Promise.all([recalled, ...required])
    await this.learning
  }

  /** Opens a session for a client that sent `initialize`. Throws `GatewayError` where the client cannot be served. */
  async open(opening: Opening): Promise<{ session: Session; answer: Chunks }> {
    this.#admitSession()
    this.quieten()
    const { initialize, ...setup } = opening
    const session = new Session(randomUUID(), { ...setup, introduction: introductionOf(initialize) }, Date.now())
    this.endpoints.assign(session)
    const reply = await introduce(session, this)
    // The end may have come while the servers were asked.
    this.#admitSession()
    this.sessions.set(session.id, session)
    return { session, answer: result(reply).withId(initialize.id) }
  }

  /** Takes one message of a client. Resolves with the answer to send where it is a request that gets one. */
  async receive(session: Session, message: Message, outlet: Outlet): Promise<Chunks | undefined> {
    session.lastActive = Date.now()
    if (message.kind === 'request') return answer(session, message, outlet, this)
    if (message.kind === 'notification') notified(session, message, this)
    else session.questions.answer(message)
    return undefined
  }

  /** Ends a session: what it asked is cancelled, what was asked of it fails, its instances are let go. */
  end(session: Session): void {
    if (session.closed) return
    session.close()
    this.sessions.delete(session.id)
    for (const server of this.#roster.living) server.release(session)
    this.results.end(session)
    this.onEnded?.(session)
  }

  /** The client does not keep up: what only it uses is not read until `resume`. */
  pause(session: Session): void {
    for (const instance of ownInstances(session, this.#roster.living)) instance.pause()
  }

  resume(session: Session): void {
    for (const instance of ownInstances(session, this.#roster.living)) instance.resume()
  }

  /** Opens no session any more. Resolves when no request is under way, or after the grace that the config gives. */
  async drain(): Promise<void> {
    this.#leaving = true
    this.stateless.listeners.close()
    const until = Date.now() + this.#settings.shutdown.grace
    const busy = (): boolean => this.stateless.busy || [...this.sessions.values()].some((session) => session.inFlight.size > 0)
    while (busy() && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 50))
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper)
    this.stateless.close()
    const sessions = [...this.sessions.values()]
    this.sessions.clear()
    for (const session of sessions) session.close(farewell())
    await Promise.all([this.#roster.close(), this.usage.close(), this.results.close()])
    // Not before: what waited for a server that was still starting has its answer only now.
    for (const session of sessions) this.onEnded?.(session)
    await this.#children.close()
  }

  /** Ends every child at once, for a process that is about to exit. */
  kill(): void {
    this.#children.kill()
  }

  /** What clients without a session may take up. */
  get limits(): StatelessLimits {
    const { stateless, sessions } = this.#settings
    // Asked for with every call, so not by spreading, which takes longer.
    const { clients, streams, parked, answer } = stateless
    return { clients, streams, parked, answer, idle: sessions.idle }
  }

  /** Somebody comes: where nobody else is there, lists may be other ones than before. */
  quieten(): void {
    if (this.sessions.size === 0 && this.stateless.alone) this.surfaces.quiet(this.usage)
  }

  /** Throws `GatewayError` where nobody is taken in any more. */
  admit(): void {
    if (this.#leaving) throw new GatewayError('overloaded', 'the gateway is shutting down; try again when it is back')
  }

  #admitSession(): void {
    this.admit()
    if (this.sessions.size >= this.#settings.sessions.max)
      throw new GatewayError('overloaded', 'too many sessions are open; try again later')
  }

  /** Makes what the roster says the current generation. */
  #swap(): void {
    this.#generation = new Generation(this.#roster.members(), this.#settings)
    this.settle()
  }

  /** Gives every client the endpoint that is its own at this moment, and tells it what that changes. */
  settle(): void {
    const clients = [...this.#audience(), ...this.stateless.leases]
    this.endpoints.prune(clients)
    for (const client of clients) this.endpoints.assign(client)
    this.stateless.listeners.prune()
    this.#announce()
  }

  #announce(): void {
    for (const session of this.#audience()) announce(session, this)
  }

  #changed(server: Server): void {
    this.#generation.moved()
    for (const session of this.#audience()) {
      if (session.endpoint.members.some((member) => member.server === server)) announce(session, this)
    }
  }

  /** Whoever wants to hear that something has changed. */
  *#audience(): Iterable<Session> {
    yield* this.sessions.values()
    yield* this.stateless.listeners
  }

  #sweep(): void {
    const now = Date.now()
    for (const { server } of this.#generation.members.values()) server.sweep(now)
    this.#memory.sweep(now).catch((error) => this.log.error({ err: error }, 'the memory of the servers could not be measured'))
    this.stateless.sweep(now)
    this.results.sweep(now)
    const limit = now - this.#settings.sessions.idle
    for (const session of this.sessions.values()) {
      if (session.lastActive < limit && session.inFlight.size === 0 && !session.attached) this.end(session)
    }
  }
}
