/** A client works in other folders from now on: servers with an instance for each workspace give it another one. */
import { announce } from './announce.ts'
import type { Services } from './services.ts'
import type { Session } from './session.ts'

export function rootsChanged(session: Session, services: Services): void {
  session.workspace.changed()
  session.settlingSince = Date.now()
  session.settled = move(session, services)
}

async function move(session: Session, services: Services): Promise<void> {
  await Promise.allSettled(session.endpoint.members.map(({ server }) => server.move(session)))
  // What is known of the other workspace is no news to anybody but this client.
  if (!session.closed) announce(session, services)
}
