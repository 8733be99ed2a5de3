/** Waits for a task on behalf of a client that knows nothing of tasks (SEP-2663, Tasks extension). */
import { setTimeout as pause } from 'node:timers/promises'
import type { Exchange } from '../../call/exchange.ts'
import { GatewayError } from '../../protocol/errors.ts'
import type { Json, JsonObject, Message } from '../../protocol/message.ts'
import { TASKS_EXTENSION } from '../../protocol/meta-keys.ts'
import { errorReply, result } from '../../protocol/read.ts'
import { resultTypeOf } from '../../protocol/results.ts'

/** How long to wait between two looks at a task that does not say. */
const POLL_MS = 1_000
const POLL_MIN_MS = 50
const POLL_MAX_MS = 10_000
const MISSING_CAPABILITY = -32021

/** What a task needs of whoever waits for it. */
interface Waiter {
  /** Asks the server about the task. */
  ask(method: string, params: JsonObject): Promise<Message>
  /** Asks the client; resolves with the answers by the server's keys, as JSON without braces. */
  answers(questions: JsonObject): Promise<string>
}

/** Whether the server refuses to answer a client that does not take tasks. */
export function wantsTasks(reply: Message): boolean {
  if (reply.kind !== 'error' || reply.body.code !== MISSING_CAPABILITY) return false
  const { extensions } = objectAt(objectAt(reply.body.data).requiredCapabilities)
  return Object.hasOwn(objectAt(extensions), TASKS_EXTENSION)
}

/** The result that the call would have had without tasks; any other answer as it is. */
export async function whenDone(exchange: Exchange, begun: Message, { ask, answers }: Waiter): Promise<Message> {
  if (resultTypeOf(begun) !== 'task') return begun
  const { taskId = '' } = begun.body
  let task: JsonObject = begun.body
  try {
    for (;;) {
      if (task.status === 'completed') return result(objectAt(task.result))
      if (task.status === 'failed') return failure(objectAt(task.error))
      if (task.status === 'cancelled') return errorReply(-32603, 'the server cancelled the task')
      if (task.status === 'input_required') {
        const inputResponses = JSON.parse(`{${await answers(objectAt(task.inputRequests))}}`) as JsonObject
        await ask('tasks/update', { taskId, inputResponses })
      } else await patience(task.pollIntervalMs, exchange)
      const told = await ask('tasks/get', { taskId })
      if (told.kind === 'error') return told
      task = told.body
    }
  } catch (error) {
    ask('tasks/cancel', { taskId }).catch(() => undefined)
    throw error
  }
}

/** Rejects where the client no longer wants the result. */
async function patience(wanted: Json | undefined, exchange: Exchange): Promise<void> {
  const ms = Math.min(POLL_MAX_MS, Math.max(POLL_MIN_MS, typeof wanted === 'number' ? wanted : POLL_MS))
  const given = new AbortController()
  exchange.onCancel = () => given.abort()
  await pause(ms, undefined, { signal: given.signal }).catch(() => undefined)
  exchange.onCancel = undefined
  if (exchange.cancelled !== undefined) throw new GatewayError('cancelled', `cancelled: ${exchange.cancelled}`)
}

function failure({ code, message, data }: JsonObject): Message {
  return errorReply(typeof code === 'number' ? code : -32603, String(message ?? 'the task failed'), data)
}

function objectAt(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
}
