/** The tools of every server under the names that clients see, for commands that look at all of them. */
import type { Engine } from '../gateway/engine.ts'
import { LocalClient } from './local-client.ts'

export interface ServerTools {
  name: string
  /** Why it could not be asked. */
  down: string | undefined
  tools: {
    exposed: string
    /** JSON. */
    definition: string
  }[]
}

/** Starts what is not known from earlier runs, and reads the lists. Servers that fail are told as down. */
export async function readTools(engine: Engine): Promise<ServerTools[]> {
  await engine.start().catch(() => {
    // A required server that fails is down like any other.
  })
  const client = await LocalClient.open(engine)
  const { catalog } = client
  const definitions = catalog.definitions('tools', () => true)
  const tools = [...catalog.tools.values()].map((entry, index) => ({ ...entry, definition: definitions[index] as string }))
  return [...engine.generation.members.values()].map(({ server }) => {
    const own = tools.filter((tool) => tool.server === server.name)
    return {
      name: server.name,
      down: server.state === 'failed' ? (server.supervision.failures.last?.message ?? 'it failed to start') : undefined,
      tools: own.map(({ exposed, definition }) => ({ exposed, definition })),
    }
  })
}
