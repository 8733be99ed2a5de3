/** Reads what a server offers: every page of its lists, each entry kept as the bytes it came in. */
import type { Log } from '../observe/log.ts'
import { GatewayError } from '../protocol/errors.ts'
import type { JsonObject, Message } from '../protocol/message.ts'
import { type CacheHint, cacheHint, stricter } from '../protocol/results.ts'
import { eachElement, eachMember, isWord, readString, skipSpace, skipValue } from '../protocol/scan.ts'
import { isStateless } from '../protocol/versions.ts'
import { offerable } from './stateless/mirror.ts'

/** One tool, prompt, resource or template: its JSON, and where in it the text stands that identifies it. */
export interface Item {
  readonly bytes: Buffer
  readonly key: string
  readonly keyStart: number
  readonly keyEnd: number
}

export interface Listing {
  readonly tools: readonly Item[]
  readonly prompts: readonly Item[]
  readonly resources: readonly Item[]
  readonly templates: readonly Item[]
}

export type Section = keyof Listing

export const EMPTY_LISTING: Listing = { tools: [], prompts: [], resources: [], templates: [] }

/** By section: the method that lists it, the member of the result that holds it, what identifies an entry, the capability. */
export const SECTIONS: Record<Section, { method: string; member: string; key: string; capability: string }> = {
  tools: { method: 'tools/list', member: 'tools', key: 'name', capability: 'tools' },
  prompts: { method: 'prompts/list', member: 'prompts', key: 'name', capability: 'prompts' },
  resources: { method: 'resources/list', member: 'resources', key: 'uri', capability: 'resources' },
  templates: { method: 'resources/templates/list', member: 'resourceTemplates', key: 'uriTemplate', capability: 'resources' },
}

export interface ListLimits {
  pages: number
  timeoutMs: number
}

/** The server that is asked, over one of its instances. */
interface Lister {
  readonly name: string
  readonly identity: { readonly version: string; readonly capabilities: JsonObject } | undefined
  readonly connection: { readonly transport: string }
  ask(method: string, params: object | undefined, timeoutMs: number): Promise<Message>
}

/** One list as it was read. */
export interface Reading {
  readonly items: Item[]
  /** How long the server lets it be kept, where it says so: the shortest time of its pages, and for everybody only if all are. */
  readonly hint: CacheHint | undefined
}

/** All entries of one section; empty where the server does not offer it. Throws where the server fails to answer. */
export async function readSection(instance: Lister, section: Section, limits: ListLimits, log: Log): Promise<Reading> {
  const { method, member, key, capability } = SECTIONS[section]
  if (!Object.hasOwn(instance.identity?.capabilities ?? {}, capability)) return { items: [], hint: undefined }
  const items: Item[] = []
  const cursors = new Set<string>()
  let cursor: string | undefined
  let hint: CacheHint | undefined
  for (let page = 0; page < limits.pages; page++) {
    const reply = await instance.ask(method, cursor === undefined ? undefined : { cursor }, limits.timeoutMs)
    if (reply.kind === 'error') return { items: refused(instance.name, method, reply), hint: undefined }
    hint = stricter(hint, cacheHint(reply))
    cursor = readPage(reply, member, key, items)
    if (cursor === undefined) return { items: offered(instance, section, items, log), hint }
    if (cursors.has(cursor)) break
    cursors.add(cursor)
  }
  log.warn({ server: instance.name, method, entries: items.length }, 'the list does not end; the rest of it is left out')
  return { items: offered(instance, section, items, log), hint }
}

/** Over HTTP, tools whose headers cannot be made are not offered (specification 2026-07-28: Transports, Custom Headers). */
function offered({ name, identity, connection }: Lister, section: Section, items: Item[], log: Log): Item[] {
  if (section !== 'tools' || connection.transport === 'stdio' || !isStateless(identity?.version)) return items
  return offerable(items, (tool, error) =>
    log.warn({ server: name, tool }, `the tool is left out, because its headers cannot be made: ${error.message}`),
  )
}

/** Whether two lists say the same, to the byte. */
export function sameItems(a: readonly Item[], b: readonly Item[]): boolean {
  return a.length === b.length && a.every((item, index) => item.bytes.equals((b[index] as Item).bytes))
}

function refused(name: string, method: string, reply: Message): Item[] {
  // Declared but not implemented, as with templates in servers that only have resources.
  if (reply.body.code === -32601) return []
  throw new GatewayError('unavailable', `${name} refused ${method}: ${String(reply.body.message)}`)
}

/** Adds the entries of one page to `items`; returns the cursor of the next. An empty text is a valid cursor. */
function readPage(reply: Message, member: string, key: string, items: Item[]): string | undefined {
  const { bytes } = reply
  let cursor: string | undefined
  eachMember(bytes, reply.bodyStart, (keyStart, keyEnd, at) => {
    const end = skipValue(bytes, at)
    if (isWord(bytes, keyStart + 1, keyEnd - 1, member)) {
      eachElement(bytes, at, (from, to) => {
        // A copy, because the page's memory is not to live as long as the catalog.
        const item = readItem(Buffer.from(bytes.subarray(from, to)), key)
        if (item) items.push(item)
      })
    } else if (isWord(bytes, keyStart + 1, keyEnd - 1, 'nextCursor') && bytes[at] === 0x22) cursor = readString(bytes, at, end)
    return end
  })
  return cursor
}

/** Finds what identifies an entry; undefined where nothing does. An entry that says it twice is written anew first. */
export function readItem(bytes: Buffer, key: string): Item | undefined {
  let start = -1
  let keyEnd = -1
  let plain = true
  eachMember(bytes, skipSpace(bytes, 0), (from, to, at) => {
    const end = skipValue(bytes, at)
    const escaped = bytes.subarray(from, to).includes(0x5c)
    const meant = escaped ? readString(bytes, from, to) === key : isWord(bytes, from + 1, to - 1, key)
    if (meant) {
      if (escaped || start >= 0) plain = false
      start = at
      keyEnd = end
    }
    return end
  })
  if (!plain) return readItem(Buffer.from(JSON.stringify(JSON.parse(bytes.toString()))), key)
  if (start < 0 || bytes[start] !== 0x22) return undefined
  return { bytes, key: readString(bytes, start, keyEnd), keyStart: start, keyEnd }
}
