/** Speaks with a server that has sessions: `initialize` first, and again where the server has forgotten us. */
import type { Exchange } from '../call/exchange.ts'
import { withoutEnvelope } from '../protocol/envelope.ts'
import { asGatewayError, GatewayError } from '../protocol/errors.ts'
import { type Chunks, type Edit, type Message, splice } from '../protocol/message.ts'
import { notification, request } from '../protocol/read.ts'
import { LATEST_SESSION_VERSION } from '../protocol/versions.ts'
import type { Dialect, Line } from './dialect.ts'
import { readIdentity, type ServerIdentity } from './identity.ts'
import { mutualVersion } from './stateless/discovery.ts'

export class SessionEra implements Dialect {
  readonly era = 'session'
  readonly busy = false
  readonly #line: Line
  /** Under way where an expired session is renewed. */
  #renewal: Promise<void> | undefined
  #handshakeId = 0

  constructor(line: Line) {
    this.#line = line
  }

  async greet(): Promise<ServerIdentity> {
    const { setup, connection } = this.#line
    const { seat, clientInfo, startTimeoutMs, name } = setup
    const params = { protocolVersion: LATEST_SESSION_VERSION, capabilities: seat.capabilities.value, clientInfo }
    this.#handshakeId = this.#line.takeId()
    const identity = readIdentity(name, await this.#ask(this.#handshakeId, 'initialize', params, startTimeoutMs))
    connection.speak(identity.version)
    const opening = connection.send([notification('notifications/initialized').bytes])
    connection.initialized()
    await opening
    return identity
  }

  begin(): void {
    // The handshake has opened what there is to hear.
  }

  async request(exchange: Exchange, edits: readonly Edit[], timeoutMs: number): Promise<Message> {
    const source = exchange.request
    const id = this.#line.takeId()
    const own = [...edits, { start: source.idStart, end: source.idEnd, json: String(id) }]
    if (source.tokenStart >= 0) own.push({ start: source.tokenStart, end: source.tokenEnd, json: String(id) })
    if (source.claimStart >= 0) own.push(...withoutEnvelope(source))
    const chunks = splice(source.bytes, own)
    const reply = this.#line.expect(id, chunks, timeoutMs, exchange)
    this.#transmit(id, chunks)
    exchange.onCancel = (reason) => this.#line.cancel(id, reason)
    const answer = await reply
    if (mutualVersion(answer) !== undefined) this.#outlived()
    return answer
  }

  ask(method: string, params: object | undefined, timeoutMs: number): Promise<Message> {
    return this.#ask(this.#line.takeId(), method, params, timeoutMs)
  }

  pass(message: Message): void {
    void this.#line.connection.send([message.bytes])
  }

  abandon(id: number, reason: string): void {
    void this.#line.connection.send([notification('notifications/cancelled', { requestId: id, reason }).bytes])
  }

  takes(): boolean {
    return false
  }

  failed(): void {
    // Every request here is one that somebody waits for.
  }

  /** One handshake for all, then what the server did not take is sent again. */
  expired(id: number | undefined): void {
    const chunks = id === undefined ? undefined : this.#line.untaken(id)
    if (id !== undefined && !chunks) return
    this.#renewal ??= this.#renew()
    if (id !== undefined && chunks) this.#transmit(id, chunks)
  }

  close(): void {
    // The connection ends the session.
  }

  /** The server has come to speak the other era: this instance ends, and another is asked, which finds that out. */
  #outlived(): never {
    const { name } = this.#line.setup
    this.#line.giveUp(new GatewayError('interrupted', `${name} has no sessions any more`))
    throw new GatewayError('unsent', `${name} did not take the request, because it speaks another era now`)
  }

  #ask(id: number, method: string, params: object | undefined, timeoutMs: number): Promise<Message> {
    const chunks = [request(id, method, params).bytes]
    const reply = this.#line.expect(id, chunks, timeoutMs)
    this.#transmit(id, chunks)
    return reply
  }

  /** Sends at once, or behind the handshake that renews an expired session. */
  #transmit(id: number, chunks: Chunks): void {
    const renewal = this.#renewal
    if (!renewal || id === this.#handshakeId) return this.#line.transmit(id, chunks)
    // Where the handshake fails, the instance ends, and everything that waits fails with it.
    void renewal.then(() => this.#line.transmit(id, chunks))
  }

  /** Never rejects: a session that cannot be renewed is the end of the instance. */
  async #renew(): Promise<void> {
    const { connection, link } = this.#line
    connection.reset()
    try {
      const identity = await this.greet()
      this.#line.identify(identity)
      this.#renewal = undefined
      await link.replay({ closed: false, identity, ask: (...question) => this.ask(...question) })
    } catch (error) {
      this.#renewal = undefined
      this.#line.giveUp(asGatewayError(error))
      await connection.close()
    }
  }
}
