/** What the client does in each of the suite's scenarios for clients. */

import { statelessRequest } from './stateless-request.mjs'

export const scenarios = {
  initialize: listTools,
  tools_call: async (client) => {
    await client.listTools()
    await client.callTool({ name: 'add_numbers', arguments: { a: 5, b: 3 } })
  },
  'elicitation-sep1034-client-defaults': async (client) => {
    await client.listTools()
    await client.callTool({ name: 'test_client_elicitation_defaults', arguments: {} })
  },
  'sse-retry': async (client) => {
    await client.listTools()
    const { content } = await client.callTool({ name: 'test_reconnection', arguments: {} })
    expectText(content, 'Reconnection test completed successfully')
  },
  'request-metadata': listTools,
  'sep-2322-client-request-state': async (client) => {
    await client.listTools()
    const call = async (name, answer) => expectText((await client.callTool({ name, arguments: {} })).content, answer)
    // The unrelated call runs beside the one that is asked, and must not get anything of it.
    await Promise.all([call('test_mrtr_echo_state', 'echo-state-ok'), call('test_mrtr_unrelated', 'unrelated-ok')])
    await call('test_mrtr_no_state', 'no-state-ok')
    await call('test_mrtr_no_result_type', 'no-result-type-test-ok')
  },
  'http-standard-headers': async (client) => {
    const { tools } = await client.listTools()
    for (const { name } of tools) await client.callTool({ name, arguments: {} })
    const { resources } = await client.listResources()
    for (const { uri } of resources) await client.readResource({ uri })
    const { prompts } = await client.listPrompts()
    for (const { name } of prompts) await client.getPrompt({ name })
  },
  'http-custom-headers': async (client, { context }) => {
    await client.listTools()
    for (const call of context.toolCalls) await client.callTool(call)
  },
  'http-invalid-tool-headers': async (client, { era, url }) => {
    // The SDK drops such tools itself in the stateless era; what the gateway does shows only in what it sends.
    const { tools } = era === 'stateless' ? await statelessRequest(url, { method: 'tools/list' }) : await client.listTools()
    for (const { name } of tools) await client.callTool({ name, arguments: {} })
  },
  'json-schema-ref-no-deref': listTools,
  'json-schema-2020-12-preservation': async (client) => {
    const { tools } = await client.listTools()
    const schema = tools.find(({ name }) => name === 'json_schema_2020_12_tool').inputSchema
    await client.callTool({ name: 'json_schema_echo', arguments: { schema } })
  },
}

async function listTools(client) {
  await client.listTools()
}

function expectText(content, wanted) {
  const texts = content.map(({ text }) => text)
  if (!texts.includes(wanted)) throw new Error(`The tool answered ${JSON.stringify(texts)} instead of ${wanted}.`)
}
