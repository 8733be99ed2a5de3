/** The meta-tools by name: the gateway's own tools, by which a client finds and calls those of the servers. */
import type { Message } from '../../protocol/message.ts'
import type { SessionExchange } from '../exchange.ts'
import type { Surfaces } from '../surface.ts'
import { invoke } from './invoke.ts'
import { listServers } from './list-servers.ts'
import { listTools } from './list-tools.ts'
import { searchTools } from './search-tools.ts'

export type MetaTool = (exchange: SessionExchange, surfaces: Surfaces) => Promise<Message>

const META_TOOLS: ReadonlyMap<string, MetaTool> = new Map<string, MetaTool>([
  ['gateway_search_tools', searchTools],
  ['gateway_list_servers', listServers],
  ['gateway_list_tools', listTools],
  [
    'gateway_invoke',
    (exchange, surfaces) => (surfaces.choice(exchange.client).tiers ? invoke(exchange, 'read') : invoke(exchange)),
  ],
  ['gateway_invoke_read', (exchange) => invoke(exchange, 'read')],
  ['gateway_invoke_write', (exchange) => invoke(exchange, 'write')],
  ['gateway_invoke_destructive', (exchange) => invoke(exchange)],
])

/** They can be called on every surface; no server can have their names, because a server's tools have two underscores. */
export function metaTool(name: string): MetaTool | undefined {
  return name.startsWith('gateway_') ? META_TOOLS.get(name) : undefined
}
