/** Speaks with a server of the stateless era: each request says who asks and what that one can do. */
import type { Exchange } from '../../call/exchange.ts'
import { capabilities, NO_CAPABILITIES } from '../../protocol/capabilities.ts'
import { envelopeJson } from '../../protocol/envelope.ts'
import { GatewayError, toReply } from '../../protocol/errors.ts'
import type { Edit, JsonObject, Message } from '../../protocol/message.ts'
import { TASKS_EXTENSION } from '../../protocol/meta-keys.ts'
import { hasNameHeader, nameHeaderOf } from '../../protocol/mirrored-headers.ts'
import { notification, request, result } from '../../protocol/read.ts'
import { resultTypeOf } from '../../protocol/results.ts'
import { LATEST_STATELESS_VERSION } from '../../protocol/versions.ts'
import type { Dialect, Line } from '../dialect.ts'
import { HttpStatusError } from '../http-failure.ts'
import type { ServerIdentity } from '../identity.ts'
import { ClientEnvelopes } from './client-envelope.ts'
import { mutualVersion, NotStateless, readDiscovery } from './discovery.ts'
import { InputRounds } from './input-rounds.ts'
import { Listening } from './listening.ts'
import { Mirror } from './mirror.ts'
import { wrapsOutput } from './object-outputs.ts'
import { forSession, forStateless, isHeaderMismatch, speaksOfSessions } from './replies.ts'
import { wantsTasks, whenDone } from './task-rounds.ts'
import { headersOf, nameOf, written } from './written.ts'

const TAKES_TASKS = capabilities({ extensions: { [TASKS_EXTENSION]: {} } })

/** What only the session era has, and we do for it. */
const OURS: ReadonlySet<string> = new Set(['ping', 'logging/setLevel', 'resources/subscribe', 'resources/unsubscribe'])

/** What a request says beside what the client has sent. */
interface More {
  /** Members of `params` that answer what the server asked. */
  answers?: string
  /** Another envelope than the client's own. */
  envelope?: string
}

export class StatelessEra implements Dialect {
  readonly era = 'stateless'
  readonly #line: Line
  readonly #envelopes: ClientEnvelopes
  readonly #mirror: Mirror
  readonly #rounds: InputRounds
  readonly #listening: Listening
  /** Calls whose tasks are waited for. */
  #tasks = 0
  #version: string = LATEST_STATELESS_VERSION

  constructor(line: Line) {
    const { seat, tools } = line.setup
    this.#line = line
    this.#envelopes = new ClientEnvelopes(seat.roots !== undefined)
    this.#mirror = new Mirror(tools)
    this.#rounds = new InputRounds(line.setup.name, seat.roots)
    this.#listening = new Listening(line, (id, params) => this.#open(id, params))
  }

  get busy(): boolean {
    return this.#rounds.underWay > 0 || this.#tasks > 0
  }

  async greet(): Promise<ServerIdentity> {
    const { name, startTimeoutMs } = this.#line.setup
    const reply = await this.#ask('server/discover', undefined, startTimeoutMs)
    return readDiscovery(name, this.#version, reply)
  }

  begin({ capabilities }: ServerIdentity): void {
    this.#line.connection.initialized()
    this.#listening.begin(capabilities)
  }

  async request(exchange: Exchange, edits: readonly Edit[], timeoutMs: number): Promise<Message> {
    const { method, uri } = exchange.request
    if (OURS.has(method)) return this.#own(method, uri, timeoutMs)
    const reply = await this.#answer(exchange, edits, timeoutMs, {})
    const { name } = this.#line.setup
    // A client of the same era gets what the server says to it, questions included.
    if (exchange.era === 'stateless') return forStateless(name, reply)
    if (wantsTasks(reply)) return this.#asTask(exchange, edits, timeoutMs)
    if (resultTypeOf(reply) !== 'input_required') return this.#forSession(exchange, edits, reply)
    const send = (answers: string): Promise<Message> => this.#answer(exchange, edits, timeoutMs, { answers })
    return this.#forSession(exchange, edits, await this.#rounds.drive(exchange, reply, send))
  }

  /** Calls a tool that only answers clients which take tasks, for one which does not. */
  async #asTask(exchange: Exchange, edits: readonly Edit[], timeoutMs: number): Promise<Message> {
    const envelope = this.#envelopes.withTasks(exchange, this.#version)
    const begun = await this.#send(exchange, edits, timeoutMs, { envelope })
    const ask = (method: string, params: JsonObject): Promise<Message> => this.#ask(method, params, timeoutMs, TAKES_TASKS)
    const answers = (questions: JsonObject): Promise<string> => this.#rounds.askAll(exchange, questions)
    this.#tasks++
    try {
      return this.#forSession(exchange, edits, await whenDone(exchange, begun, { ask, answers }))
    } finally {
      this.#tasks--
    }
  }

