/** Starts every server once, as the gateway would, and keeps what was seen. */
import { health, type ServerHealth } from '../../downstream/health.ts'
import { type Context, openEngine } from '../context.ts'

/** A server that was started, and the names of its tools. */
export interface StartedServer extends ServerHealth {
  toolNames: string[]
}

/** A server that takes longer is reported as it is by then. */
export const START_MS = 30_000

export async function startServers(context: Context, servers: Context['config']['servers']): Promise<StartedServer[]> {
  const engine = openEngine(context, servers)
  const started = engine.start().catch(() => {
    // A required server that fails is shown like any other.
  })
  let timer: NodeJS.Timeout | undefined
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, START_MS)
  })
  await Promise.race([started, late])
  clearTimeout(timer)
  const names = new Map(
    [...engine.generation.members.values()].map(({ server, allowed }) => [
      server.name,
      (server.known?.tools ?? []).map(({ key }) => key).filter(allowed),
    ]),
  )
  const seen = health(engine).servers
  await engine.close()
  return seen.map((one) => ({ ...one, toolNames: names.get(one.name) ?? [] }))
}
