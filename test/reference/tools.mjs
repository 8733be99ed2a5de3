/** The tools that answer by themselves: every kind of content, progress, logging, an error, and schemas to be kept intact. */
import { setTimeout as sleep } from 'node:timers/promises'
import { fromJsonSchema } from '@modelcontextprotocol/server'
import { pngBase64, wavBase64 } from './samples.mjs'

const noArguments = { type: 'object', properties: {} }
const pauseMs = 50

export const text = (value) => ({ content: [{ type: 'text', text: value }] })

/** Adds a tool given as data. `run` gets the arguments, the SDK's context of the request and the connection. */
export function registerTool(connection, { name, description, inputSchema = noArguments, run }) {
  const config = { description, inputSchema: fromJsonSchema(inputSchema) }
  return connection.mcp.registerTool(name, config, (args, ctx) => run(args, ctx, connection))
}

const image = { type: 'image', data: pngBase64, mimeType: 'image/png' }

const embedded = (uri, mimeType, body) => ({ type: 'resource', resource: { uri, mimeType, text: body } })

/** The schema whose every keyword the suite wants to see again in the list. */
const contactSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
    },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // biome-ignore lint/suspicious/noThenProperty: `then` is a keyword of JSON Schema, and this object is never awaited.
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
}

// The suite calls the first tool of the list without arguments, so that one must need none.
export const tools = [
  {
    name: 'test_simple_text',
    description: 'Answers with text.',
    run: () => text('This is a simple text response for testing.'),
  },
  {
    name: 'test_image_content',
    description: 'Answers with an image.',
    run: () => ({ content: [image] }),
  },
  {
    name: 'test_audio_content',
    description: 'Answers with sound.',
    run: () => ({ content: [{ type: 'audio', data: wavBase64, mimeType: 'audio/wav' }] }),
  },
  {
    name: 'test_embedded_resource',
    description: 'Answers with a resource inside the result.',
    run: () => ({ content: [embedded('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')] }),
  },
  {
    name: 'test_multiple_content_types',
    description: 'Answers with text, an image and a resource.',
    run: () => ({
      content: [
        { type: 'text', text: 'Multiple content types test:' },
        image,
        embedded('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
      ],
    }),
  },
  {
    name: 'test_error_handling',
    description: 'Always fails.',
    run: () => ({ ...text('This tool intentionally returns an error for testing'), isError: true }),
  },
  {
    name: 'test_tool_with_logging',
    description: 'Sends three log messages while it runs.',
    async run(_args, ctx) {
      await ctx.mcpReq.log('info', 'Tool execution started')
      await sleep(pauseMs)
      await ctx.mcpReq.log('info', 'Tool processing data')
      await sleep(pauseMs)
      await ctx.mcpReq.log('info', 'Tool execution completed')
      return text('Three log messages were sent.')
    },
  },
  {
    name: 'test_logging_tool',
    description: 'Sends one log message, if the request allows it.',
    async run(_args, ctx) {
      await ctx.mcpReq.log('info', 'One log message')
      return text('Logging was tried.')
    },
  },
  {
    name: 'test_tool_with_progress',
    description: 'Reports 0, 50 and 100 of 100 when it is given a progress token.',
    async run(_args, ctx) {
      const progressToken = ctx.mcpReq._meta?.progressToken
      for (const progress of [0, 50, 100]) {
        if (progress > 0) await sleep(pauseMs)
        if (progressToken === undefined) continue
        await ctx.mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 100 } })
      }
      return text('The work is done.')
    },
  },
  {
    name: 'test_reconnection',
    description: 'Closes the stream of its own call before it answers, so that the client must fetch the result on a new one.',
    async run(_args, ctx) {
      ctx.http?.closeSSE?.()
      await sleep(2 * pauseMs)
      return text('The result came on the second stream.')
    },
  },
  {
    name: 'json_schema_2020_12_tool',
    description: 'Has an input schema with the keywords of JSON Schema 2020-12.',
    inputSchema: contactSchema,
    run: ({ name }) => text(`Contact: ${name}`),
  },
  {
    name: 'test_header_parameter',
    description: 'Wants its region repeated in an Mcp-Param-Region header, in the stateless era.',
    inputSchema: {
      type: 'object',
      properties: { region: { type: 'string', 'x-mcp-header': 'Region' } },
      required: ['region'],
    },
    run: ({ region }) => text(`Region: ${region}`),
  },
]
