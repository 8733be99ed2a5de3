/** Tasks of stateless servers at an endpoint of several: their ids say whose they are (SEP-2663). */
import { GatewayError } from '../../protocol/errors.ts'
import { locate, locateIn } from '../../protocol/locate.ts'
import type { Message } from '../../protocol/message.ts'
import { isMalformed, readMessage } from '../../protocol/read.ts'
import { resultTypeOf } from '../../protocol/results.ts'
import { readString } from '../../protocol/scan.ts'
import type { SessionExchange } from '../exchange.ts'
import type { Member } from '../member.ts'
import { unknownTask } from './handed-tasks.ts'

/** Between the name of a server and its own id of a task. */
const SEPARATOR = '/'

/** A result under the id that clients know, where it is a task. */
export function exposeTask(reply: Message, server: string): Message {
  return resultTypeOf(reply) === 'task' ? underId(reply, (id) => `${server}${SEPARATOR}${id}`) : reply
}

/** Sends a request about a task on to the server that has it. */
export async function relayTask(exchange: SessionExchange): Promise<Message> {
  const { request, client } = exchange
  const place = locate(request, ['taskId'])
  if (!place || request.bytes[place.start] !== 0x22) throw new GatewayError('invalid_params', `${request.method} needs a taskId`)
  const id = readString(request.bytes, place.start, place.end)
  const owner = ownerOf(id, client.endpoint.members)
  if (!owner) throw unknownTask(id)
  const { server, handler } = owner
  const target = id.slice(server.name.length + SEPARATOR.length)
  const sent = readMessage(Buffer.concat(request.with({ ...place, json: JSON.stringify(target) })))
  if (isMalformed(sent)) throw unknownTask(id)
  const reply = await handler({ route: { server: server.name, target, handler }, exchange: exchange.child(sent), edits: [] })
  return reply.kind === 'result' ? underId(reply, () => id) : reply
}

function ownerOf(id: string, members: readonly Member[]): Member | undefined {
  return members.find(({ server }) => id.startsWith(`${server.name}${SEPARATOR}`))
}

function underId(reply: Message, exposed: (id: string) => string): Message {
  const place = locateIn(reply.bytes, reply.bodyStart, ['taskId'])
  if (!place || reply.bytes[place.start] !== 0x22) return reply
  const json = JSON.stringify(exposed(readString(reply.bytes, place.start, place.end)))
  const edited = readMessage(Buffer.concat(reply.with({ ...place, json })))
  return isMalformed(edited) ? reply : edited
}
