/** Tells a Streamable HTTP server that a session is over, without depending on its answer. */
import { type HttpTarget, httpRequest } from './http-request.ts'
import type { HttpHeaders } from './request-head.ts'

/** A server that does not answer must not hold up our end. */
const PATIENCE_MS = 1_000

export function endSession(target: HttpTarget, headers: HttpHeaders): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, PATIENCE_MS)
    const done = (): void => {
      clearTimeout(timer)
      resolve()
    }
    httpRequest(target, {
      method: 'DELETE',
      headers,
      response: () => {
        done()
        return undefined
      },
      error: done,
    })
  })
}
