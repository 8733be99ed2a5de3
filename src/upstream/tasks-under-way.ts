/** The tasks that a server works on between requests: while there are any, it is not idle (specification 2025-11-25: Tasks; SEP-2663). */
import type { JsonObject, Message } from '../protocol/message.ts'
import { TASKS_EXTENSION } from '../protocol/meta-keys.ts'

/** Nobody keeps a server awake for longer with a task that nobody asks after. */
const KEPT_MAX_MS = 3_600_000
/** What says how a task stands is small; large are only results. */
const TOLD_BYTES_MAX = 65_536
const OVER: readonly unknown[] = ['completed', 'failed', 'cancelled']

export class TasksUnderWay {
  /** By the server's id: until when it counts, in milliseconds of the epoch. */
  readonly #until = new Map<string, number>()
  #known = false

  /** `capabilities` of the server say whether it knows tasks at all. */
  by({ tasks, extensions }: JsonObject): void {
    this.#known = tasks !== undefined || (isObject(extensions) && Object.hasOwn(extensions, TASKS_EXTENSION))
  }

  get any(): boolean {
    const now = Date.now()
    for (const [id, until] of this.#until) if (until <= now) this.#until.delete(id)
    return this.#until.size > 0
  }

  /** Takes note of what an answer says of a task. */
  answered(request: Message, reply: Message): void {
    if (!this.#known || reply.kind !== 'result') return
    const { method } = request
    if (method !== 'tools/call' && !method.startsWith('tasks/')) return
    if (method === 'tasks/result' || method === 'tasks/cancel') return void this.#until.delete(String(request.params.taskId))
    if (reply.bytes.length > TOLD_BYTES_MAX || !reply.bytes.includes('"taskId"')) return
    const { body } = reply
    this.#stands(isObject(body.task) ? body.task : body)
  }

  /** Takes note of what the server tells of a task by itself. */
  told(notification: Message): void {
    if (this.#known && notification.method.startsWith('notifications/tasks')) this.#stands(notification.params)
  }

  #stands({ taskId, status, ttl, ttlMs = ttl }: JsonObject): void {
    if (typeof taskId !== 'string' || typeof status !== 'string') return
    const ms = typeof ttlMs === 'number' ? Math.min(ttlMs, KEPT_MAX_MS) : KEPT_MAX_MS
    if (OVER.includes(status)) this.#until.delete(taskId)
    else this.#until.set(taskId, Date.now() + ms)
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
