/** Makes a call once more whose server went away while it worked, where doing it twice is doing it once. */
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

/** `harmless` tells of a tool call whether the tool may be called twice. */
export function repeat(harmless: (call: Call) => boolean): Interceptor {
  return (next) => async (call) => {
    try {
      return await next(call)
    } catch (error) {
      const { request, cancelled } = call.exchange
      const interrupted = error instanceof GatewayError && error.code === 'interrupted' && cancelled === undefined
      if (!interrupted || !(READING.has(request.method) || (request.method === 'tools/call' && harmless(call)))) throw error
      return await next(call)
    }
  }
}
