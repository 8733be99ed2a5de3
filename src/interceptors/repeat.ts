/** Makes a call again whose server went away: where it was not sent yet, or where doing it twice is doing it once. */
import type { Call, Interceptor } from '../call/call.ts'
import { GatewayError } from '../protocol/errors.ts'

/** Methods that only read. A tool says so itself, in its annotations. */
const READING: ReadonlySet<string> = new Set([
  'prompts/get',
  'resources/read',
  'resources/list',
  'resources/templates/list',
  'prompts/list',
  'tools/list',
  'completion/complete',
])

/** How long each repetition waits: a server that fails in other ways than by dying is not to be asked in a busy loop. */
const PAUSES_MS = [0, 100, 400]

/** `harmless` tells of a tool call whether the tool may be called twice. */
export function repeat(harmless: (call: Call) => boolean): Interceptor {
  const again = (call: Call, error: unknown): boolean => {
    const { request, cancelled } = call.exchange
    if (!(error instanceof GatewayError) || cancelled !== undefined) return false
    if (error.code === 'unsent') return true
    if (error.code !== 'interrupted') return false
    return READING.has(request.method) || (request.method === 'tools/call' && harmless(call))
  }
  return (next) => async (call) => {
    for (const ms of PAUSES_MS) {
      try {
        return await next(call)
      } catch (error) {
        if (!again(call, error)) throw error
        if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms))
      }
    }
    return next(call)
  }
}
