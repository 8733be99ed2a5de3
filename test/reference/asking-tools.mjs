/**
 * The tools that need something from the client: a model's answer, a person's answer, or its roots.
 * They return what they want to know; the SDK makes requests to the client of it in the session era.
 */
import { acceptedContent, CLIENT_CAPABILITIES_META_KEY, inputRequired, inputResponse } from '@modelcontextprotocol/server'
import { defaultsForm, enumsForm, form, userForm } from './forms.mjs'
import { text } from './tools.mjs'

const requiredText = (name, description) => ({
  type: 'object',
  properties: { [name]: { type: 'string', description } },
  required: [name],
})

const sample = (prompt, maxTokens = 100) =>
  inputRequired.createMessage({ messages: [{ role: 'user', content: { type: 'text', text: prompt } }], maxTokens })

const elicit = (message, requestedSchema) => inputRequired.elicit({ message, requestedSchema })

const sampledText = ({ content }) => (Array.isArray(content) ? content : [content]).map((block) => block.text).join('')

const completed = ({ action, content }) => text(`Elicitation completed: action=${action}, content=${JSON.stringify(content)}`)

/** A tool that asks one question, under one key, and says what came back. */
function asking({ name, description, inputSchema, key, question, answer }) {
  return {
    name,
    description,
    inputSchema,
    run(args, ctx) {
      const response = inputResponse(ctx.mcpReq.inputResponses, key)
      if (response.kind === 'missing') return inputRequired({ inputRequests: { [key]: question(args) } })
      return answer(response)
    },
  }
}

/** A tool whose question must come back with the sealed state that went out with it. */
function confirming(name, description) {
  return {
    name,
    description,
    async run(_args, ctx, { world }) {
      const state = ctx.mcpReq.requestState()
      if (state?.asked === name && acceptedContent(ctx.mcpReq.inputResponses, 'confirm')) return text('state-ok')
      return inputRequired({
        inputRequests: { confirm: elicit('Please confirm', form({ ok: { type: 'boolean' } })) },
        requestState: await world.stateCodec.mint({ asked: name }),
      })
    },
  }
}

