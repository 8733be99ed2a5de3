/** Tools that work only as a task, for clients that simply call them (specification 2025-11-25: Tasks, Tool-Level Negotiation). */
import type { Call } from '../call/call.ts'
import { GatewayError } from '../protocol/errors.ts'
import { dropMembers, insertMembers, membersOf } from '../protocol/members.ts'
import type { Edit, JsonObject, Message } from '../protocol/message.ts'
import { request } from '../protocol/read.ts'
import type { Instance } from '../upstream/instance.ts'
import type { Item } from '../upstream/listing.ts'
import type { SessionExchange } from './exchange.ts'
import type { Member } from './member.ts'

/** How long to wait between two looks at a task that does not say. */
const POLL_MS = 1_000
const POLL_MIN_MS = 50
const POLL_MAX_MS = 10_000
/** A look at a task is quick. */
const LOOK_TIMEOUT_MS = 10_000

const byItem = new WeakMap<Item, boolean>()

/** Whether a tool can be called in no other way than as a task. */
export function worksOnlyAsTask(item: Item): boolean {
  const known = byItem.get(item)
  if (known !== undefined) return known
  const { execution } = item.bytes.includes('"taskSupport"') ? (JSON.parse(item.bytes.toString()) as JsonObject) : {}
  const required = (execution as { taskSupport?: unknown } | undefined)?.taskSupport === 'required'
  byItem.set(item, required)
  return required
}

/**
 * No tasks are offered to clients of the session era where there are several servers, so the wish for one is ignored
 * (specification 2025-11-25: Tasks, Capability Negotiation). To a server without tasks it is a member like any other.
 */
export function withoutTask({ request, client }: SessionExchange, { server }: Member): Edit[] {
  const { bytes, paramsStart, method } = request
  if (method !== 'tools/call' || !bytes.includes('"task"') || !server.shown.identity(client)?.capabilities.tasks) return []
  return dropMembers(membersOf(bytes, paramsStart), (key) => key === 'task')
}

/** Calls a tool as a task, waits until that is done, and gives the result that a plain call would have had. */
export async function callAsTask(call: Call & { exchange: SessionExchange }, { server, handler }: Member): Promise<Message> {
  const { exchange, route } = call
  const asTask = insertMembers(exchange.request.bytes, exchange.request.paramsStart, '"task":{}')
  const begun = await handler({ ...call, edits: [asTask, ...call.edits] })
  const taskId = taskIn(begun)?.taskId
  if (typeof taskId !== 'string') return begun
  const instance = server.held(exchange.client) ?? (await server.acquire(exchange.client))
  try {
    await settled(instance, taskId, exchange, taskIn(begun))
    // What the server has to ask meanwhile comes along this request too.
    const fetch = exchange.child(request(0, 'tasks/result', { taskId }))
    return await handler({ route, exchange: fetch, edits: [] })
  } catch (error) {
    if (exchange.cancelled !== undefined) void instance.ask('tasks/cancel', { taskId }, LOOK_TIMEOUT_MS).catch(() => undefined)
    throw error
  }
}

/** Resolves when the server no longer works on the task: it is over, or something must be answered first. */
async function settled(instance: Instance, taskId: string, exchange: SessionExchange, first?: JsonObject): Promise<void> {
  let task = first
  while (task?.status === 'working') {
    await pause(task.pollInterval, exchange)
    const reply = await instance.ask('tasks/get', { taskId }, LOOK_TIMEOUT_MS)
    if (reply.kind === 'error') return
    task = reply.body
  }
}

/** Rejects where the client no longer wants the result. */
async function pause(wanted: unknown, exchange: SessionExchange): Promise<void> {
  const ms = Math.min(POLL_MAX_MS, Math.max(POLL_MIN_MS, typeof wanted === 'number' ? wanted : POLL_MS))
  let timer: NodeJS.Timeout | undefined
  await new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
    exchange.onCancel = () => resolve()
  })
  clearTimeout(timer)
  exchange.onCancel = undefined
  if (exchange.cancelled !== undefined) throw new GatewayError('cancelled', `cancelled: ${exchange.cancelled}`)
}

function taskIn(reply: Message): JsonObject | undefined {
  const task = reply.kind === 'result' ? reply.body.task : undefined
  return typeof task === 'object' && task !== null && !Array.isArray(task) ? task : undefined
}
