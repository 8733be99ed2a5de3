/** The definitions of the meta-tools. All together they take at most 400 tokens, whatever the servers are. */
import type { Json, JsonObject } from '../../protocol/message.ts'
import { eachMember, readString, skipSpace, skipValue } from '../../protocol/scan.ts'
import type { ServerView } from './servers.ts'

/** The names of the servers take no more room than this in a definition; what is beyond it `gateway_list_servers` tells. */
const SERVERS_CHARS_MAX = 240

const text: JsonObject = { type: 'string' }
const READS: JsonObject = { readOnlyHint: true, openWorldHint: false }

/** By name: what `gateway_invoke` is split into where permissions are kept apart. */
const TIERS: Record<string, { description: string; annotations: JsonObject }> = {
  gateway_invoke_read: { description: 'Call a tool that only reads.', annotations: { readOnlyHint: true } },
  gateway_invoke_write: { description: 'Call a tool that adds or changes things.', annotations: { destructiveHint: false } },
  gateway_invoke_destructive: { description: 'Call any other tool.', annotations: { destructiveHint: true } },
}

export const READ_OPS = ['read', 'grep', 'jq', 'head', 'tail', 'outline'] as const

/** Listed only for those who have been given a handle. */
export const READ_RESULT = define(
  'gateway_read_result',
  'Look into a result that was too large to be shown. query: RE2 pattern for grep, filter for jq. limit: bytes for read, lines for others.',
  {
    handle: text,
    op: { enum: [...READ_OPS] },
    query: text,
    part: { type: 'integer' },
    offset: { type: 'integer' },
    limit: { type: 'integer' },
  },
  ['handle', 'op'],
  READS,
)

/** The definitions as JSON texts, in the order in which they are listed. */
export function metaDefinitions(servers: readonly ServerView[], tiers: boolean): string[] {
  const invoke = { server: text, tool: text, arguments: { type: 'object' } }
  const invokes = tiers
    ? Object.entries(TIERS).map(([name, { description, annotations }]) =>
        define(name, description, invoke, ['tool'], annotations),
      )
    : [define('gateway_invoke', 'Call a tool that a search or list has shown.', invoke, ['tool'])]
  const detail = { enum: ['short', 'full'] }
  return [
    define(
      'gateway_search_tools',
      `Find tools by what they do. ${serversText(servers)}`,
      { query: text, limit: { type: 'integer' }, server: text, detail },
      ['query'],
      READS,
    ),
    define('gateway_list_servers', 'List the servers; with a name: its instructions.', { server: text }, [], READS),
    define('gateway_list_tools', 'List the tools of a server.', { server: text, detail }, ['server'], READS),
    ...invokes,
  ]
}

function define(name: string, description: string, properties: JsonObject, required: Json[], annotations?: JsonObject): string {
  const inputSchema = { type: 'object', properties, ...(required.length > 0 && { required }) }
  return JSON.stringify({ name, description, inputSchema, ...(annotations && { annotations }) })
}

/** `Servers: github (41), notes (9). Down: sentry.`, as far as there is room. */
function serversText(servers: readonly ServerView[]): string {
  const up = servers.filter(({ down }) => down === undefined).map(({ name, tools }) => `${name} (${tools})`)
  const down = servers.filter(({ down }) => down !== undefined).map(({ name }) => name)
  const room = down.length === 0 ? SERVERS_CHARS_MAX : SERVERS_CHARS_MAX / 2
  const parts = [up.length > 0 && `Servers: ${listed(up, room)}.`, down.length > 0 && `Down: ${listed(down, room)}.`]
  return parts.filter(Boolean).join(' ') || 'There are no servers yet.'
}

function listed(names: readonly string[], charsMax: number): string {
  let length = 0
  const shown = names.filter((name) => {
    length += name.length + 2
    return length <= charsMax
  })
  const hidden = names.length - shown.length
  return hidden > 0 ? [...shown, `${hidden} more`].join(', ') : shown.join(', ')
}

/** The definition of a tool that does not say what its results consist of; every other member stays to the byte. */
export function withoutOutputSchema(definition: string): string {
  if (!definition.includes('outputSchema')) return definition
  const bytes = Buffer.from(definition)
  const members: string[] = []
  eachMember(bytes, skipSpace(bytes, 0), (keyStart, keyEnd, start) => {
    const end = skipValue(bytes, start)
    if (readString(bytes, keyStart, keyEnd) !== 'outputSchema') members.push(bytes.toString('utf8', keyStart, end))
    return end
  })
  return `{${members.join(',')}}`
}
