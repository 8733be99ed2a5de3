/** What both echo servers say, in both eras: the answer to each MCP request, as cheap to produce as can be. */
import { prose, sizes } from './results.mjs'

/** Below this many bytes one string is cheaper to write than an id and a buffer. */
const bufferBytesMin = 4000

const toolsCount = Number(process.env.ECHO_TOOLS ?? 1)

const echoTool = {
  name: 'echo',
  title: 'Echo',
  description: 'Answers with prose of a given size, or with the text it was given.',
  inputSchema: {
    type: 'object',
    properties: {
      size: { type: 'number', description: 'How many KB of text to answer with.', default: 0.2 },
      text: { type: 'string', description: 'A text to answer with instead.' },
      fresh: { type: 'boolean', description: 'Write the answer as JSON anew, as a real server does, not from prepared bytes.' },
    },
  },
  annotations: { readOnlyHint: true },
}

const texts = new Map(sizes.map((size) => [size, prose(size)]))

/** A tail is all of an answer that follows the id. The newline ends a line on stdio and is white space in HTTP. */
const resultTail = (result) => `,"result":${JSON.stringify(result)}}\n`
const errorTail = (code, message) => `,"error":${JSON.stringify({ code, message })}}\n`
const prepare = (tail) => (Buffer.byteLength(tail) < bufferBytesMin ? tail : Buffer.from(tail))

const versionKey = 'io.modelcontextprotocol/protocolVersion'
const info = { name: 'bench-echo', version: '1.0.0' }
const tools = Array.from({ length: toolsCount }, (_, n) => (n === 0 ? echoTool : { ...echoTool, name: `echo_${n}` }))
const unknownTail = errorTail(-32601, 'Method not found')

/** The answers of one era; `extra` is what each of its results has besides. */
function answersOf(extra, cacheable) {
  const textTail = (text) => resultTail({ content: [{ type: 'text', text }], ...extra })
  const callTails = new Map([...texts].map(([size, text]) => [size, prepare(textTail(text))]))
  return {
    callTail({ name, arguments: given = {} }) {
      if (name !== 'echo') return errorTail(-32602, `Unknown tool: ${name}`)
      const { size = 0.2, text, fresh } = given
      if (text !== undefined) return textTail(text)
      if (!texts.has(size)) return errorTail(-32602, `size is one of ${sizes.join(', ')}`)
      return fresh ? textTail(texts.get(size)) : callTails.get(size)
    },
    listTail: prepare(resultTail({ tools, ...extra, ...cacheable })),
  }
}

const sessionEra = answersOf({}, {})
const statelessEra = answersOf({ resultType: 'complete' }, { ttlMs: 60_000, cacheScope: 'public' })

const pingTail = resultTail({})
const initializeTail = ({ protocolVersion = '2025-11-25' }) =>
  resultTail({ protocolVersion, capabilities: { tools: {} }, serverInfo: info })
const discoverTail = resultTail({
  resultType: 'complete',
  supportedVersions: ['2026-07-28'],
  capabilities: { tools: {} },
  ttlMs: 60_000,
  cacheScope: 'public',
  _meta: { 'io.modelcontextprotocol/serverInfo': info },
})

/** Whether a request says for itself what the era of sessions says once. */
export const isStateless = ({ params }) => params?._meta?.[versionKey] !== undefined

/** The head of the answer to a message, up to its id. */
export const headOf = (message) => `{"jsonrpc":"2.0","id":${JSON.stringify(message.id)}`

/** The rest of the answer to a message, a string when it is short and bytes when it is long; undefined for a notification. */
export function tailOf(message) {
  if (message.id === undefined) return undefined
  const era = isStateless(message) ? statelessEra : sessionEra
  switch (message.method) {
    case 'tools/call':
      return era.callTail(message.params ?? {})
    case 'ping':
      return pingTail
    case 'tools/list':
      return era.listTail
    case 'server/discover':
      return era === statelessEra ? discoverTail : unknownTail
    case 'initialize':
      return initializeTail(message.params ?? {})
    default:
      return unknownTail
  }
}
