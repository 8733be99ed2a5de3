/** `gateway_invoke`: calls any tool on behalf of the same client, and gives its result back as it came. */
import type { Entry } from '../../catalog/catalog.ts'
import { locate, locateIn } from '../../protocol/locate.ts'
import type { Json, Message } from '../../protocol/message.ts'
import { errorReply, isMalformed, readMessage } from '../../protocol/read.ts'
import type { SessionExchange } from '../exchange.ts'
import { named } from '../named.ts'
import { spill } from '../results/spill.ts'
import type { Services } from '../services.ts'
import { argumentsOf, failedAnswer, textArgument } from './answer.ts'
import { readResult } from './read-result.ts'
import { entrySignature } from './signatures.ts'
import { targetOf } from './target.ts'

/** What a tool does to the world, by its annotations (specification: ToolAnnotations, where destructive is the default). */
export type Tier = 'read' | 'write' | 'destructive'

const TIERS: readonly Tier[] = ['read', 'write', 'destructive']

/** What a call says beside its name and arguments: a tool that asks is called again with the answers and its state. */
const BESIDE = ['_meta', 'inputResponses', 'requestState']

/** Larger results are no complaints about arguments. */
const COMPLAINT_BYTES_MAX = 65_536
const COMPLAINT =
  /-32602|\b(invalid|missing|unexpected|unknown|unrecognized)\b.{0,40}\b(arguments?|param(eter)?s?|input|propert(y|ies)|keys?)\b|validation error|\brequired\b/i

/** Calls the tool that the arguments name; with a tier, only one that does no more than that. */
export async function invoke(exchange: SessionExchange, services: Services, tier?: Tier): Promise<Message> {
  const given = argumentsOf(exchange.request)
  const tool = textArgument(given, 'tool')
  if (!tool) return failedAnswer('Say which tool to call: {"tool": "server__tool", "arguments": {…}}.')
  // Clients that do not read their list again do not know it, and the preview of a large result names it.
  if (tool === 'gateway_read_result') {
    const read = childCall(exchange.request, tool, given.arguments)
    return read ? readResult(exchange.child(read), services) : failedAnswer('The arguments must be a JSON object.')
  }
  const target = await targetOf(exchange.client, textArgument(given, 'server'), tool)
  if ('problem' in target) return failedAnswer(target.problem)
  const refusal = tier && refusedBy(tier, target)
  if (refusal) return failedAnswer(refusal)
  const call = childCall(exchange.request, target.exposed, given.arguments)
  if (!call) return failedAnswer(`The arguments must be a JSON object. It takes: ${entrySignature(target)}`)
  const reply = await named(exchange.child(call), 'tools')
  services.usage.called(target.exposed, reply.bytes.length)
  return explained(await spill(exchange.client, reply, services), target)
}

/** Why a tool must not be called under a tier. */
function refusedBy(tier: Tier, target: Entry): string | undefined {
  const own = tierOf(target)
  if (TIERS.indexOf(own) <= TIERS.indexOf(tier)) return undefined
  return `${target.exposed} is not a tool that only ${tier === 'read' ? 'reads' : 'adds or changes things'}; call it with gateway_invoke_${own}.`
}

function tierOf({ item }: Entry): Tier {
  const { annotations } = JSON.parse(item.bytes.toString()) as {
    annotations?: { readOnlyHint?: unknown; destructiveHint?: unknown }
  }
  if (annotations?.readOnlyHint === true) return 'read'
  return annotations?.destructiveHint === false ? 'write' : 'destructive'
}

/** The request for the tool itself, its arguments to the byte as they came; undefined where they are no object. */
function childCall(request: Message, name: string, given: Json | undefined): Message | undefined {
  const json = argumentsJson(request, given)
  if (json === undefined) return undefined
  const rest = BESIDE.map((key) => {
    const place = locate(request, [key])
    return place ? `,"${key}":${request.text(place.start, place.end)}` : ''
  }).join('')
  const params = `{"name":${JSON.stringify(name)},"arguments":${json}${rest}}`
  const call = readMessage(Buffer.from(`{"jsonrpc":"2.0","id":${request.id},"method":"tools/call","params":${params}}`))
  return isMalformed(call) ? undefined : call
}

function argumentsJson(request: Message, given: Json | undefined): string | undefined {
  if (given === undefined || given === null) return '{}'
  const place = locate(request, ['arguments', 'arguments'])
  if (isObject(given)) return place && request.text(place.start, place.end)
  // Some models write the arguments as a text that holds JSON.
  const parsed = typeof given === 'string' ? parse(given) : undefined
  return isObject(parsed) ? JSON.stringify(parsed) : undefined
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

/** Where the server complains of the arguments, what it takes stands below its complaint. */
function explained(reply: Message, target: Entry): Message {
  if (reply.kind === 'error') {
    const { code, message, data } = reply.body
    return code === -32602 ? errorReply(-32602, `${String(message)}\n\nIt takes: ${entrySignature(target)}`, data) : reply
  }
  if (reply.bytes.length > COMPLAINT_BYTES_MAX || !reply.bytes.includes('"isError"')) return reply
  const { isError, content } = reply.body
  if (isError !== true || !Array.isArray(content) || !content.some((block) => COMPLAINT.test(textOf(block)))) return reply
  const place = locateIn(reply.bytes, reply.bodyStart, ['content'])
  if (!place) return reply
  const hint = JSON.stringify({ type: 'text', text: `It takes: ${entrySignature(target)}` })
  const edit = { start: place.end - 1, end: place.end, json: `${content.length > 0 ? ',' : ''}${hint}]` }
  const edited = readMessage(Buffer.concat(reply.with(edit)))
  return isMalformed(edited) ? reply : edited
}

function isObject(value: Json | undefined): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textOf(block: Json): string {
  const { text } = (isObject(block) ? block : {}) as { text?: Json }
  return typeof text === 'string' ? text : ''
}
