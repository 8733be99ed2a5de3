/** Resource URIs that two servers share: the second is told apart by a prefix that can be taken off again. */
import type { Json } from '../protocol/message.ts'

const PREFIX = 'mcp-gw://'

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

/** The same JSON with every resource URI in it exposed; what names no resource stays as it is. */
export function exposeUris(value: Json, expose: (uri: string) => string): Json {
  if (Array.isArray(value)) return value.map((element) => exposeUris(element, expose))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      typeof member === 'string' && URI_MEMBERS.has(key) ? expose(member) : exposeUris(member, expose),
    ]),
  )
}
