/** The servers as the meta-tools tell of them. */
import type { Session } from '../session.ts'

export interface ServerView {
  name: string
  /** How many of its tools this client may use. */
  tools: number
  /** Why it cannot be used at the moment. */
  down: string | undefined
  instructions: string | undefined
}

/** The servers that a session has in front of it, in the order of their names. */
export function serversOf(session: Session): ServerView[] {
  const { endpoint } = session
  const counts = new Map<string, number>()
  for (const { server } of endpoint.catalog(session).tools.values()) counts.set(server, (counts.get(server) ?? 0) + 1)
  const views = endpoint.members.map(({ server }) => ({
    name: server.name,
    tools: counts.get(server.name) ?? 0,
    down: server.supervision.trouble(session),
    instructions: server.shown.identity(session)?.instructions,
  }))
  return views.sort((a, b) => (a.name < b.name ? -1 : 1))
}
