/** `gateway_search_tools`: finds tools by what they do. */
import type { Message } from '../../protocol/message.ts'
import type { SessionExchange } from '../exchange.ts'
import { argumentsOf, failedAnswer, textAnswer, textArgument } from './answer.ts'
import { detailOf, shownEntry } from './signatures.ts'

const RESULTS = 8

export async function searchTools({ client, request }: SessionExchange): Promise<Message> {
  const given = argumentsOf(request)
  const query = textArgument(given, 'query')
  if (!query) return failedAnswer('Say what the tool should do, in a few words.')
  const words = query.toLowerCase().split(/\W+/).filter(Boolean)
  const found = [...client.endpoint.catalog(client).tools.values()]
    .map((entry) => ({ entry, hits: words.filter((word) => entry.item.bytes.includes(word)).length }))
    .filter(({ hits }) => hits > 0)
    .sort((a, b) => b.hits - a.hits)
    .slice(0, RESULTS)
  return textAnswer(found.map(({ entry }) => shownEntry(entry, detailOf(given))).join('\n') || 'No tool fits.')
}
