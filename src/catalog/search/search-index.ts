/** An index over the tools of all servers, built with the catalog; the parts of unchanged servers are taken over. */
import type { Entry } from '../catalog.ts'
import { Dictionary } from './dictionary.ts'
import { buildSegment, type Segment } from './segment.ts'

/** A server's tools, and the number of the first of them. */
export interface Part {
  readonly segment: Segment
  readonly start: number
}

export interface SearchIndex {
  readonly dictionary: Dictionary
  /** In the order of the servers' names. */
  readonly parts: readonly Part[]
  /** By tool: the number of its part. */
  readonly partOf: Int32Array
  /** By word: where its postings begin; one more, for the end of the last. */
  readonly starts: Int32Array
  /** By posting: the tool, and what the word says about it (see `Segment.impacts`). */
  readonly tools: Int32Array
  readonly impacts: Float32Array
  /** By name without case and separators, exposed or the server's own: the tools that are called so. */
  readonly names: ReadonlyMap<string, readonly number[]>
}

/** A dictionary that has so many times the words that are in use is begun anew. */
const LEFTOVERS_MAX = 4

/** Builds the index of these tools. Of `previous` the servers whose tools have not changed are taken over. */
export function buildIndex(entries: Iterable<Entry>, previous?: SearchIndex): SearchIndex {
  const dictionary = previous?.dictionary ?? new Dictionary()
  const known = new Map(previous?.parts.map(({ segment }) => [segment.server, segment]))
  const segments = [...byServer(entries)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([server, own]) => {
      const before = known.get(server)
      return before && same(before.entries, own) ? before : buildSegment(server, own, dictionary)
    })
  const index = joined(segments, dictionary)
  const used = index.starts.reduce((count, start, id) => (start < (index.starts[id + 1] ?? start) ? count + 1 : count), 0)
  return previous && dictionary.size > used * LEFTOVERS_MAX ? buildIndex(segments.flatMap((one) => one.entries)) : index
}

/** `create_issue`, `createIssue` and `create issue` are one name. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
}

function byServer(entries: Iterable<Entry>): Map<string, Entry[]> {
  const servers = new Map<string, Entry[]>()
  for (const entry of entries) {
    const own = servers.get(entry.server)
    if (own) own.push(entry)
    else servers.set(entry.server, [entry])
  }
  for (const own of servers.values()) own.sort((a, b) => (a.exposed < b.exposed ? -1 : 1))
  return servers
}

function same(a: readonly Entry[], b: readonly Entry[]): boolean {
  return (
    a.length === b.length &&
    a.every((entry, at) => {
      const other = b[at] as Entry
      return entry.exposed === other.exposed && (entry.item === other.item || entry.item.bytes.equals(other.item.bytes))
    })
  )
}

function joined(segments: readonly Segment[], dictionary: Dictionary): SearchIndex {
  const parts: Part[] = []
  const partOf: number[] = []
  for (const [part, segment] of segments.entries()) {
    parts.push({ segment, start: partOf.length })
    for (let count = segment.entries.length; count > 0; count--) partOf.push(part)
  }
  return { dictionary, parts, partOf: Int32Array.from(partOf), ...inverted(parts, dictionary.size), names: namesOf(parts) }
}

/** From the words of each tool to the tools of each word: the tools of a word come in order, as the segments are. */
function inverted(parts: readonly Part[], size: number): Pick<SearchIndex, 'starts' | 'tools' | 'impacts'> {
  const starts = new Int32Array(size + 1)
  for (const { segment } of parts) for (const id of segment.ids) starts[id + 1] = (starts[id + 1] as number) + 1
  for (let id = 0; id < size; id++) starts[id + 1] = (starts[id + 1] as number) + (starts[id] as number)
  const tools = new Int32Array(starts[size] as number)
  const impacts = new Float32Array(tools.length)
  const next = starts.slice()
  for (const { segment, start } of parts) {
    let at = 0
    for (const [number, end] of segment.ends.entries()) {
      for (; at < end; at++) {
        const id = segment.ids[at] as number
        const place = next[id] as number
        next[id] = place + 1
        tools[place] = start + number
        impacts[place] = segment.impacts[at] as number
      }
    }
  }
  return { starts, tools, impacts }
}

function namesOf(parts: readonly Part[]): Map<string, number[]> {
  const names = new Map<string, number[]>()
  for (const { segment, start } of parts) {
    for (const [number, { exposed, target }] of segment.entries.entries()) {
      for (const name of new Set([plainName(exposed), plainName(target)])) {
        const called = names.get(name)
        // A name of nothing but signs is no name that a query could call.
        if (name === '') continue
        if (called) called.push(start + number)
        else names.set(name, [start + number])
      }
    }
  }
  return names
}
