/** `gateway_search_tools` */
import type { Message } from '../../protocol/message.ts'
import type { SessionExchange } from '../exchange.ts'
import { textAnswer } from './answer.ts'

export async function searchTools(_exchange: SessionExchange): Promise<Message> {
  return textAnswer('')
}
