/** The gateway without its wires: opens sessions, carries their messages, and tells them what has changed. */
import { randomUUID } from 'node:crypto'
import type { Log } from '../observe/log.ts'
import { GatewayError, toReply } from '../protocol/errors.ts'
import type { Chunks, JsonObject, Message } from '../protocol/message.ts'
import { notification, result } from '../protocol/read.ts'
import type { Connection } from '../upstream/connection.ts'
import type { Section } from '../upstream/listing.ts'
import type { Server } from '../upstream/server.ts'
import { Endpoint } from './endpoint.ts'
import { SessionExchange } from './exchange.ts'
import { Generation, type GenerationSetup } from './generation.ts'
import { methods } from './methods.ts'
import type { SessionOptions } from './options.ts'
import type { Outlet } from './questions.ts'
import { Session } from './session.ts'
import { transparent } from './transparent.ts'

export interface EngineSetup extends Pick<GenerationSetup, 'servers' | 'catalog' | 'children'> {
  sessions: SessionOptions
  version: string
  log: Log
}

/** By list: the notification that it has changed. */
const CHANGES: Record<Section, string> = {
  tools: 'notifications/tools/list_changed',
  prompts: 'notifications/prompts/list_changed',
  resources: 'notifications/resources/list_changed',
  templates: 'notifications/resources/list_changed',
}

/**
 * In so much time after its own start, the gateway's answer to `initialize` waits for servers that are still starting, so that
 * it can tell their instructions and what they can do.
 */
const START_PATIENCE_MS = 2_000

export class Engine {
  readonly generation: Generation
  readonly sessions = new Map<string, Session>()
  readonly info: JsonObject
  readonly startedAt = Date.now()
  /** Told when a session ends, for whatever reason. */
  onEnded: ((session: Session) => void) | undefined
  readonly #setup: EngineSetup
  readonly #endpoints = new Map<string, Endpoint>()
  readonly #sweeper: NodeJS.Timeout
  #learning: Promise<unknown> = Promise.resolve()

  constructor(setup: EngineSetup) {
    const { servers, catalog, children, log, version } = setup
    this.#setup = setup
    this.info = { name: 'mcp-gw', title: 'mcp-gw', version }
    const changed = (server: Server): void => this.#changed(server)
    this.generation = new Generation({ servers, catalog, children, log, clientInfo: this.info, changed })
    this.#sweeper = setInterval(() => this.#sweep(), Math.max(1_000, setup.sessions.idle / 10))
    this.#sweeper.unref()
  }

  /** Starts every server once. Resolves when all are up or have failed; rejects where a required one fails. */
  async start(): Promise<void> {
    const members = [...this.generation.members.values()]
    const learning = members.map(({ server }) => server.learn())
    this.#learning = Promise.allSettled(learning)
    const required = members.map(({ server }, index) => (server.options.required ? learning[index] : undefined))
    await Promise.all(required)
    await this.#learning
  }

  /** The endpoint of all servers, or of one by its name; undefined where there is no such server. */
  endpoint(name?: string): Endpoint | undefined {
    const member = name === undefined ? undefined : this.generation.members.get(name)
    if (name !== undefined && !member) return undefined
    const known = this.#endpoints.get(name ?? '')
    if (known) return known
    const endpoint = new Endpoint(this.generation, member)
    this.#endpoints.set(name ?? '', endpoint)
    return endpoint
  }

