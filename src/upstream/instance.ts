/** One running copy of a server: the handshake, the requests under way, and what the server sends of its own accord. */
import type { Exchange } from '../call/exchange.ts'
import { withoutEnvelope } from '../protocol/envelope.ts'
import { asGatewayError, beforeSending, GatewayError } from '../protocol/errors.ts'
import { type Chunks, type Edit, type Message, splice } from '../protocol/message.ts'
import { notification, request } from '../protocol/read.ts'
import type { RootSet } from '../protocol/roots.ts'
import { LATEST_SESSION_VERSION } from '../protocol/versions.ts'
import { formatDuration } from '../std/duration.ts'
import { ClientLink } from './client-link.ts'
import type { Connection, ConnectionEvents } from './connection.ts'
import { readIdentity, type ServerIdentity } from './identity.ts'
import type { InstanceSetup, ListKind } from './instance-setup.ts'
import { type Pending, PendingRequests } from './pending.ts'

/** So often in a row a server may have forgotten the session that it has just given us. */
const REFUSALS_MAX = 2

export class Instance {
  readonly name: string
  readonly link: ClientLink
  readonly connection: Connection
  identity: ServerIdentity | undefined
  lastContact = 0
  paused = false
  /** It has answered a client: it works, whatever ends it later. */
  proven = false
  readonly #setup: InstanceSetup
  readonly #pending = new PendingRequests((id, pending) => this.#late(id, pending))
  readonly usage = this.#pending.usage
  /** How many of the requests under way only ask whether it still answers. */
  #pings = 0
  #nextId = 1
  #handshake: Promise<void> | undefined
  #handshakeId = 0
  #closed: GatewayError | undefined

  constructor(setup: InstanceSetup) {
    this.name = setup.name
    this.connection = setup.connection
    this.#setup = setup
    this.link = new ClientLink({
      inFlight: () => this.#pending.exchanges(),
      reply: (message) => void this.connection.send(message),
      asked: () => setup.events.asked(),
      name: setup.name,
      roots: this.roots,
    })
  }

  /** The workspace that it is for; undefined where it asks its clients for their roots. */
  get roots(): RootSet | undefined {
    return this.#setup.seat.roots
  }

