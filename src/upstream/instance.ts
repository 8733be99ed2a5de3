/** One running copy of a server: the requests under way, and what the server sends of its own accord. */
import type { Exchange } from '../call/exchange.ts'
import { beforeSending, GatewayError } from '../protocol/errors.ts'
import type { Chunks, Edit, Message } from '../protocol/message.ts'
import type { RootSet } from '../protocol/roots.ts'
import { formatDuration } from '../std/duration.ts'
import { ClientLink } from './client-link.ts'
import type { Connection, ConnectionEvents } from './connection.ts'
import type { Dialect, Line } from './dialect.ts'
import { dialectOf, findEra } from './find-era.ts'
import type { ServerIdentity } from './identity.ts'
import type { InstanceSetup, ListKind } from './instance-setup.ts'
import { type Pending, PendingRequests } from './pending.ts'
import { TasksUnderWay } from './tasks-under-way.ts'

/** So often in a row a server may have forgotten the session that it has just given us: it may be several behind one address. */
const REFUSALS_MAX = 5

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
  readonly #tasks = new TasksUnderWay()
  /** How many of the requests under way only ask whether it still answers. */
  #pings = 0
  #nextId = 1
  #closed: GatewayError | undefined
  #dialect: Dialect

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
    this.#dialect = dialectOf(setup.eras[0], this.#line)
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
    return this.#pending.size > this.#pings || this.link.busy || this.#dialect.busy || this.#tasks.any
  }

  get closed(): boolean {
    return this.#closed !== undefined
  }

  /** Connects and learns who the server is. */
  async start(): Promise<void> {
    const events: ConnectionEvents = {
      message: (message, stream) => this.#receive(message, stream),
      alive: (id) => this.#pending.get(id)?.timer.refresh(),
      failed: (id, error) => (this.#pending.has(id) ? this.#pending.fail(id, error) : this.#dialect.failed(id, error)),
      expired: (id) => this.#dialect.expired(id),
      closed: (error, unsent) => this.giveUp(error, unsent),
    }
    await this.connection.open(events)
    const { dialect, identity } = await findEra(this.#dialect, this.#setup, this.#line)
    this.#dialect = dialect
    this.identity = identity
    this.#tasks.by(identity.capabilities)
    dialect.begin(identity)
  }

  /** Sends a client's request on, with our id and progress token, and resolves with the server's answer. */
  async request(exchange: Exchange, edits: readonly Edit[], timeoutMs: number): Promise<Message> {
    if (exchange.cancelled !== undefined) throw new GatewayError('cancelled', `cancelled: ${exchange.cancelled}`)
    const reply = await this.#dialect.request(exchange, edits, timeoutMs)
    this.#tasks.answered(exchange.request, reply)
    return reply
  }

  /** Asks the server something of our own, in the words of the session era. */
  async ask(method: string, params: object | undefined, timeoutMs: number): Promise<Message> {
    return this.#dialect.ask(method, params, timeoutMs)
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

  /** Tells the server what a client says to all servers. */
  pass(notification: Message): void {
    this.#dialect.pass(notification)
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

  get #line(): Line {
    const { link, connection } = this
    const pending = this.#pending
    const closed = (): boolean => this.closed
    return {
      setup: this.#setup,
      connection,
      link,
      get closed() {
        return closed()
      },
      identify: (identity) => {
        this.identity = { ...identity, probedAt: this.identity?.probedAt }
      },
      takeId: () => this.#nextId++,
      expect: (id, chunks, timeoutMs, exchange) => {
        if (this.#closed) throw beforeSending(this.#closed)
        return pending.add(id, chunks, timeoutMs, exchange)
      },
      transmit: (id, chunks, headers) => void (pending.sending(id) && connection.send(chunks, id, headers)),
      end: (id, reason) => this.#end(id, reason),
      cancel: (id, reason) => this.#cancel(id, reason),
      untaken: (id) => this.#untaken(id),
      giveUp: (error) => this.giveUp(error),
    }
  }

  #receive(message: Message, stream: number | undefined): void {
    this.lastContact = Date.now()
    if (message.kind === 'result' || message.kind === 'error') {
      const pending = this.#pending.settle(message.idNumber)
      if (pending?.exchange) this.proven = true
      if (pending) pending.resolve(message)
      else if (!this.#dialect.takes(message, stream))
        this.#setup.log.debug({ server: this.name, id: message.id }, 'an answer to no request of ours was dropped')
      return
    }
    const exchange = stream === undefined ? undefined : this.#pending.get(stream)?.exchange
    if (this.#dialect.takes(message, stream)) return
    if (message.kind === 'request') return this.link.question(message, exchange)
    if (message.method === 'notifications/progress') return this.#progress(message)
    if (message.method === 'notifications/cancelled')
      return this.link.withdraw(message.text(message.requestIdStart, message.requestIdEnd))
    const changed = /^notifications\/(tools|prompts|resources)\/list_changed$/.exec(message.method)
    if (changed) return this.#setup.events.listChanged(changed[1] as ListKind)
    if (message.method === 'notifications/resources/updated') return this.#setup.events.updated(message)
    this.#tasks.told(message)
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
    this.#end(id, reason)
  }

  #end(id: number, reason: string): void {
    this.#dialect.abandon(id, reason)
    this.connection.forget(id)
  }

  /** A request that the server did not take, to be sent again; undefined where that is of no use. */
  #untaken(id: number): Chunks | undefined {
    const refused = this.#pending.get(id)
    if (!refused) return undefined
    refused.sent = false
    if (++refused.refusals <= REFUSALS_MAX) return refused.chunks
    this.#pending.failUnsent(id, new GatewayError('unavailable', `${this.name} forgets its session at once`))
    return undefined
  }

  #fail(error: GatewayError): void {
    this.#closed ??= error
    this.#dialect.close()
    this.#pending.failAll(error)
    this.link.close()
  }
}
