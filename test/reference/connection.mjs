/** One connection of the reference server: an SDK server with every tool, prompt and resource that the conformance suite calls. */
import { McpServer } from '@modelcontextprotocol/server'
import { askingTools } from './asking-tools.mjs'
import { changingTools } from './changing-tools.mjs'
import { registerPrompts } from './prompts.mjs'
import { registerResources } from './resources.mjs'
import { registerTool, tools } from './tools.mjs'

const info = { name: 'mcp-gw-reference', title: 'Reference server', version: '1.0.0' }

const instructions = 'A server for tests: every tool, prompt and resource that the official conformance suite asks for.'

const capabilities = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  logging: {},
  completions: {},
}

export function createConnection(world, era) {
  const options = { capabilities, instructions, requestState: { verify: world.stateCodec.verify } }
  const mcp = new McpServer(info, options)
  const subscribed = new Set()
  const connection = {
    mcp,
    world,
    // In the stateless era the SDK's listen router knows who subscribed to what, and drops the rest.
    hears: (uri) => era === 'modern' || subscribed.has(uri),
  }
  for (const tool of [...tools, ...askingTools, ...changingTools]) registerTool(connection, tool)
  connection.dynamicTool = registerTool(connection, {
    name: 'test_dynamic_tool',
    description: 'Is listed only after test_trigger_tool_change, until the next one.',
    run: () => ({ content: [{ type: 'text', text: 'The dynamic tool was called.' }] }),
  })
  if (!world.dynamicTool) connection.dynamicTool.disable()
  registerPrompts(connection)
  registerResources(mcp, world)
  if (era === 'legacy') {
    mcp.server.setRequestHandler('resources/subscribe', ({ params }) => {
      subscribed.add(params.uri)
      return {}
    })
    mcp.server.setRequestHandler('resources/unsubscribe', ({ params }) => {
      subscribed.delete(params.uri)
      return {}
    })
  }
  return connection
}

/** Like `createConnection`, for a connection that lives on and wants to hear of changes. */
export function createLastingConnection(world, era) {
  const connection = createConnection(world, era)
  world.connections.add(connection)
  connection.mcp.server.onclose = () => world.connections.delete(connection)
  return connection
}
