/** `mcp-gw call`: calls one tool and prints what it returns. */
import type { Json, JsonObject } from '../../protocol/message.ts'
import { type CommonOptions, type Context, openContext, openEngine } from '../context.ts'
import { Exit } from '../exit.ts'
import { LocalClient } from '../local-client.ts'
import { print, printJson } from '../terminal.ts'

export interface CallOptions extends CommonOptions {
  json?: string
  raw?: boolean
  era?: Protocol
}

type Protocol = Context['config']['servers'][string]['protocol']

export async function call(tool: string, args: string[], options: CallOptions): Promise<void> {
  const context = await openContext(options, true)
  const engine = openEngine(context, ownersOf(tool, context, options.era))
  try {
    const client = await LocalClient.open(engine, (message) => {
      if (message.method === 'notifications/progress') process.stderr.write(`${progressLine(message.params)}\n`)
    })
    const { tools } = await client.request('tools/list', {})
    const definition = (tools as JsonObject[]).find((one) => one.name === tool)
    const params = { name: tool, arguments: toArguments(args, options.json, definition), _meta: { progressToken: 1 } }
    const result = await client.request('tools/call', params)
    if (options.raw) printJson(result)
    else printContent(result)
    if (result.isError === true) process.exitCode = 1
  } catch (error) {
    throw error instanceof Exit ? error : new Exit(1, (error as Error).message)
  } finally {
    await engine.close()
  }
}

/** Only the server whose prefix the name has is started, or all where the name does not tell; in another era where one is wanted. */
function ownersOf(tool: string, { config }: Context, era: Protocol | undefined): Context['config']['servers'] {
  const all = Object.entries(config.servers)
  const own = all.filter(([name]) => tool.startsWith(`${name}__`))
  const chosen = own.length > 0 ? own : all
  return Object.fromEntries(chosen.map(([name, server]) => [name, { ...server, protocol: era ?? server.protocol }]))
}

function toArguments(args: string[], json: string | undefined, definition: JsonObject | undefined): JsonObject {
  const given = json === undefined ? {} : parseObject(json)
  const properties = ((definition?.inputSchema as JsonObject | undefined)?.properties ?? {}) as Record<string, JsonObject>
  for (const arg of args) {
    const match = /^([^=:]+)(:?=)(.*)$/s.exec(arg)
    if (!match) throw new Exit(2, `expected key=value or key:=json, got "${arg}"`)
    const [, key, operator, value] = match as unknown as [string, string, string, string]
    given[key] = operator === ':=' ? parseJson(key, value) : typed(value, properties[key])
  }
  return given
}

/** A text on the command line, as the type that the tool's schema wants. */
function typed(value: string, schema: JsonObject | undefined): Json {
  const type = schema?.type
  if (typeof type !== 'string' || type === 'string') return value
  try {
    return JSON.parse(value) as Json
  } catch {
    // Not of that type: the server says what it wants better than we could.
    return value
  }
}

function parseObject(json: string): JsonObject {
  const value = parseJson('--json', json)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new Exit(2, '--json: expected an object, such as \'{"key": "value"}\'')
}

function parseJson(what: string, json: string): Json {
  try {
    return JSON.parse(json) as Json
  } catch (error) {
    throw new Exit(2, `${what}: ${(error as Error).message}`)
  }
}

function printContent(result: JsonObject): void {
  const content = Array.isArray(result.content) ? (result.content as JsonObject[]) : []
  for (const block of content) print(contentLine(block))
  if (content.length === 0 && result.structuredContent !== undefined) printJson(result.structuredContent)
}

function contentLine(block: JsonObject): string {
  if (block.type === 'text') return String(block.text)
  if (block.type === 'image' || block.type === 'audio') {
    const bytes = Buffer.byteLength(String(block.data), 'base64')
    return `[${block.type} ${String(block.mimeType)}, ${bytes} bytes; --raw prints it]`
  }
  if (block.type === 'resource_link') return `[resource ${String(block.uri)}]`
  const resource = (block.resource ?? {}) as JsonObject
  if (block.type === 'resource')
    return typeof resource.text === 'string' ? resource.text : `[resource ${String(resource.uri)}; --raw prints it]`
  return JSON.stringify(block)
}

function progressLine({ progress, total, message }: JsonObject): string {
  return `${String(progress)}${total === undefined ? '' : `/${String(total)}`}${message === undefined ? '' : ` ${String(message)}`}`
}
