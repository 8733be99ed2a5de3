/** The tools that change what the server offers, so that a test can wait for the notification. */
import { text } from './tools.mjs'
import { changeWatchedResource, togglePrompt, toggleTool, watchedUri } from './world.mjs'

export const changingTools = [
  {
    name: 'test_trigger_tool_change',
    description: 'Adds test_dynamic_tool to the list of tools, or takes it away.',
    run(_args, _ctx, { world }) {
      toggleTool(world)
      return text(`test_dynamic_tool is ${world.dynamicTool ? 'there' : 'gone'}.`)
    },
  },
  {
    name: 'test_trigger_prompt_change',
    description: 'Adds test_dynamic_prompt to the list of prompts, or takes it away.',
    run(_args, _ctx, { world }) {
      togglePrompt(world)
      return text(`test_dynamic_prompt is ${world.dynamicPrompt ? 'there' : 'gone'}.`)
    },
  },
  {
    name: 'test_trigger_resource_update',
    description: `Changes ${watchedUri} and tells those who subscribed to it.`,
    async run(_args, _ctx, { world }) {
      await changeWatchedResource(world)
      return text(`${watchedUri} is at revision ${world.watchedRevision}.`)
    },
  },
]
