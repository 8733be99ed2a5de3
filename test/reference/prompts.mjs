/** The prompts of the reference server. */
import { acceptedContent, completable, inputRequired } from '@modelcontextprotocol/server'
import * as z from 'zod'
import { pngBase64 } from './samples.mjs'

const words = ['paris', 'park', 'party', 'test', 'testing']
const startingWith = (value) => words.filter((word) => word.startsWith(value))

const user = (content) => ({ role: 'user', content })
const say = (text) => user({ type: 'text', text })

export function registerPrompts(connection) {
  const { mcp, world } = connection
  mcp.registerPrompt('test_simple_prompt', { description: 'A prompt without arguments.' }, () => ({
    messages: [say('This is a simple prompt for testing.')],
  }))
  mcp.registerPrompt(
    'test_prompt_with_arguments',
    {
      description: 'A prompt with two arguments.',
      argsSchema: z.object({
        arg1: completable(z.string().describe('First test argument'), startingWith),
        arg2: z.string().describe('Second test argument'),
      }),
    },
    ({ arg1, arg2 }) => ({ messages: [say(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)] }),
  )
  mcp.registerPrompt(
    'test_prompt_with_embedded_resource',
    {
      description: 'A prompt that brings a resource along.',
      argsSchema: z.object({ resourceUri: z.string().describe('URI of the resource to embed') }),
    },
    ({ resourceUri }) => {
      const resource = { uri: resourceUri, mimeType: 'text/plain', text: 'Embedded resource content for testing.' }
      return { messages: [user({ type: 'resource', resource }), say('Please process the embedded resource above.')] }
    },
  )
  mcp.registerPrompt('test_prompt_with_image', { description: 'A prompt that brings an image along.' }, () => ({
    messages: [user({ type: 'image', data: pngBase64, mimeType: 'image/png' }), say('Please analyze the image above.')],
  }))
  mcp.registerPrompt('test_input_required_result_prompt', { description: 'A prompt that asks for its context.' }, askForContext)
  connection.dynamicPrompt = mcp.registerPrompt(
    'test_dynamic_prompt',
    { description: 'Is listed only after test_trigger_prompt_change, until the next one.' },
    () => ({ messages: [say('The dynamic prompt was fetched.')] }),
  )
  if (!world.dynamicPrompt) connection.dynamicPrompt.disable()
}

function askForContext(ctx) {
  const answer = acceptedContent(ctx.mcpReq.inputResponses, 'user_context')
  if (answer !== undefined) return { messages: [say(`Use this context: ${answer.context}`)] }
  return inputRequired({
    inputRequests: {
      user_context: inputRequired.elicit({
        message: 'What context should the prompt use?',
        requestedSchema: { type: 'object', properties: { context: { type: 'string' } }, required: ['context'] },
      }),
    },
  })
}
