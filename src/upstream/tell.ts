/** Posts a message that gets no answer, such as a notification, to a Streamable HTTP server. */
import type { Chunks } from '../protocol/message.ts'
import { type HttpTarget, httpRequest } from './http-request.ts'
import type { HttpHeaders } from './request-head.ts'

/** A server that does not even acknowledge a notification does not keep a connection of ours for good. */
const ACKNOWLEDGE_MS = 30_000

/** Resolves with the status, or with what went wrong. */
export function tell(target: HttpTarget, headers: HttpHeaders, body: Chunks): Promise<number | Error> {
  return new Promise((resolve) => {
    const handle = httpRequest(target, {
      method: 'POST',
      headers,
      body,
      response: ({ status }) => {
        settle(status)
        return undefined
      },
      error: (error) => settle(error),
    })
    const timer = setTimeout(() => {
      handle.destroy()
      resolve(new Error('it was not acknowledged'))
    }, ACKNOWLEDGE_MS)
    timer.unref()
    const settle = (outcome: number | Error): void => {
      clearTimeout(timer)
      resolve(outcome)
    }
  })
}
