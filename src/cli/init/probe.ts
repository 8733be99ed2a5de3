/** Starts servers once and reads their lists, so that a person sees which work before they rely on them. */

import { wake } from '../../gateway/roster.ts'
import type { ServerOptions } from '../../upstream/options.ts'
import { type Context, openEngine } from '../context.ts'
import { learned } from '../learned.ts'

export interface Probed {
  name: string
  tools: number
  ms: number
  /** Why it does not work. */
  failure?: string
}

/** Starts these servers side by side; `done` is told of each as it is known. What is learned is kept for the gateway. */
export async function probe(
  context: Context,
  servers: Record<string, ServerOptions>,
  done: (result: Probed) => void,
): Promise<Probed[]> {
  const engine = openEngine(context, servers, learned(context))
  const results = await Promise.all(
    [...engine.generation.members.values()].map(async ({ server, allowed }) => {
      const begun = performance.now()
      const failure = await wake(server).then(
        () => undefined,
        (error: Error) => error.message,
      )
      const tools = (server.known?.tools ?? []).filter((tool) => allowed(tool.key)).length
      const result = {
        name: server.name,
        tools,
        ms: Math.round(performance.now() - begun),
        ...(failure !== undefined && { failure }),
      }
      done(result)
      return result
    }),
  )
  await engine.close()
  return results
}
