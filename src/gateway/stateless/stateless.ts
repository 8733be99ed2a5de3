/** The gateway for clients of the stateless era: each request brings along all that is to be known of its client. */
import type { Envelope } from '../../protocol/envelope.ts'
import { asGatewayError, GatewayError } from '../../protocol/errors.ts'
import { farewell } from '../../protocol/farewell.ts'
import { locate } from '../../protocol/locate.ts'
import type { Message } from '../../protocol/message.ts'
import { isMalformed, readMessage } from '../../protocol/read.ts'
import { meetAll } from '../introduce.ts'
import type { Method } from '../methods.ts'
import { Conversation } from './conversation.ts'
import { answererFor, discover } from './discover.ts'
import { HandedTasks } from './handed-tasks.ts'
import type { StatelessHost } from './host.ts'
import type { Lease } from './lease.ts'
import { Leases, type Origin } from './leases.ts'
import { Listeners } from './listeners.ts'
import { hintFor, statelessMethod } from './methods.ts'
import { requireParamHeaders } from './param-headers.ts'
import { ParkedCalls } from './parked.ts'
import { completed, failed, failure, inputRequired, pagesToVisit, type Stamp, stateIn, translated } from './replies.ts'
import type { StatelessReply, StatelessRequest } from './request.ts'
import { digestOf, refused, Seal } from './seal.ts'
import { requireServed } from './versions.ts'

/** A server knows best how long a state of its own is good: so long ours around it is. */
const RELAY_TTL_MS = 24 * 3_600_000

export class Stateless {
  readonly leases: Leases
  readonly listeners: Listeners
  readonly #host: StatelessHost
  readonly #parked: ParkedCalls
  readonly #handed: HandedTasks
  readonly #seal = new Seal()
  #nextTurn = 1

  constructor(host: StatelessHost) {
    this.#host = host
    this.listeners = new Listeners(host)
    this.#parked = new ParkedCalls(() => host.limits)
    this.#handed = new HandedTasks(() => host.limits)
    this.leases = new Leases({
      begun: (lease) => this.#begun(lease),
      ended: (lease) => host.end(lease),
      limits: () => host.limits,
    })
  }

  /** Answers a request; resolves with undefined where the client has cancelled it. Never rejects. */
  async answer(request: StatelessRequest): Promise<StatelessReply | undefined> {
    try {
      return await this.#answer(request)
    } catch (error) {
      if (request.cancelled !== undefined) return undefined
      const known = asGatewayError(error)
      if (!(error instanceof GatewayError))
        this.#host.log.error({ err: error, method: request.message.method }, 'a request failed inside the gateway')
      return failure(known, request.message)
    }
  }

  /** Ends what nobody has come back for. */
  sweep(now: number): void {
    this.#parked.sweep(now)
    this.#handed.sweep(now)
    this.leases.sweep(now)
  }

  /** How many calls wait for their client to come back with answers. */
  get parked(): number {
    return this.#parked.size
  }

  /** Nobody is here, or who is has just come. */
  get alone(): boolean {
    return this.leases.size <= 1 && this.listeners.size === 0
  }

  /** Some request is under way. */
  get busy(): boolean {
    return [...this.leases].some((lease) => lease.inFlight.size > 0)
  }

  /** Ends everything; whoever waits for an answer hears why there is none. */
  close(): void {
    this.listeners.close()
    this.#parked.close()
    this.#handed.close()
    for (const lease of this.leases) lease.close(farewell())
    this.leases.close()
  }

  async #answer(request: StatelessRequest): Promise<StatelessReply | undefined> {
    const { message, origin, envelope } = request
    requireServed(envelope.version)
    this.#host.admit()
    if (message.method === 'subscriptions/listen') return this.#listened(request, envelope)
    const retried = this.#retried(message, origin)
    if (retried instanceof Conversation) return this.#turn(retried, request)
    const lease = this.leases.take(origin, envelope)
    try {
      if (message.method === 'server/discover') return await this.#discovered(lease, message)
      const looked = message.method.startsWith('tasks/') ? this.#handed.answer(message, lease) : undefined
      if (looked) return completed(looked, message, this.#stamp(lease, message))
      return await this.#begin(lease, request, retried)
    } finally {
      this.leases.free(lease)
    }
  }

