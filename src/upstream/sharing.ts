/** Who shares an instance of a server with whom: clients with equal keys do. */
import type { Client } from '../call/exchange.ts'
import { NO_CAPABILITIES } from '../protocol/capabilities.ts'
import type { ServerOptions } from './options.ts'

/** The instance that only learns what the server offers, and serves clients that can do nothing special. */
export const PLAIN = 'plain'

const OWN = 'client '

export function instanceKey(client: Client, options: ServerOptions, asksClients: boolean): string {
  if (options.instances === 'session') return OWN + client.id
  if (client.capabilities === NO_CAPABILITIES) return PLAIN
  // A session over HTTP costs next to nothing, and with one for each client nothing has to be guessed.
  return asksClients || options.command === undefined ? OWN + client.id : client.capabilities.key
}

/** Whether an instance is one client's alone. */
export function isOwn(key: string): boolean {
  return key.startsWith(OWN)
}
