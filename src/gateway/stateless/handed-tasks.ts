/** Calls that are handed to their client as a task, to be looked after by `tasks/get`, `tasks/update` and `tasks/cancel` (SEP-2663). */
import { randomUUID } from 'node:crypto'
import { asGatewayError, GatewayError, toReply } from '../../protocol/errors.ts'
import type { JsonObject, Message } from '../../protocol/message.ts'
import { TASKS_EXTENSION } from '../../protocol/meta-keys.ts'
import { resultOf } from '../../protocol/read.ts'
import type { StatelessOptions } from '../options.ts'
import { worksOnlyAsTask } from '../tasks.ts'
import type { Conversation } from './conversation.ts'
import type { Lease } from './lease.ts'
import { translated } from './replies.ts'

/** How often a client should look, in milliseconds. */
const POLL_MS = 1_000

interface Handed {
  readonly call: Conversation
  readonly createdAt: string
  lastUpdatedAt: string
  status: string
  cancelled: boolean
  /** When its client last looked at it. */
  seen: number
}

export class HandedTasks {
  readonly #limits: () => Pick<StatelessOptions, 'parked' | 'answer'>
  readonly #byId = new Map<string, Handed>()

  constructor(limits: () => Pick<StatelessOptions, 'parked' | 'answer'>) {
    this.#limits = limits
  }

  /** Whether a call is to be handed over: its client takes tasks, and its tool is one that takes long. */
  wants(client: Lease, request: Message): boolean {
    if (request.method !== 'tools/call' || this.#byId.size >= this.#limits().parked) return false
    const { extensions } = client.capabilities.value
    if (!isObject(extensions) || !Object.hasOwn(extensions, TASKS_EXTENSION)) return false
    const entry = client.endpoint.catalog(client).tools.get(request.name)
    return entry !== undefined && worksOnlyAsTask(entry.item)
  }

  /** Hands a call over; gives the answer to the request for it. */
  hand(call: Conversation): Message {
    const at = new Date().toISOString()
    const handed = { call, createdAt: at, lastUpdatedAt: at, status: 'working', cancelled: false, seen: Date.now() }
    const id = randomUUID()
    this.#byId.set(id, handed)
    return resultOf(`{"resultType":"task",${this.#members(id, handed)}}`)
  }

  /** The answer to a request about a task of ours; undefined where it is about none, or not about one of this client. */
  answer(request: Message, client: Lease): Message | undefined {
    const { method, params } = request
    const id = typeof params.taskId === 'string' ? params.taskId : ''
    const handed = this.#byId.get(id)
    if (handed?.call.client.owner !== client.owner) return undefined
    handed.seen = Date.now()
    if (method === 'tasks/get') return this.#look(id, handed)
    if (method === 'tasks/cancel') this.#cancel(handed, 'cancelled by the client')
    else if (method === 'tasks/update') handed.call.take(request)
    else return undefined
    return resultOf('{}')
  }

  /** Gives up those that nobody has looked at for long. */
  sweep(now: number): void {
    const before = now - this.#limits().answer
    for (const [id, handed] of this.#byId) {
      if (handed.seen >= before) continue
      this.#cancel(handed, 'nobody has asked after the task')
      this.#byId.delete(id)
    }
  }

  close(): void {
    for (const handed of this.#byId.values()) this.#cancel(handed, 'the gateway is shutting down')
    this.#byId.clear()
  }

  #cancel(handed: Handed, why: string): void {
    if (handed.call.outcome) return
    handed.cancelled = true
    handed.call.exchange.cancel(why)
  }

  #look(id: string, handed: Handed): Message {
    const { call } = handed
    const { outcome } = call
    if (handed.cancelled) return this.#told(id, handed, 'cancelled')
    if (!outcome) {
      const { questions } = call
      return questions
        ? this.#told(id, handed, 'input_required', `,"inputRequests":${questions}`)
        : this.#told(id, handed, 'working')
    }
    const reply = 'reply' in outcome ? outcome.reply : toReply(asGatewayError(outcome.error))
    const { kind, bodyStart, bodyEnd } = reply
    if (kind === 'result') return this.#told(id, handed, 'completed', `,"result":${reply.text(bodyStart, bodyEnd)}`)
    return this.#told(id, handed, 'failed', `,"error":${JSON.stringify(translated(reply, call.exchange.request).body)}`)
  }

  #told(id: string, handed: Handed, status: string, more = ''): Message {
    if (status !== handed.status) handed.lastUpdatedAt = new Date().toISOString()
    handed.status = status
    return resultOf(`{"resultType":"complete",${this.#members(id, handed)}${more}}`)
  }

  #members(taskId: string, { status, createdAt, lastUpdatedAt }: Handed): string {
    const task: JsonObject = { taskId, status, createdAt, lastUpdatedAt, ttlMs: this.#limits().answer, pollIntervalMs: POLL_MS }
    return JSON.stringify(task).slice(1, -1)
  }
}

/** The error for a task that nobody has. */
export function unknownTask(id: unknown): GatewayError {
  return new GatewayError('invalid_params', `Unknown task: ${String(id)}; it is over, was given up, or never was`)
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
