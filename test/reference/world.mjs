/** What every connection of the reference server shares: what its lists hold just now, and who must hear of a change. */
import { randomBytes } from 'node:crypto'
import { createRequestStateCodec, InMemoryServerEventBus } from '@modelcontextprotocol/server'

export const watchedUri = 'test://watched-resource'

export function createWorld() {
  return {
    /** Whether the tool and the prompt that come and go are listed now. */
    dynamicTool: false,
    dynamicPrompt: false,
    watchedRevision: 0,
    /** The connections that last longer than one request; each is told of changes by itself. */
    connections: new Set(),
    /** How `subscriptions/listen` over HTTP hears of changes, where a connection is one request long. */
    bus: new InMemoryServerEventBus(),
    stateCodec: createRequestStateCodec({ key: randomBytes(32) }),
  }
}

export function toggleTool(world) {
  world.dynamicTool = !world.dynamicTool
  // The SDK tells the connection's client that its list changed.
  for (const connection of world.connections) setEnabled(connection.dynamicTool, world.dynamicTool)
  world.bus.publish({ kind: 'tools_list_changed' })
}

export function togglePrompt(world) {
  world.dynamicPrompt = !world.dynamicPrompt
  for (const connection of world.connections) setEnabled(connection.dynamicPrompt, world.dynamicPrompt)
  world.bus.publish({ kind: 'prompts_list_changed' })
}

export async function changeWatchedResource(world) {
  world.watchedRevision += 1
  world.bus.publish({ kind: 'resource_updated', uri: watchedUri })
  for (const connection of world.connections) {
    if (connection.hears(watchedUri)) await connection.mcp.server.sendResourceUpdated({ uri: watchedUri })
  }
}

function setEnabled(registered, enabled) {
  if (enabled) registered.enable()
  else registered.disable()
}
