/** A call of a stateless client with the questions that it asks: it goes on over as many requests as these take. */
import type { Asked } from '../../call/exchange.ts'
import { type Capabilities, missingFor } from '../../protocol/capabilities.ts'
import { GatewayError } from '../../protocol/errors.ts'
import { locate } from '../../protocol/locate.ts'
import { dropMembers, membersOf } from '../../protocol/members.ts'
import { type Chunks, type JsonObject, type Message, splice } from '../../protocol/message.ts'
import { result, resultOf } from '../../protocol/read.ts'
import { type Line, SessionExchange } from '../exchange.ts'
import { type Lease, refusedQuestion } from './lease.ts'
import type { StatelessRequest } from './request.ts'
import { along } from './stream.ts'

/** The methods whose answer may be questions (specification 2026-07-28: Multi Round-Trip Requests). */
const ASKING: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read'])

/** Servers that ask several things at once do so in several messages: so long it is waited for the next. */
const SIBLINGS_MS = 4

/** How a request ends: with the answer to the call, or with questions as the JSON of `inputRequests`. */
export type Turn = { reply: Message } | { questions: string }

interface Question {
  readonly method: string
  /** As it stands in `inputRequests`. */
  readonly json: string
  resolve(answer: Message): void
  reject(error: GatewayError): void
}

/** How a call ended. */
type Outcome = { reply: Message } | { error: unknown }

export class Conversation implements Line {
  readonly exchange: SessionExchange
  readonly client: Lease
  readonly #open = new Map<string, Question>()
  #asked = 0
  #siblings: NodeJS.Timeout | undefined
  #outcome: Outcome | undefined
  #current: { request: StatelessRequest; resolve(turn: Turn): void; reject(error: unknown): void } | undefined
  /** What the client can do, as the last of its requests says. */
  #able: Capabilities

  constructor(client: Lease, message: Message) {
    this.client = client
    this.#able = client.capabilities
    this.exchange = new SessionExchange(client, message, this)
  }

  /** How it ended, undefined while it goes on. */
  get outcome(): Outcome | undefined {
    return this.#outcome
  }

  /** What it asks and has no answer to, as the JSON of `inputRequests`; undefined where that is nothing. */
  get questions(): string | undefined {
    if (this.#open.size === 0) return undefined
    const questions = [...this.#open].map(([key, { json }]) => `${JSON.stringify(key)}:${json}`)
    return `{${questions.join(',')}}`
  }

  /** Goes on for a request of the client, which answers what was asked. Resolves when there is something to answer it with. */
  turn(request: StatelessRequest): Promise<Turn> {
    return new Promise((resolve, reject) => {
      this.#current = { request, resolve, reject }
      this.#able = request.envelope.capabilities
      request.onCancel = (reason) => this.exchange.cancel(reason)
      if (request.cancelled !== undefined) this.exchange.cancel(request.cancelled)
      this.take(request.message)
      if (this.#outcome) this.#finish(this.#outcome)
      else if (this.#open.size > 0) this.#askSoon()
    })
  }

  /** The call is answered. */
  end(outcome: Outcome): void {
    const { farewell } = this.exchange
    this.#outcome ??= 'error' in outcome && farewell ? { error: farewell } : outcome
    this.#finish(this.#outcome)
  }

  send(message: Chunks): void {
    const { request } = this.#current ?? {}
    const fitting = request && along(message, this.exchange.request, request.message)
    if (fitting) request.outlet.send(fitting)
  }

  ask(question: Message): Asked {
    const { method } = this.exchange.request
    if (!ASKING.has(method)) return refusedQuestion(`the client can be asked nothing during ${method}`)
    const missing = missingFor(this.#able, question)
    if (missing) {
      this.#lacks(question.method, missing)
      return refusedQuestion(`the client does not support this ${question.method}`)
    }
    const key = `r${++this.#asked}`
    if (question.method === 'roots/list') this.client.spent = true
    const answer = new Promise<Message>((resolve, reject) => {
      this.#open.set(key, { method: question.method, json: inputRequest(question), resolve, reject })
    })
    this.#askSoon()
    return { answer, onProgress: undefined, withdraw: () => void this.#open.delete(key) }
  }

  refused(method: string): void {
    const missing = missingFor(this.#able, { method, params: {} })
    if (missing) this.#lacks(method, missing)
  }

  /** Nobody has come back with the answers: servers are told so, and the call is given up. */
  expire(why: string): void {
    for (const { method, resolve, reject } of this.#open.values()) {
      if (method === 'elicitation/create') resolve(result({ action: 'cancel' }))
      else reject(new GatewayError('timeout', why))
    }
    this.#open.clear()
    // The answers first: whoever has them may still end the call in its own way.
    setImmediate(() => this.exchange.cancel(why))
  }

  #finish(outcome: Outcome): void {
    const current = this.#leave()
    if ('reply' in outcome) current?.resolve(outcome)
    else current?.reject(outcome.error)
  }

  #leave(): { request: StatelessRequest; resolve(turn: Turn): void; reject(error: unknown): void } | undefined {
    const current = this.#current
    this.#current = undefined
    clearTimeout(this.#siblings)
    if (current) current.request.onCancel = undefined
    return current
  }

  #askSoon(): void {
    clearTimeout(this.#siblings)
    if (!this.#current) return
    this.#siblings = setTimeout(() => {
      const { questions } = this
      if (questions) this.#leave()?.resolve({ questions })
    }, SIBLINGS_MS)
  }

  /** Hands the answers in a request to those who asked; what was not asked is ignored. */
  take(message: Message): void {
    const place = this.#open.size === 0 ? undefined : locate(message, ['inputResponses'])
    for (const { key, start, end } of place ? membersOf(message.bytes, place.start) : []) {
      const question = this.#open.get(key)
      // Anything but an object is no answer, and is asked for again.
      if (!question || message.bytes[start] !== 0x7b) continue
      this.#open.delete(key)
      question.resolve(resultOf(message.text(start, end)))
    }
  }

  /** The call needs a client that can do more than the request says: it fails, whatever the server makes of it. */
  #lacks(method: string, requiredCapabilities: JsonObject): void {
    const needed = Object.keys(requiredCapabilities).join()
    const why = `the server asks ${method}, for which the request must declare the client capability ${needed}`
    this.end({ error: new GatewayError('missing_capability', why, { data: { requiredCapabilities } }) })
    this.exchange.cancel(why)
  }
}

/** A question as it stands in `inputRequests`: without what only a request of the session era has. */
function inputRequest({ method, bytes, paramsStart, paramsEnd }: Message): string {
  const head = `{"method":${JSON.stringify(method)}`
  if (paramsStart < 0) return `${head}}`
  const dropped = dropMembers(membersOf(bytes, paramsStart), (key) => SESSION_ONLY.has(key))
  const edits = dropped.map(({ start, end, json }) => ({ start: start - paramsStart, end: end - paramsStart, json }))
  return `${head},"params":${Buffer.concat(splice(bytes.subarray(paramsStart, paramsEnd), edits)).toString()}}`
}

const SESSION_ONLY: ReadonlySet<string> = new Set(['_meta', 'elicitationId', 'task'])