  /** An answer in the words of the session era. */
  #forSession({ request: source }: Exchange, edits: readonly Edit[], reply: Message): Message {
    const { name, tools } = this.#line.setup
    const tool = source.method === 'tools/call' ? nameOf(source, edits) : undefined
    const wraps = tool !== undefined && wrapsOutput(tools(), tool)
    return forSession(name, { method: source.method, wraps }, reply)
  }

  async ask(method: string, params: object | undefined, timeoutMs: number): Promise<Message> {
    const uri = (params as { uri?: string } | undefined)?.uri ?? ''
    return OURS.has(method) ? this.#own(method, uri, timeoutMs) : this.#ask(method, params, timeoutMs)
  }

  pass(): void {
    // Servers of this era are told nothing but requests.
  }

  abandon(id: number, reason: string): void {
    const { connection } = this.#line
    // Over HTTP, the end of the request's connection says it.
    if (connection.transport === 'stdio')
      connection.send([notification('notifications/cancelled', { requestId: id, reason }).bytes])
  }

  takes(message: Message, stream: number | undefined): boolean {
    if (message.kind !== 'request') return this.#listening.takes(message, stream)
    const { setup } = this.#line
    setup.log.warn({ server: setup.name, method: message.method }, 'a request of a stateless server was dropped: it must not ask')
    return true
  }

  failed(id: number, error: GatewayError): void {
    this.#listening.failed(id, error)
  }

  expired(): void {
    // There is no session.
  }

  close(): void {
    this.#listening.close()
  }

  async #own(method: string, uri: string, timeoutMs: number): Promise<Message> {
    if (method === 'ping') return this.#ask('server/discover', undefined, timeoutMs)
    if (method === 'resources/unsubscribe') this.#listening.unwatch(uri)
    if (method === 'resources/subscribe') return this.#listening.watch(uri, timeoutMs).then(() => result({}), toReply)
    // Each request says its level by itself.
    return result({})
  }

  /** What the server answers; where it wants another version or other headers, to the second attempt. */
  async #answer(exchange: Exchange, edits: readonly Edit[], timeoutMs: number, more: More): Promise<Message> {
    try {
      const reply = await this.#send(exchange, edits, timeoutMs, more)
      if (reply.kind !== 'error') return reply
      if (speaksOfSessions(reply)) await this.#doubt()
      return (await this.#wantsOther(reply)) ? await this.#send(exchange, edits, timeoutMs, more) : reply
    } catch (error) {
      if (error instanceof HttpStatusError && error.status < 500) await this.#doubt()
      throw error
    }
  }

  /** Learns from an error what the server wants instead; false where it is about something else. */
  async #wantsOther(reply: Message): Promise<boolean> {
    const version = mutualVersion(reply)
    if (version !== undefined) this.#version = version
    else if (isHeaderMismatch(reply)) await this.#line.setup.relist()
    else return false
    return true
  }

  /** A server may have come to speak another era: then this instance ends, and another is asked, which finds that out. */
  async #doubt(): Promise<void> {
    const { name } = this.#line.setup
    const lost = await this.greet().then(
      () => undefined,
      (error) => error,
    )
    if (!(lost instanceof NotStateless) && !(lost instanceof HttpStatusError)) return
    this.#line.giveUp(new GatewayError('interrupted', `${name} does not speak ${this.#version} any more`))
    throw new GatewayError('unsent', `${name} did not take the request, because it speaks another era now`, { cause: lost })
  }

  #send(exchange: Exchange, edits: readonly Edit[], timeoutMs: number, more: More): Promise<Message> {
    const { request: source } = exchange
    const id = this.#line.takeId()
    const version = this.#version
    const envelope = source.claimStart < 0 ? (more.envelope ?? this.#envelopes.for(exchange, version)) : undefined
    const chunks = written({ source, edits, id, version, envelope, answers: more.answers })
    const reply = this.#line.expect(id, chunks, timeoutMs, exchange)
    const { transport } = this.#line.connection
    const headers = transport === 'stdio' ? undefined : headersOf(this.#mirror, { source, edits, version, chunks })
    this.#line.transmit(id, chunks, headers)
    exchange.onCancel = (reason) => this.#line.cancel(id, reason)
    return reply
  }

  async #ask(method: string, params: object | undefined, timeoutMs: number, able = NO_CAPABILITIES): Promise<Message> {
    const send = (): Promise<Message> => {
      const id = this.#line.takeId()
      const asked = request(id, method, this.#withEnvelope(params, able))
      const reply = this.#line.expect(id, [asked.bytes], timeoutMs)
      const name = hasNameHeader(method) ? nameHeaderOf(asked) : undefined
      this.#line.transmit(id, [asked.bytes], this.#mirror.headers({ version: this.#version, method, name }))
      return reply
    }
    const reply = await send()
    return reply.kind === 'error' && (await this.#wantsOther(reply)) ? send() : reply
  }

  /** A request that stays open, and that nobody waits for. */
  #open(id: number, params: object): void {
    const method = 'subscriptions/listen'
    const headers = this.#mirror.headers({ version: this.#version, method, name: undefined })
    this.#line.connection.send([request(id, method, this.#withEnvelope(params)).bytes], id, headers)
  }

  #withEnvelope(params: object | undefined, able = NO_CAPABILITIES): object {
    const envelope = {
      version: this.#version,
      capabilities: able,
      info: this.#line.setup.clientInfo,
      logLevel: undefined,
    }
    return { ...params, _meta: JSON.parse(`{${envelopeJson(envelope)}}`) as JsonObject }
  }
}
