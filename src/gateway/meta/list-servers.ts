/** `gateway_list_servers`: which servers there are, and what one of them says of itself. */
import type { Message } from '../../protocol/message.ts'
import type { SessionExchange } from '../exchange.ts'
import { argumentsOf, failedAnswer, textAnswer, textArgument } from './answer.ts'
import { type ServerView, serversOf } from './servers.ts'
import { unknownServerText } from './target.ts'

export async function listServers({ client, request }: SessionExchange): Promise<Message> {
  const name = textArgument(argumentsOf(request), 'server')
  const servers = serversOf(client)
  if (name === undefined) return textAnswer(servers.map(line).join('\n') || 'There are no servers.')
  const server = servers.find((one) => one.name === name)
  if (!server) return failedAnswer(unknownServerText(client, name))
  const { down, instructions } = server
  return textAnswer([line(server), ...(down ? [down] : []), instructions ?? 'It gives no instructions.'].join('\n\n'))
}

function line({ name, tools, down }: ServerView): string {
  const count = tools === 1 ? '1 tool' : `${tools} tools`
  return `${name}: ${down === undefined ? count : `down, ${firstClause(down)}`}`
}

/** Why, without the lines of stderr that follow. */
function firstClause(reason: string): string {
  return (reason.split('\n', 1)[0] ?? '').replace(/;[^;]*:$/, '')
}