export const askingTools = [
  asking({
    name: 'test_sampling',
    description: "Asks the client's model.",
    inputSchema: requiredText('prompt', 'The prompt to send to the model'),
    key: 'sample',
    question: ({ prompt }) => sample(prompt),
    answer: ({ result }) => text(`LLM response: ${sampledText(result)}`),
  }),
  asking({
    name: 'test_elicitation',
    description: 'Asks the user for a name and an address.',
    inputSchema: requiredText('message', 'The message to show the user'),
    key: 'user',
    question: ({ message }) => elicit(message, userForm),
    answer: ({ action, content }) => text(`User response: <action: ${action}, content: ${JSON.stringify(content)}>`),
  }),
  asking({
    name: 'test_elicitation_sep1034_defaults',
    description: 'Asks with a form that has a default for every primitive type.',
    key: 'form',
    question: () => elicit('Please review the defaults', defaultsForm),
    answer: completed,
  }),
  asking({
    name: 'test_elicitation_sep1330_enums',
    description: 'Asks with a form that has every kind of choice.',
    key: 'form',
    question: () => elicit('Please choose', enumsForm),
    answer: completed,
  }),
  {
    name: 'test_missing_capability',
    description: 'Needs sampling, and is refused for a client that does not declare it.',
    async run(_args, ctx) {
      const question = sample('Say hello')
      // In the session era the SDK would not even send it; a server that does not look first is what this shows.
      if (ctx.mcpReq.envelope === undefined) return text(sampledText(await ctx.mcpReq.send(question)))
      const response = inputResponse(ctx.mcpReq.inputResponses, 'sample')
      return response.kind === 'missing'
        ? inputRequired({ inputRequests: { sample: question } })
        : text(sampledText(response.result))
    },
  },
  asking({
    name: 'test_streaming_elicitation',
    description: 'Asks the user, to show that no request travels on the stream of a stateless call.',
    key: 'name',
    question: () => elicit('What is your name?', form({ name: { type: 'string' } })),
    answer: completed,
  }),
  {
    name: 'test_input_required_result_elicitation',
    description: 'Greets the user by the name it asks for, and asks again until it gets one.',
    run(_args, ctx) {
      const answer = acceptedContent(ctx.mcpReq.inputResponses, 'user_name')
      if (answer !== undefined) return text(`Hello, ${answer.name}!`)
      return inputRequired({ inputRequests: { user_name: elicit('What is your name?', form({ name: { type: 'string' } })) } })
    },
  },
  asking({
    name: 'test_input_required_result_sampling',
    description: "Asks the client's model for a capital.",
    key: 'capital_question',
    question: () => sample('What is the capital of France?'),
    answer: ({ result }) => text(sampledText(result)),
  }),
  asking({
    name: 'test_input_required_result_list_roots',
    description: 'Names the roots of the client.',
    key: 'client_roots',
    question: () => inputRequired.listRoots(),
    answer: ({ roots }) => text(`Roots: ${roots.map((root) => root.uri).join(', ')}`),
  }),
  confirming('test_input_required_result_request_state', 'Asks once and checks the state that comes back.'),
  confirming('test_input_required_result_tampered_state', 'Asks once and refuses a state that was changed on the way.'),
  {
    name: 'test_input_required_result_multiple_inputs',
    description: 'Asks the user, the model and for the roots, all at once.',
    async run(_args, ctx, { world }) {
      const keys = ['user_name', 'greeting', 'client_roots']
      const responses = keys.map((key) => inputResponse(ctx.mcpReq.inputResponses, key))
      if (responses.every(({ kind }) => kind !== 'missing')) return text(`Got ${responses.map(({ kind }) => kind).join(', ')}.`)
      return inputRequired({
        inputRequests: {
          user_name: elicit('What is your name?', form({ name: { type: 'string' } })),
          greeting: sample('Generate a greeting', 50),
          client_roots: inputRequired.listRoots(),
        },
        requestState: await world.stateCodec.mint({ asked: 'everything' }),
      })
    },
  },
  {
    name: 'test_input_required_result_multi_round',
    description: 'Asks for a name, then for a color.',
    async run(_args, ctx, { world }) {
      const { name } = ctx.mcpReq.requestState() ?? {}
      const color = acceptedContent(ctx.mcpReq.inputResponses, 'step2')?.color
      if (name !== undefined && color !== undefined) return text(`${name} likes ${color}.`)
      const given = name ?? acceptedContent(ctx.mcpReq.inputResponses, 'step1')?.name
      const step2 = elicit('Step 2: What is your favorite color?', form({ color: { type: 'string' } }))
      const step1 = elicit('Step 1: What is your name?', form({ name: { type: 'string' } }))
      return inputRequired({
        inputRequests: given === undefined ? { step1 } : { step2 },
        requestState: await world.stateCodec.mint({ name: given }),
      })
    },
  },
  {
    name: 'test_input_required_result_capabilities',
    description: 'Asks whatever the client says that it can answer.',
    run(_args, ctx, { mcp }) {
      if (ctx.mcpReq.inputResponses !== undefined) return text(`Got ${Object.keys(ctx.mcpReq.inputResponses).join(', ')}.`)
      // The stateless era declares them with every request, the session era once.
      const able = ctx.mcpReq.envelope?.[CLIENT_CAPABILITIES_META_KEY] ?? mcp.server.getClientCapabilities() ?? {}
      const inputRequests = {
        ...(able.sampling && { greeting: sample('Generate a greeting', 50) }),
        ...(able.elicitation && { user_name: elicit('What is your name?', form({ name: { type: 'string' } })) }),
        ...(able.roots && { client_roots: inputRequired.listRoots() }),
      }
      return Object.keys(inputRequests).length === 0 ? text('The client can answer nothing.') : inputRequired({ inputRequests })
    },
  },
]
