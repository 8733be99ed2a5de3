/** What of all that a server says during a call travels along the answer to it, and in which words. */
import { levelRank } from '../../protocol/capabilities.ts'
import { readEnvelope } from '../../protocol/envelope.ts'
import type { Chunks, Message } from '../../protocol/message.ts'
import { isMalformed, readMessage } from '../../protocol/read.ts'

/** Notifications that the stateless era does not have, or has on other streams only. */
const ELSEWHERE =
  /^notifications\/(?:cancelled|elicitation\/complete|resources\/updated|tasks(?:\/status)?|(?:tools|prompts|resources)\/list_changed)$/

/**
 * A notification as the client of `request` gets it; undefined where it is none of its business. The call may have begun with
 * an earlier request, `began`, under another progress token.
 */
export function along(notification: Chunks, began: Message, request: Message): Chunks | undefined {
  const message = readMessage(Buffer.concat(notification))
  if (isMalformed(message) || ELSEWHERE.test(message.method)) return undefined
  if (message.method === 'notifications/message') {
    const { logLevel } = readEnvelope(request)
    return logLevel !== undefined && levelRank(message.params.level) >= levelRank(logLevel) ? notification : undefined
  }
  if (message.method !== 'notifications/progress' || began === request) return notification
  if (request.tokenStart < 0) return undefined
  const json = request.text(request.tokenStart, request.tokenEnd)
  return message.with({ start: message.progressStart, end: message.progressEnd, json })
}