  /** How many requests of clients are under way. */
  get inFlight(): number {
    return [...this.#pending.exchanges()].length
  }

  /** Something is under way: a request that is no ping, a question to a client, a watched resource. */
  get busy(): boolean {
    return this.#pending.size > this.#pings || this.link.busy
  }

  get closed(): boolean {
    return this.#closed !== undefined
  }

  /** Connects and shakes hands. */
  async start(): Promise<void> {
    const events: ConnectionEvents = {
      message: (message, stream) => this.#receive(message, stream),
      alive: (id) => this.#pending.get(id)?.timer.refresh(),
      failed: (id, error) => this.#pending.fail(id, error),
      expired: (id) => this.#expired(id),
      closed: (error, unsent) => this.giveUp(error, unsent),
    }
    await this.connection.open(events)
    await this.#initialize()
  }

  /** Sends a client's request on, with our id and progress token, and resolves with the server's answer. */
  async request(exchange: Exchange, edits: readonly Edit[], timeoutMs: number): Promise<Message> {
    if (exchange.cancelled !== undefined) throw new GatewayError('cancelled', `cancelled: ${exchange.cancelled}`)
    const source = exchange.request
    const id = this.#nextId++
    const own = [...edits, { start: source.idStart, end: source.idEnd, json: String(id) }]
    if (source.tokenStart >= 0) own.push({ start: source.tokenStart, end: source.tokenEnd, json: String(id) })
    if (source.claimStart >= 0) own.push(...withoutEnvelope(source))
    const reply = this.#send(id, splice(source.bytes, own), timeoutMs, exchange)
    exchange.onCancel = (reason) => this.#cancel(id, reason)
    return reply
  }

  /** Asks the server something of our own. */
  async ask(method: string, params: object | undefined, timeoutMs: number): Promise<Message> {
    const id = this.#nextId++
    return this.#send(id, [request(id, method, params).bytes], timeoutMs, undefined)
  }

  /** Asks whether it still answers. That is no use of it, and does not keep it awake. */
  async ping(timeoutMs: number): Promise<void> {
    this.#pings++
    try {
      await this.ask('ping', undefined, timeoutMs)
    } finally {
      this.#pings--
    }
  }

  notify(method: string, params?: object): Promise<void> | void {
    return this.connection.send([notification(method, params).bytes])
  }

  /** It counts as gone for this reason: requests under way fail, those that are `unsent` as such, and whoever has it is told. */
  giveUp(error: GatewayError, unsent: readonly number[] = []): void {
    if (this.#closed) return
    for (const id of unsent) this.#pending.failUnsent(id, error)
    this.#fail(error)
    this.#setup.events.closed(error)
  }

  /** Stops reading what it sends, where a client cannot keep up. */
  pause(): void {
    this.paused = true
    this.connection.pause()
  }

  resume(): void {
    this.paused = false
    this.connection.resume()
  }

  /** Ends the connection; requests under way fail. */
  async close(): Promise<void> {
    this.#fail(new GatewayError('interrupted', `${this.name} was stopped`))
    await this.connection.close()
  }

  #send(id: number, chunks: Chunks, timeoutMs: number, exchange: Exchange | undefined): Promise<Message> {
    if (this.#closed) throw beforeSending(this.#closed)
    const reply = this.#pending.add(id, chunks, timeoutMs, exchange)
    this.#transmit(id, chunks)
    return reply
  }

  /** Sends at once, or behind the handshake that renews an expired session. */
  #transmit(id: number, chunks: Chunks): void {
    const handshake = this.#handshake
    const send = (): void => void (this.#pending.sending(id) && this.connection.send(chunks, id))
    if (!handshake || id === this.#handshakeId) return send()
    // Where the handshake fails, the instance ends, and everything that waits fails with it.
    void handshake.then(send)
  }

  #receive(message: Message, stream: number | undefined): void {
    this.lastContact = Date.now()
    if (message.kind === 'result' || message.kind === 'error') {
      const pending = this.#pending.settle(message.idNumber)
      if (pending?.exchange) this.proven = true
      if (pending) pending.resolve(message)
      else this.#setup.log.debug({ server: this.name, id: message.id }, 'an answer to no request of ours was dropped')
      return
    }
    const exchange = stream === undefined ? undefined : this.#pending.get(stream)?.exchange
    if (message.kind === 'request') return this.link.question(message, exchange)
    if (message.method === 'notifications/progress') return this.#progress(message)
    if (message.method === 'notifications/cancelled')
      return this.link.withdraw(message.text(message.requestIdStart, message.requestIdEnd))
    const changed = /^notifications\/(tools|prompts|resources)\/list_changed$/.exec(message.method)
    if (changed) return this.#setup.events.listChanged(changed[1] as ListKind)
    if (message.method === 'notifications/resources/updated') return this.#setup.events.updated(message)
    this.link.relay(message, exchange)
  }

  /** The token of a request is its id with us; the client gets its own back. */
  #progress(message: Message): void {
    const pending = this.#pending.get(Number(message.text(message.progressStart, message.progressEnd)))
    if (!pending) return
    pending.timer.refresh()
    const request = pending.exchange?.request
    if (!request || request.tokenStart < 0) return
    const json = request.text(request.tokenStart, request.tokenEnd)
    pending.exchange?.emit(message.with({ start: message.progressStart, end: message.progressEnd, json }))
  }

  #late(id: number, pending: Pending): void {
    // A person who is asked something may take longer than any timeout.
    if (pending.exchange && this.link.asking(pending.exchange.client)) return void pending.timer.refresh()
    const silent = formatDuration(pending.timeoutMs)
    this.#abandon(id, `no answer within ${silent}`)
    const mend = `raise servers.${this.name}.timeout, or run mcp-gw list to see its state`
    pending.reject(new GatewayError('timeout', `${this.name} did not answer in ${silent}; ${mend}`))
  }

  #cancel(id: number, reason: string): void {
    const pending = this.#pending.get(id)
    if (!pending) return
    this.#abandon(id, reason)
    pending.reject(new GatewayError('cancelled', `cancelled: ${reason}`))
  }

  #abandon(id: number, reason: string): void {
    this.#pending.settle(id)
    void this.notify('notifications/cancelled', { requestId: id, reason })
    this.connection.forget(id)
  }

  async #initialize(): Promise<void> {
    const { seat, clientInfo, startTimeoutMs } = this.#setup
    const params = { protocolVersion: LATEST_SESSION_VERSION, capabilities: seat.capabilities.value, clientInfo }
    this.#handshakeId = this.#nextId
    this.identity = readIdentity(this.name, await this.ask('initialize', params, startTimeoutMs))
    this.connection.speak(this.identity.version)
    const opening = this.notify('notifications/initialized')
    this.connection.initialized()
    await opening
  }

  /** The server has forgotten our session: one handshake for all, then what it did not take is sent again. */
  #expired(id: number | undefined): void {
    const refused = id === undefined ? undefined : this.#pending.get(id)
    if (refused && ++refused.refusals > REFUSALS_MAX)
      return this.#pending.failUnsent(id as number, new GatewayError('unavailable', `${this.name} forgets its session at once`))
    if (refused) refused.sent = false
    this.#handshake ??= this.#renew()
    if (refused) this.#transmit(id as number, refused.chunks)
  }

  /** Never rejects: a session that cannot be renewed is the end of the instance. */
  async #renew(): Promise<void> {
    this.connection.reset()
    try {
      await this.#initialize()
      this.#handshake = undefined
      await this.link.replay(this)
    } catch (error) {
      this.#handshake = undefined
      this.giveUp(asGatewayError(error))
      await this.connection.close()
    }
  }

  #fail(error: GatewayError): void {
    this.#closed ??= error
    this.#pending.failAll(error)
    this.link.close()
  }
}
