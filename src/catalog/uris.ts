/** Resource URIs that two servers share: the second is told apart by a prefix that can be taken off again. */
import type { Edit } from '../protocol/message.ts'
import { eachMember, readString, skipSpace, skipValue } from '../protocol/scan.ts'

const PREFIX = 'mcp-gw://'

const QUOTE = 0x22
const COMMA = 0x2c
const OPEN_OBJECT = 0x7b
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d

/** The URI of a server's resource where another server has the same. Works for URI templates as well. */
export function prefixedUri(server: string, uri: string): string {
  return `${PREFIX}${server}/${uri}`
}

/** The server and its own URI behind a prefixed one. */
export function unprefixedUri(uri: string): { server: string; uri: string } | undefined {
  if (!uri.startsWith(PREFIX)) return undefined
  const slash = uri.indexOf('/', PREFIX.length)
  return slash < 0 ? undefined : { server: uri.slice(PREFIX.length, slash), uri: uri.slice(slash + 1) }
}

/** Members in which results and definitions name resources. */
const URI_MEMBERS: ReadonlySet<string> = new Set(['uri', 'resourceUri'])

/**
 * The edits that expose every resource URI in the JSON value that begins at `at`. All else stays to the byte, as in any
 * other result: big numbers, for example, would not survive a parser.
 */
export function exposeUris(bytes: Buffer, at: number, expose: (uri: string) => string): Edit[] {
  const edits: Edit[] = []
  const member = (keyStart: number, keyEnd: number, value: number): number => {
    if (bytes[value] !== QUOTE) return walk(value)
    const end = skipValue(bytes, value)
    if (!URI_MEMBERS.has(readString(bytes, keyStart, keyEnd))) return end
    const uri = readString(bytes, value, end)
    const exposed = expose(uri)
    if (exposed !== uri) edits.push({ start: value, end, json: JSON.stringify(exposed) })
    return end
  }
  /** Returns the offset behind the value. */
  const walk = (value: number): number => {
    if (bytes[value] === OPEN_OBJECT) return eachMember(bytes, value, member)
    if (bytes[value] !== OPEN_ARRAY) return skipValue(bytes, value)
    let i = skipSpace(bytes, value + 1)
    while (bytes[i] !== CLOSE_ARRAY) {
      const end = walk(i)
      if (end < 0) return -1
      i = skipSpace(bytes, end)
      if (bytes[i] === COMMA) i = skipSpace(bytes, i + 1)
    }
    return i + 1
  }
  walk(at)
  return edits
}
