/** `gateway_search_tools`: finds tools by what they do, and shows each with what a correct call needs. */
import { estimateTokens } from '../../observe/tokens.ts'
import { GatewayError } from '../../protocol/errors.ts'
import type { JsonObject, Message } from '../../protocol/message.ts'
import type { SessionExchange } from '../exchange.ts'
import type { Services } from '../services.ts'
import type { Session } from '../session.ts'
import { argumentsOf, failedAnswer, textAnswer, textArgument } from './answer.ts'
import { serversOf } from './servers.ts'
import { detailOf, shownEntry } from './signatures.ts'
import { unknownServerText } from './target.ts'

const RESULTS = 8
const RESULTS_MAX = 25
/** Tokens of one answer; whoever wants more asks again for less. */
const ANSWER_TOKENS_MAX = 1_500
/** Nobody describes a tool in more characters. */
const QUERY_CHARS_MAX = 2_000
const NEAREST = 3

export async function searchTools({ client, request }: SessionExchange, { finder, usage }: Services): Promise<Message> {
  const given = argumentsOf(request)
  const query = textArgument(given, 'query')?.trim().slice(0, QUERY_CHARS_MAX)
  if (!query) return failedAnswer('Say in a few words what the tool is to do: {"query": "create an issue"}.')
  const server = textArgument(given, 'server')
  if (server !== undefined && !client.endpoint.members.some((member) => member.server.name === server)) {
    return failedAnswer(unknownServerText(client, server))
  }
  const detail = detailOf(given)
  const catalog = client.endpoint.catalog(client)
  const options = {
    limit: limitOf(given),
    used: (exposed: string) => usage.weight(exposed),
    ...(server !== undefined && { server }),
  }
  const hits = await finder.find(catalog, query, options)
  if (hits.length === 0) {
    const nearest = await finder.find(catalog, query, { ...options, limit: NEAREST, fitMin: 0 })
    return textAnswer(
      nothing(
        client,
        nearest.map(({ entry }) => entry.exposed),
      ),
    )
  }
  return textAnswer([...fitting(hits.map(({ entry }) => shownEntry(entry, detail))), ...downLines(client)].join('\n'))
}

/** As many as one answer has room for, and always the first. */
function fitting(lines: readonly string[]): string[] {
  let left = ANSWER_TOKENS_MAX
  const shown = lines.filter((line, index) => {
    left -= estimateTokens(line)
    return left >= 0 || index === 0
  })
  const hidden = lines.length - shown.length
  return hidden > 0 ? [...shown, `${hidden} more fit; say more closely what you need, or name a server.`] : shown
}

function limitOf({ limit }: JsonObject): number {
  if (limit === undefined || limit === null) return RESULTS
  if (typeof limit === 'number' && Number.isInteger(limit) && limit >= 1) return Math.min(limit, RESULTS_MAX)
  throw new GatewayError(
    'invalid_params',
    `limit must be a whole number from 1 to ${RESULTS_MAX}, not ${JSON.stringify(limit).slice(0, 80)}`,
  )
}

function nothing(client: Session, nearest: readonly string[]): string {
  const parts = ['No tool fits that.']
  if (nearest.length > 0) parts.push(`The nearest names are ${nearest.join(', ')}.`)
  return [parts.join(' '), ...downLines(client)].join('\n')
}

/** What was looked for may be at a server that cannot be asked now. */
function downLines(client: Session): string[] {
  const down = serversOf(client).filter((one) => one.down !== undefined)
  return down.length > 0 ? [`Down, and not searched: ${down.map(({ name }) => name).join(', ')}.`] : []
}
