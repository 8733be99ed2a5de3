/** Whom an instance serves, and which of them gets what the server sends or asks of its own accord. */
import type { Asked, Client, Exchange } from '../call/exchange.ts'
import { canAnswer, LOG_LEVELS, levelRank } from '../protocol/capabilities.ts'
import { GatewayError, toReply } from '../protocol/errors.ts'
import type { Chunks, JsonObject, Message } from '../protocol/message.ts'
import { result } from '../protocol/read.ts'
import type { RootSet } from '../protocol/roots.ts'

/** What the link asks of its instance. */
interface Asking {
  readonly closed: boolean
  readonly identity: { readonly capabilities: JsonObject } | undefined
  ask(method: string, params: object, timeoutMs: number): Promise<Message>
}

export interface ClientLinkSetup {
  name: string
  /** The requests of clients that the server works on, oldest first. */
  inFlight(): Iterable<Exchange>
  reply(message: Chunks): void
  /** The server asked a client something. */
  asked(): void
  /** What we answer to `roots/list`; undefined where the client is asked. */
  roots: RootSet | undefined
}

/** A request of the gateway to a server about a client's wishes should be quick. */
const WISH_TIMEOUT_MS = 10_000

export class ClientLink {
  readonly clients = new Set<Client>()
  /** The server has asked a client something. */
  asked = false
  /** The server has asked for roots, and we have told it which. */
  rootsTold = false
  readonly #setup: ClientLinkSetup
  /** By the server's id: what it asked and nobody has answered yet. */
  readonly #questions = new Map<string, { asked: Asked; client: Client }>()
  /** By the server's URI: who subscribed, and the URI that they know it by. */
  readonly #subscribers = new Map<string, Map<Client, string>>()
  #level: string | undefined

  constructor(setup: ClientLinkSetup) {
    this.#setup = setup
  }

  /** A question waits for its answer, or somebody watches a resource. */
  get busy(): boolean {
    return this.#questions.size > 0 || this.#subscribers.size > 0
  }

  /** Notes a subscription; true where the server does not know of one yet. */
  subscribe(client: Client, uri: string, exposed: string): boolean {
    const known = this.#subscribers.get(uri)
    if (known) known.set(client, exposed)
    else this.#subscribers.set(uri, new Map([[client, exposed]]))
    return known === undefined
  }

  /** Forgets a subscription; true where it was the last one to this URI. */
  unsubscribe(client: Client, uri: string): boolean {
    const known = this.#subscribers.get(uri)
    if (!known?.delete(client)) return false
    if (known.size === 0) this.#subscribers.delete(uri)
    return known.size === 0
  }

