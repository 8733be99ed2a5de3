/** A stdio server that says whatever it is told to: its answers come from HOSTILE, and `say` writes lines as they are given. */
import { createInterface } from 'node:readline'

/** By method: the result to answer with, as JSON. */
const results = JSON.parse(process.env.HOSTILE ?? '{}')
const HONEST = {
  initialize: {
    protocolVersion: '2025-11-25',
    capabilities: { tools: { listChanged: true }, resources: { subscribe: true }, prompts: {}, logging: {}, completions: {} },
    serverInfo: { name: 'hostile', version: '1' },
  },
  'tools/list': { tools: [{ name: 'say', inputSchema: { type: 'object' } }] },
  'prompts/list': { prompts: [] },
  'resources/list': { resources: [] },
  'resources/templates/list': { resourceTemplates: [] },
}

const write = (line) => process.stdout.write(`${line}\n`)

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line)
  if (id === undefined || method === undefined) return
  // `$ID` in a line stands for the id of the call, `$TOKEN` for its progress token.
  const token = JSON.stringify(params?._meta?.progressToken ?? 'none')
  for (const told of params?.arguments?.lines ?? []) write(told.replaceAll('$ID', id).replaceAll('$TOKEN', token))
  const result = results[method] ?? HONEST[method] ?? { content: [{ type: 'text', text: 'said' }] }
  write(JSON.stringify({ jsonrpc: '2.0', id, result }))
})
process.stdin.on('end', () => process.exit(0))
