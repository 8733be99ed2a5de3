/** The instances that serve one client and nobody else: they alone may be held up for it. */
import type { Client } from '../call/exchange.ts'
import type { Instance } from '../upstream/instance.ts'
import type { Server } from '../upstream/server.ts'

/** Those that no other client uses: to pause one must not hold up anybody else. */
export function ownInstances(client: Client, servers: Iterable<Server>): Instance[] {
  const instances = [...servers].flatMap((server) => server.held(client) ?? [])
  return instances.filter((instance) => instance.link.clients.size === 1)
}
