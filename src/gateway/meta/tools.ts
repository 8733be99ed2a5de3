/** The meta-tools by name: the gateway's own tools, by which a client finds and calls those of the servers. */
import type { Message } from '../../protocol/message.ts'
import type { SessionExchange } from '../exchange.ts'
import type { Services } from '../services.ts'
import { invoke } from './invoke.ts'
import { listServers } from './list-servers.ts'
import { listTools } from './list-tools.ts'
import { readResult } from './read-result.ts'
import { searchTools } from './search-tools.ts'

export type MetaTool = (exchange: SessionExchange, services: Services) => Promise<Message>

const META_TOOLS: ReadonlyMap<string, MetaTool> = new Map<string, MetaTool>([
  ['gateway_search_tools', searchTools],
  ['gateway_list_servers', listServers],
  ['gateway_list_tools', listTools],
  // Where tiers are on, whoever still knows the one name for all gets the one that does no harm.
  [
    'gateway_invoke',
    (exchange, services) => invoke(exchange, services, services.surfaces.choice(exchange.client).tiers ? 'read' : undefined),
  ],
  ['gateway_invoke_read', (exchange, services) => invoke(exchange, services, 'read')],
  ['gateway_invoke_write', (exchange, services) => invoke(exchange, services, 'write')],
  ['gateway_invoke_destructive', (exchange, services) => invoke(exchange, services)],
  ['gateway_read_result', readResult],
])

/** They can be called on every surface; no server can have their names, because a server's tools have two underscores. */
export function metaTool(name: string): MetaTool | undefined {
  return name.startsWith('gateway_') ? META_TOOLS.get(name) : undefined
}
