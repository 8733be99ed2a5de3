/** Every tool, prompt, resource and template of every server under the names that clients see. Immutable. */
import { type Message, splice } from '../protocol/message.ts'
import { readMessage, resultOf } from '../protocol/read.ts'
import { skipSpace } from '../protocol/scan.ts'
import { templateMatcher } from '../protocol/uri-template.ts'
import { type Item, type Listing, SECTIONS, type Section } from '../upstream/listing.ts'
import { exposedName, nextName } from './names.ts'
import { exposeUris, prefixedUri, unprefixedUri } from './uris.ts'

/** One server's share of a catalog. */
export interface Part {
  server: string
  listing: Listing
  /** Whether a tool of this name exists for clients. */
  allowed(tool: string): boolean
}

/** An exposed name or URI and what it stands for. */
export interface Entry {
  readonly server: string
  /** The name or URI as the server knows it. */
  readonly target: string
  readonly item: Item
  readonly exposed: string
}

export interface CatalogNames {
  /** `server__tool`, or the servers' own names, where there is only one. */
  prefixed: boolean
  lengthMax: number
}

interface Template {
  readonly entry: Entry
  readonly matches: (uri: string) => boolean
}

export class Catalog {
  readonly tools: ReadonlyMap<string, Entry>
  readonly prompts: ReadonlyMap<string, Entry>
  readonly resources: ReadonlyMap<string, Entry>
  readonly templates: ReadonlyMap<string, Entry>
  /** Servers of which some resource is exposed under a prefixed URI. */
  readonly prefixedServers: ReadonlySet<string>
  readonly #servers: ReadonlySet<string>
  readonly #prepared = new Map<Section, Message>()
  #matchers: Template[] | undefined

  constructor(parts: readonly Part[], names: CatalogNames) {
    const ordered = parts.toSorted((a, b) => (a.server < b.server ? -1 : 1))
    const prefixedServers = new Set<string>()
    this.tools = named(ordered, 'tools', names)
    this.prompts = named(ordered, 'prompts', names)
    this.resources = located(ordered, 'resources', prefixedServers)
    this.templates = located(ordered, 'templates', prefixedServers)
    this.prefixedServers = prefixedServers
    this.#servers = new Set(parts.map((part) => part.server))
  }

  /** The result of the method that lists a section, under a placeholder id; the same bytes for the same catalog. */
  list(section: Section): Message {
    let message = this.#prepared.get(section)
    if (!message) {
      message = resultOf(`{"${SECTIONS[section].member}":[${this.definitions(section, () => true).join(',')}]}`)
      this.#prepared.set(section, message)
    }
    return message
  }

  /** How many bytes its list has at least: known without making it. */
  bytesMin(section: Section): number {
    let bytes = 0
    for (const { item } of this[section].values()) bytes += item.bytes.length
    return bytes
  }

  /** The definitions of a section as JSON texts, under the names that clients see: those whose name is chosen. */
  definitions(section: Section, chosen: (exposed: string) => boolean): string[] {
    const entries = [...this[section].values()].filter(({ exposed }) => chosen(exposed))
    return entries.map((entry) => this.#definition(section, entry))
  }

  /** Who may have this resource, the likeliest first. Servers in `others` are asked last, when nobody claims the URI. */
  owners(uri: string, others: Iterable<string>): { server: string; target: string }[] {
    const exact = this.resources.get(uri) ?? this.templates.get(uri)
    if (exact) return [exact]
    const prefixed = unprefixedUri(uri)
    if (prefixed && this.#servers.has(prefixed.server)) return [{ server: prefixed.server, target: prefixed.uri }]
    this.#matchers ??= [...this.templates.values()].map((entry) => ({ entry, matches: templateMatcher(entry.target) }))
    const matching = this.#matchers.filter((template) => template.matches(uri)).map(({ entry }) => entry.server)
    return [...new Set([...matching, ...others])].map((server) => ({ server, target: uri }))
  }

  /** The URI under which clients know a server's resource. */
  exposedUri(server: string, uri: string): string {
    if (!this.prefixedServers.has(server)) return uri
    const owner = this.resources.get(uri) ?? this.templates.get(uri)
    const foreign = owner ? owner.server !== server : unprefixedUri(uri) !== undefined
    return foreign ? prefixedUri(server, uri) : uri
  }

  /** A result of a server with the resources in it named as clients know them. */
  exposeResult(server: string, reply: Message): Message {
    if (reply.kind === 'error') return reply
    const edits = exposeUris(reply.bytes, reply.bodyStart, (uri) => this.exposedUri(server, uri))
    return edits.length === 0 ? reply : (readMessage(Buffer.concat(reply.with(...edits))) as Message)
  }

  #definition(section: Section, entry: Entry): string {
    const { bytes, keyStart, keyEnd } = entry.item
    const edits = [{ start: keyStart, end: keyEnd, json: JSON.stringify(entry.exposed) }]
    if (section === 'tools' && this.prefixedServers.has(entry.server)) {
      edits.push(...exposeUris(bytes, skipSpace(bytes, 0), (uri) => this.exposedUri(entry.server, uri)))
    }
    return Buffer.concat(splice(bytes, edits)).toString()
  }
}

function named(parts: readonly Part[], section: 'tools' | 'prompts', names: CatalogNames): Map<string, Entry> {
  const entries = new Map<string, Entry>()
  for (const { server, listing, allowed } of parts) {
    for (const item of listing[section]) {
      if (section === 'tools' && !allowed(item.key)) continue
      let exposed = names.prefixed ? exposedName(server, item.key, names.lengthMax) : item.key
      const twin = entries.get(exposed)
      // A server that lists one name twice means the first: that is the one it would answer to.
      if (twin && twin.server === server && twin.target === item.key) continue
      if (twin) exposed = nextName(exposed, `${server} ${item.key}`, (name) => entries.has(name))
      entries.set(exposed, { server, target: item.key, item, exposed })
    }
  }
  return entries
}

function located(parts: readonly Part[], section: 'resources' | 'templates', prefixedServers: Set<string>): Map<string, Entry> {
  const entries = new Map<string, Entry>()
  for (const { server, listing } of parts) {
    for (const item of listing[section]) {
      const twin = entries.get(item.key)
      if (twin?.server === server && twin.target === item.key) continue
      // A URI that looks like one of our prefixed ones gets a prefix too, so that no server can take another's place.
      const prefixed = twin !== undefined || unprefixedUri(item.key) !== undefined
      if (prefixed) prefixedServers.add(server)
      const exposed = prefixed ? prefixedUri(server, item.key) : item.key
      if (!entries.has(exposed)) entries.set(exposed, { server, target: item.key, item, exposed })
    }
  }
  return entries
}
