/** Completion of arguments: the reference names a prompt or a resource as the client knows it. */
import { GatewayError } from '../protocol/errors.ts'
import { locate } from '../protocol/locate.ts'
import type { Message } from '../protocol/message.ts'
import { readString } from '../protocol/scan.ts'
import type { SessionExchange } from './exchange.ts'

export async function complete(exchange: SessionExchange): Promise<Message> {
  const { client, request } = exchange
  const catalog = client.endpoint.catalog(client)
  const type = request.params.ref && (request.params.ref as { type?: unknown }).type
  const member = type === 'ref/prompt' ? 'name' : 'uri'
  const place = locate(request, ['ref', member])
  if (!place || request.bytes[place.start] !== 0x22)
    throw new GatewayError('invalid_params', 'completion needs a ref with a name or a uri')
  const exposed = readString(request.bytes, place.start, place.end)
  const owner = type === 'ref/prompt' ? catalog.prompts.get(exposed) : catalog.owners(exposed, [])[0]
  const found = owner && client.endpoint.generation.members.get(owner.server)
  if (!found) throw new GatewayError('invalid_params', `nothing is known under ${exposed}`)
  const edits = [{ ...place, json: JSON.stringify(owner.target) }]
  return found.handler({ route: { server: owner.server, target: owner.target, handler: found.handler }, exchange, edits })
}
