/** Asks a client of the session era what a stateless server wants to know, and asks the server again (specification: Multi round-trip requests). */
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Asked, Exchange } from '../../call/exchange.ts'
import { missingFor } from '../../protocol/capabilities.ts'
import { asGatewayError, GatewayError } from '../../protocol/errors.ts'
import { bodyMembers } from '../../protocol/members.ts'
import type { JsonObject, Message } from '../../protocol/message.ts'
import { request } from '../../protocol/read.ts'
import { resultTypeOf } from '../../protocol/results.ts'
import type { RootSet } from '../../protocol/roots.ts'
import { unfinished } from './replies.ts'

const ROUNDS_MAX = 10
/** A server that only wants to be asked again is not asked at once. */
const STATE_PAUSE_MS = 250

const QUESTIONS: ReadonlySet<unknown> = new Set(['elicitation/create', 'sampling/createMessage', 'roots/list'])

/** What the server wants to know cannot be found out: in words for whoever made the call. */
class NoAnswer extends Error {}

export class InputRounds {
  /** Calls that wait for an answer of their client. */
  underWay = 0
  readonly #server: string
  readonly #roots: RootSet | undefined

  /** `roots` are those that we tell in place of the client. */
  constructor(server: string, roots: RootSet | undefined) {
    this.#server = server
    this.#roots = roots
  }

  /** The answer after all rounds; `send` makes the request again, with these members in its parameters. */
  async drive(exchange: Exchange, first: Message, send: (answers: string) => Promise<Message>): Promise<Message> {
    let reply = first
    for (let round = 1; resultTypeOf(reply) === 'input_required'; round++) {
      if (round > ROUNDS_MAX) return this.#unfinished(exchange, `still asks for input after ${ROUNDS_MAX} rounds`)
      try {
        this.underWay++
        const answers = await this.#answers(exchange, reply)
        if (exchange.cancelled !== undefined) throw new GatewayError('cancelled', `cancelled: ${exchange.cancelled}`)
        reply = await send(answers)
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error
        return this.#unfinished(exchange, error.message)
      } finally {
        this.underWay--
      }
    }
    return reply
  }

  #unfinished({ request }: Exchange, words: string): Message {
    return unfinished(request.method, `${this.#server} ${words}`)
  }

  /** Members of the next request: the answers by the server's keys, and its state as it came. */
  async #answers(exchange: Exchange, reply: Message): Promise<string> {
    const { inputRequests } = reply.body
    const state = bodyMembers(reply).findLast(({ key }) => key === 'requestState')
    const members: string[] = []
    if (isObject(inputRequests)) members.push(`"inputResponses":{${await this.askAll(exchange, inputRequests)}}`)
    else if (state) await pause(STATE_PAUSE_MS)
    else throw new NoAnswer('asks for input without saying which')
    if (state) members.push(`"requestState":${reply.text(state.start, state.end)}`)
    return members.join(',')
  }

  /** The client's answers to these questions by the same keys, as the JSON of members. */
  async askAll(exchange: Exchange, questions: JsonObject): Promise<string> {
    const asked: Asked[] = []
    const cancelled = new Promise<never>((_resolve, reject) => {
      exchange.onCancel = (reason) => reject(new GatewayError('cancelled', `cancelled: ${reason}`))
      if (exchange.cancelled !== undefined) exchange.onCancel(exchange.cancelled)
    })
    try {
      const answers = Object.entries(questions).map(
        async ([key, question]) => `${JSON.stringify(key)}:${await this.#ask(exchange, question, asked)}`,
      )
      return (await Promise.race([Promise.all(answers), cancelled])).join(',')
    } catch (error) {
      // Of those that have their answer, this is without effect.
      for (const one of asked) one.withdraw()
      throw error
    } finally {
      exchange.onCancel = undefined
    }
  }

  /** The client's answer as JSON text. */
  async #ask(exchange: Exchange, question: unknown, asked: Asked[]): Promise<string> {
    const { method, params } = isObject(question) ? question : {}
    if (!QUESTIONS.has(method)) throw new NoAnswer(`asks for ${JSON.stringify(method)}, which no client is asked`)
    if (method === 'roots/list' && this.#roots) return JSON.stringify({ roots: this.#roots.roots })
    const details = isObject(params) ? params : {}
    const missing = missingFor(exchange.client.capabilities, { method: method as string, params: details })
    if (missing) throw new NoAnswer(`needs ${named(missing)}, which this client does not offer`)
    // Sessions know an id for what happens at the URL; nobody speaks of it afterwards.
    const own = details.mode === 'url' ? { ...details, elicitationId: randomUUID() } : details
    const one = exchange.ask(request(0, method as string, own))
    asked.push(one)
    const answer = await one.answer.catch((error) => {
      throw new NoAnswer(`needs an answer of the client, which did not come: ${asGatewayError(error).message}`)
    })
    if (answer.kind === 'error')
      throw new NoAnswer(`needs an answer of the client, which refused: ${String(answer.body.message)}`)
    return answer.text(answer.bodyStart, answer.bodyEnd)
  }
}

/** A capability as people write it: `elicitation.url`. */
function named(capability: JsonObject): string {
  const [name = '', parts] = Object.entries(capability)[0] ?? []
  return [name, ...(isObject(parts) ? Object.keys(parts) : [])].join('.')
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
