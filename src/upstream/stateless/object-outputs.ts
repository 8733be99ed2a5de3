/**
 * Structured content that is no object, which only the stateless era knows, as the session era can have it: the value as the member
 * `result` of an object, in the schema and in the results (specification 2025-11-25: Tools, Output Schema).
 */
import { locateIn } from '../../protocol/locate.ts'
import { bodyMembers } from '../../protocol/members.ts'
import { type Edit, type Json, type JsonObject, type Message, splice } from '../../protocol/message.ts'
import { eachElement, skipSpace } from '../../protocol/scan.ts'
import { type Item, type Listing, readItem } from '../listing.ts'

/** Where the value stands in the object around it. */
const PLACE = '#/properties/result'

const listings = new WeakMap<Listing, Listing>()

/** A server's lists as clients of the session era are shown them; the same lists where there is nothing to change. */
export function listingForSessions(listing: Listing): Listing {
  let shown = listings.get(listing)
  if (!shown) {
    const tools = listing.tools.map(itemForSessions)
    shown = tools.some((item, index) => item !== listing.tools[index]) ? { ...listing, tools } : listing
    listings.set(listing, shown)
  }
  return shown
}

/** A page of tools as a client of the session era gets it. */
export function pageForSessions(reply: Message): Edit[] {
  const place = locateIn(reply.bytes, reply.bodyStart, ['tools'])
  const edits: Edit[] = []
  if (!place) return edits
  eachElement(reply.bytes, place.start, (start, end) => {
    const item = readItem(reply.bytes.subarray(start, end), 'name')
    const shown = item && itemForSessions(item)
    if (shown !== item) edits.push({ start, end, json: String(shown?.bytes) })
  })
  return edits
}

const byTools = new WeakMap<readonly Item[], ReadonlySet<string>>()

/** Whether the structured content of a tool is wrapped for clients of the session era, whatever a result says. */
export function wrapsOutput(tools: readonly Item[], name: string): boolean {
  let wrapped = byTools.get(tools)
  if (!wrapped) {
    wrapped = new Set(tools.filter((item) => itemForSessions(item) !== item).map(({ key }) => key))
    byTools.set(tools, wrapped)
  }
  return wrapped.has(name)
}

/** Edits that wrap the structured content of a result where it is no object, or `always`. */
export function outputEdits(reply: Message, { always }: { always: boolean }): Edit[] {
  const member = bodyMembers(reply).findLast(({ key }) => key === 'structuredContent')
  if (!member || (reply.bytes[member.start] === 0x7b && !always)) return []
  const { start, end } = member
  return [
    { start, end: start, json: '{"result":' },
    { start: end, end, json: '}' },
  ]
}

function itemForSessions(item: Item): Item {
  const { bytes } = item
  const place = bytes.includes('"outputSchema"') ? locateIn(bytes, skipSpace(bytes, 0), ['outputSchema']) : undefined
  if (!place) return item
  const schema = JSON.parse(bytes.toString('utf8', place.start, place.end)) as Json
  if (isObject(schema) && schema.type === 'object') return item
  const json = JSON.stringify(wrapped(schema))
  return readItem(Buffer.concat(splice(bytes, [{ ...place, json }])), 'name') ?? item
}

function wrapped(schema: Json): JsonObject {
  const { $schema, ...rest } = isObject(schema) ? schema : {}
  const inner = isObject(schema) ? rest : schema
  return {
    ...($schema !== undefined && { $schema }),
    type: 'object',
    // With an id of its own, its references go on to mean itself.
    properties: { result: isObject(inner) && inner.$id !== undefined ? inner : moved(inner) },
    required: ['result'],
  }
}

/** What holds values, in which a reference is none. */
const VALUES: ReadonlySet<string> = new Set(['const', 'enum', 'default', 'examples'])

/** A schema whose references lead on to where they led before, one step further in. */
function moved(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(moved)
  if (!isObject(schema)) return schema
  const members = Object.entries(schema).map(([key, value]): [string, Json] => {
    if (key === '$ref' && typeof value === 'string' && /^#(\/|$)/.test(value)) return [key, PLACE + value.slice(1)]
    return [key, VALUES.has(key) ? value : moved(value)]
  })
  return Object.fromEntries(members)
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