  /** Begins a call; `sent` is the request as it is to be sent on. */
  async #begin(lease: Lease, request: StatelessRequest, sent: Message): Promise<StatelessReply | undefined> {
    const method = statelessMethod(lease, sent.method)
    requireParamHeaders(lease, request)
    const call = new Conversation(lease, sent)
    // The call needs its client for as long as it works, which may be longer than this request waits.
    lease.users++
    if (this.#handed.wants(lease, sent)) {
      void this.#work(call, method)
      return completed(this.#handed.hand(call), request.message, this.#stamp(lease, request.message))
    }
    const turn = this.#turn(call, request)
    void this.#work(call, method)
    return turn
  }

  async #listened(request: StatelessRequest, envelope: Envelope): Promise<StatelessReply | undefined> {
    const end = await this.listeners.listen(request, envelope)
    return end && { status: 200, message: end.withId(request.message.id) }
  }

  async #discovered(lease: Lease, message: Message): Promise<StatelessReply> {
    return completed(await discover(lease, this.#host), message, this.#stamp(lease, message))
  }

  /** Answers a call. Never rejects: the call hears of it. */
  async #work(call: Conversation, method: Method): Promise<void> {
    try {
      call.end({ reply: await method(call.exchange, this.#host) })
    } catch (error) {
      call.end({ error })
    } finally {
      this.leases.free(call.client)
    }
  }

  /** Lets a call go on for a request, until there is something to answer that with. */
  async #turn(call: Conversation, request: StatelessRequest): Promise<StatelessReply | undefined> {
    const { message, origin } = request
    const { client } = call
    const turn = `${this.#nextTurn++}`
    client.begin(turn, call.exchange)
    try {
      const end = await call.turn(request)
      if (request.cancelled !== undefined) return undefined
      if ('reply' in end) return this.#reply(end.reply, client, request)
      const name = this.#parked.park(call, Date.now())
      const digest = digestOf(message, origin)
      const state = this.#seal.close({ kind: 'call', call: name }, digest, this.#host.limits.answer)
      return completed(inputRequired(end.questions, state), message, this.#stamp(client, message))
    } finally {
      client.done(turn)
    }
  }

  #reply(reply: Message, client: Lease, { message, origin }: StatelessRequest): StatelessReply {
    const stamp = this.#stamp(client, message)
    const pages = pagesToVisit(reply, client.capabilities)
    if (pages !== undefined) return completed(inputRequired(pages), message, stamp)
    if (reply.kind === 'error') return failed(translated(reply, message), message)
    const { start, end, state = '' } = stateIn(reply) ?? {}
    if (start === undefined || end === undefined) return completed(reply, message, stamp)
    const sealed = this.#seal.close({ kind: 'relay', state }, digestOf(message, origin), RELAY_TTL_MS)
    const wrapped = readMessage(Buffer.concat(reply.with({ start, end, json: JSON.stringify(sealed) })))
    return completed(isMalformed(wrapped) ? reply : wrapped, message, stamp)
  }

  /** The parked call that a request goes on with, or else the request as it is to be sent on. */
  #retried(message: Message, origin: Origin): Message | Conversation {
    const { inputResponses, requestState } = message.paramsStart >= 0 && mentionsRetry(message) ? message.params : {}
    if (inputResponses !== undefined && (typeof inputResponses !== 'object' || !inputResponses || Array.isArray(inputResponses)))
      throw new GatewayError('invalid_params', 'inputResponses must be an object: each answer under the key of its question')
    if (requestState === undefined) return message
    if (typeof requestState !== 'string') throw new GatewayError('invalid_params', 'requestState must be the text that was given')
    const state = this.#seal.open(requestState, digestOf(message, origin))
    if (state.kind === 'call') {
      const call = this.#parked.resume(state.call)
      if (call) return call
      throw refused('this requestState was used already, or the call that it belongs to was given up')
    }
    const place = locate(message, ['requestState']) as { start: number; end: number }
    const sent = readMessage(Buffer.concat(message.with({ ...place, json: JSON.stringify(state.state) })))
    return isMalformed(sent) ? message : sent
  }

  #stamp(client: Lease, { method }: Message): Stamp {
    return { serverInfo: answererFor(client, this.#host.info), hint: hintFor(client, method) }
  }

  #begun(lease: Lease): void {
    this.#host.quieten()
    this.#host.endpoints.assign(lease)
    if (lease.endpoint.name === undefined) meetAll(lease)
  }
}

/** Most requests are no retries, and are not parsed to find that out. */
function mentionsRetry({ bytes, paramsStart, paramsEnd }: Message): boolean {
  const params = bytes.toString('latin1', paramsStart, paramsEnd)
  return params.includes('"inputResponses"') || params.includes('"requestState"') || params.includes('\\u')
}
