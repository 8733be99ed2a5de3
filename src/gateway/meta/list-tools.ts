/** `gateway_list_tools`: all tools of one server, as signatures. */
import type { Message } from '../../protocol/message.ts'
import type { SessionExchange } from '../exchange.ts'
import { argumentsOf, failedAnswer, textAnswer, textArgument } from './answer.ts'
import { serversOf } from './servers.ts'
import { detailOf, shownEntry } from './signatures.ts'
import { unknownServerText } from './target.ts'

export async function listTools({ client, request }: SessionExchange): Promise<Message> {
  const given = argumentsOf(request)
  const server = textArgument(given, 'server')
  const names = serversOf(client).map(({ name }) => name)
  if (server === undefined) return failedAnswer(`Say of which server: ${names.join(', ') || 'there is none'}.`)
  const member = client.endpoint.members.find((one) => one.server.name === server)
  if (!member) return failedAnswer(unknownServerText(client, server))
  if (!member.server.shown.listing(client)) await member.server.listed(client)
  const entries = [...client.endpoint.catalog(client).tools.values()].filter((entry) => entry.server === server)
  const detail = detailOf(given)
  return textAnswer(entries.map((entry) => shownEntry(entry, detail)).join('\n') || `${server} has no tools.`)
}