  /** Lets a client go, with its subscriptions. */
  detach(client: Client, instance: Asking): void {
    this.clients.delete(client)
    for (const uri of [...this.#subscribers.keys()]) {
      if (!this.unsubscribe(client, uri) || instance.closed) continue
      instance.ask('resources/unsubscribe', { uri }, WISH_TIMEOUT_MS).catch(() => {
        // Whether the server heard of it does not matter to anyone any more.
      })
    }
  }

  /** Tells the server the lowest level that any of its clients wants, where that is news. */
  async settleLevel(instance: Asking): Promise<void> {
    if (!Object.hasOwn(instance.identity?.capabilities ?? {}, 'logging')) return
    const ranks = [...this.clients].map((client) => levelRank(client.logLevel)).filter((rank) => rank >= 0)
    const level = ranks.length === 0 ? undefined : LOG_LEVELS[Math.min(...ranks)]
    if (level === undefined || level === this.#level) return
    this.#level = level
    await instance.ask('logging/setLevel', { level }, WISH_TIMEOUT_MS)
  }

  /** Tells a new session of the server what its clients had asked of the old one. */
  async replay(instance: Asking): Promise<void> {
    this.#level = undefined
    await this.settleLevel(instance)
    for (const uri of this.#subscribers.keys()) await instance.ask('resources/subscribe', { uri }, WISH_TIMEOUT_MS)
  }

  /** Passes an update on to everyone who subscribed to the resource, or to what it is a part of. */
  updated(notification: Message): void {
    const uri = notification.uri
    const exact = this.#subscribers.get(uri)
    const watched = exact ? [[uri, exact] as const] : [...this.#subscribers].filter(([whole]) => isPart(uri, whole))
    for (const [whole, subscribers] of watched) {
      for (const [client, exposed] of subscribers) {
        const json = JSON.stringify(exposed + uri.slice(whole.length))
        client.notify(notification.with({ start: notification.uriStart, end: notification.uriEnd, json }))
      }
    }
  }

  /**
   * Passes a notification on: along the request it belongs to, else to the clients that have requests under way, else to all.
   * Log messages reach only those who want their level.
   */
  relay(message: Message, exchange: Exchange | undefined): void {
    const rank = message.method === 'notifications/message' ? levelRank(message.params.level) : undefined
    const wanted = (client: Client): boolean => rank === undefined || rank >= this.#threshold(client)
    const working = exchange ? new Map([[exchange.client, exchange]]) : this.#working()
    for (const [client, along] of working) if (wanted(client)) along.emit([message.bytes])
    if (working.size > 0) return
    for (const client of this.clients) if (wanted(client)) client.notify([message.bytes])
  }

  /** Brings a question of the server to the client it is meant for, and the answer back. */
  question(message: Message, exchange: Exchange | undefined): void {
    const { reply } = this.#setup
    if (message.method === 'ping') return reply(result({}).withId(message.id))
    if (message.method === 'roots/list' && this.#setup.roots) return this.#tellRoots(message, this.#setup.roots)
    this.asked = true
    this.#setup.asked()
    const target = exchange ?? this.#target()
    if (!target) return reply(toReply(this.#ambiguous(message.method)).withId(message.id))
    const client = 'client' in target ? target.client : target
    if (!canAnswer(client.capabilities, message.method)) {
      const error = new GatewayError('unsupported_by_client', `the client does not support ${message.method}`)
      reply(toReply(error).withId(message.id))
      if ('client' in target) target.refused?.(message.method)
      return
    }
    const asked = target.ask(message)
    asked.onProgress = reply
    this.#questions.set(message.id, { asked, client })
    asked.answer.then(
      (answer) => this.#answered(message, asked, answer),
      (error) => this.#answered(message, asked, toReply(error)),
    )
  }

  /** Whether the server waits for an answer of this client. */
  asking(client: Client): boolean {
    return [...this.#questions.values()].some((question) => question.client === client)
  }

  /** The server no longer wants an answer. */
  withdraw(id: string): void {
    const question = this.#questions.get(id)
    this.#questions.delete(id)
    question?.asked.withdraw()
  }

  close(): void {
    for (const id of [...this.#questions.keys()]) this.withdraw(id)
  }

  #tellRoots(question: Message, { roots }: RootSet): void {
    this.rootsTold = true
    this.#setup.reply(result({ roots }).withId(question.id))
  }

  #answered(message: Message, asked: Asked, answer: Message): void {
    if (this.#questions.get(message.id)?.asked !== asked) return
    this.#questions.delete(message.id)
    this.#setup.reply(answer.withId(message.id))
  }

  #threshold(client: Client): number {
    if (client.logLevel !== undefined) return levelRank(client.logLevel)
    // It never set a level: it gets what the server sends unasked, not what another client turned on.
    return this.#level === undefined ? 0 : levelRank('info')
  }

  /** Of each client with requests under way, the oldest of them. */
  #working(): Map<Client, Exchange> {
    const working = new Map<Client, Exchange>()
    for (const exchange of this.#setup.inFlight()) if (!working.has(exchange.client)) working.set(exchange.client, exchange)
    return working
  }

  /** The one client that a question without an address can only be for. */
  #target(): Exchange | Client | undefined {
    const working = [...this.#working().values()]
    if (working.length > 0) return working.length === 1 ? working[0] : undefined
    return this.clients.size === 1 ? [...this.clients][0] : undefined
  }

  #ambiguous(method: string): GatewayError {
    const { name } = this.#setup
    if (this.clients.size === 0)
      return new GatewayError('unsupported_by_client', `no client is connected that could answer ${method}`)
    const mend = `set servers.${name}.instances: session to give each client its own ${name}`
    return new GatewayError(
      'ambiguous_client',
      `several clients share ${name}, so nobody can tell whom ${method} is for; ${mend}`,
    )
  }
}

/** Whether a resource lies below another, as a file lies in a folder. */
function isPart(uri: string, whole: string): boolean {
  return uri.startsWith(whole) && (whole.endsWith('/') || '/?#'.includes(uri.charAt(whole.length)))
}