  /**
   * Opens a session for a client that sent `initialize`; `outlet` takes what belongs to none of its requests. Throws
   * `GatewayError` where the client cannot be served.
   */
  async open(endpoint: Endpoint, initialize: Message, outlet: Outlet): Promise<{ session: Session; answer: Chunks }> {
    if (this.sessions.size >= this.#setup.sessions.max)
      throw new GatewayError('overloaded', 'too many sessions are open; try again later')
    const session = new Session(randomUUID(), endpoint, initialize, outlet, Date.now())
    const reply = endpoint.only
      ? await this.#transparentIdentity(session, endpoint.only.server)
      : await this.#aggregateIdentity(session)
    this.sessions.set(session.id, session)
    return { session, answer: result(reply).withId(initialize.id) }
  }

  /** Takes one message of a client. Resolves with the answer to send where it is a request that gets one. */
  async receive(session: Session, message: Message, outlet: Outlet): Promise<Chunks | undefined> {
    session.lastActive = Date.now()
    if (message.kind === 'request') return this.#answer(session, message, outlet)
    if (message.kind === 'notification') this.#notified(session, message)
    else session.questions.answer(message)
    return undefined
  }

  /** Ends a session: what it asked is cancelled, what was asked of it fails, its instances are let go. */
  end(session: Session): void {
    if (session.closed) return
    session.closed = true
    this.sessions.delete(session.id)
    for (const exchange of session.inFlight.values()) exchange.cancel('the session has ended')
    session.questions.close()
    for (const { server } of session.endpoint.members) server.release(session)
    this.onEnded?.(session)
  }

  /** The client does not keep up: what only it uses is not read until `resume`. */
  pause(session: Session): void {
    for (const connection of ownConnections(session)) connection.pause()
  }

  resume(session: Session): void {
    for (const connection of ownConnections(session)) connection.resume()
  }

  /** Resolves when no request is under way, or after `graceMs`. */
  async drain(graceMs: number): Promise<void> {
    const until = Date.now() + graceMs
    const busy = (): boolean => [...this.sessions.values()].some((session) => session.inFlight.size > 0)
    while (busy() && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 50))
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper)
    for (const session of [...this.sessions.values()]) this.end(session)
    await this.generation.close()
    await this.#setup.children.close()
  }

  /** Ends every child at once, for a process that is about to exit. */
  kill(): void {
    this.#setup.children.kill()
  }

  async #transparentIdentity(session: Session, server: Server): Promise<JsonObject> {
    const instance = await server.acquire(session)
    if (server.listing(session)) this.#remember(session)
    return { ...(instance.identity?.initialize as JsonObject), protocolVersion: session.version }
  }

  async #aggregateIdentity(session: Session): Promise<JsonObject> {
    const patience = this.startedAt + START_PATIENCE_MS - Date.now()
    if (patience > 0) await Promise.race([this.#learning, new Promise((resolve) => setTimeout(resolve, patience).unref())])
    // The client gets instances of its own kind at once: a server may offer more to a client that can do more.
    const listed = session.endpoint.members.map(({ server }) => server.listed(session))
    session.settled = Promise.allSettled(listed)
    const { capabilities, instructions } = session.endpoint.identity()
    return {
      protocolVersion: session.version,
      capabilities,
      serverInfo: this.info,
      ...(instructions !== undefined && { instructions }),
    }
  }

  async #answer(session: Session, message: Message, outlet: Outlet): Promise<Chunks | undefined> {
    const { id } = message
    if (session.inFlight.has(id))
      return toReply(new GatewayError('invalid_request', `the id ${id} is in use by a request under way`)).withId(id)
    const exchange = new SessionExchange(session, message, outlet)
    session.inFlight.set(id, exchange)
    try {
      const reply = await this.#method(session, message.method)(exchange)
      return reply.withId(id)
    } catch (error) {
      if (exchange.cancelled !== undefined) return undefined
      if (!(error instanceof GatewayError))
        this.#setup.log.error({ err: error, method: message.method }, 'a request failed inside the gateway')
      return toReply(error).withId(id)
    } finally {
      session.inFlight.delete(id)
      session.lastActive = Date.now()
    }
  }

  #method(session: Session, name: string): (exchange: SessionExchange) => Promise<Message> {
    if (name === 'initialize') throw new GatewayError('invalid_request', 'this session is initialized already')
    // Until the gateway speaks the stateless era, probes for it must not be answered by a server behind it.
    if (name === 'server/discover') throw new GatewayError('method_not_found', 'Method not found: server/discover')
    if (session.endpoint.only) return transparent(name)
    const method = methods.get(name)
    if (!method) throw new GatewayError('method_not_found', `Method not found: ${name}`)
    return method
  }

  #notified(session: Session, message: Message): void {
    if (message.method === 'notifications/initialized') {
      session.initialized = true
    } else if (message.method === 'notifications/cancelled') {
      const reason = message.params.reason
      session.inFlight
        .get(message.text(message.requestIdStart, message.requestIdEnd))
        ?.cancel(typeof reason === 'string' ? reason : 'cancelled by the client')
    } else if (message.method === 'notifications/progress') {
      session.questions.progress(message)
    } else {
      // roots/list_changed and whatever else a client has to say: to the servers that are its own.
      for (const { server } of session.endpoint.members) {
        const instance = server.held(session)
        if (instance?.link.clients.size === 1) void instance.connection.send([message.bytes])
      }
    }
  }

  /** Notes the lists as they are now, so that the next change is told. */
  #remember(session: Session): void {
    const catalog = session.endpoint.catalog(session)
    for (const section of Object.keys(CHANGES) as Section[]) session.shown.set(section, catalog.list(section).bytes)
  }

  /** Tells each session the list changes that are true for it. */
  #changed(server: Server): void {
    for (const session of this.sessions.values()) {
      if (!session.endpoint.members.some((member) => member.server === server)) continue
      const catalog = session.endpoint.catalog(session)
      const due = new Set<string>()
      for (const section of Object.keys(CHANGES) as Section[]) {
        const { bytes } = catalog.list(section)
        if (session.shown.get(section)?.equals(bytes)) continue
        const known = session.shown.has(section)
        session.shown.set(section, bytes)
        if (known) due.add(CHANGES[section])
      }
      for (const method of due) session.notify([notification(method).bytes])
    }
  }

  #sweep(): void {
    const limit = Date.now() - this.#setup.sessions.idle
    for (const session of this.sessions.values()) {
      if (session.lastActive < limit && session.inFlight.size === 0 && !session.attached) this.end(session)
    }
  }
}

/** Connections to servers that no other client uses: to pause one must not hold up anybody else. */
function ownConnections(session: Session): Connection[] {
  const instances = session.endpoint.members.flatMap(({ server }) => server.held(session) ?? [])
  return instances.filter((instance) => instance.link.clients.size === 1).map((instance) => instance.connection)
}
