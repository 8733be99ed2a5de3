/** Makes one server of entries that run the same, wherever they stand, and gives each a name of its own. */
import { mendedName } from '../../config/rules.ts'
import { canonical } from '../../std/changed-keys.ts'
import { formatDuration, parseDuration } from '../../std/duration.ts'
import { runKey } from './same.ts'
import type { ImportNote, Origin, ReadServer, ServerEntry } from './server-entry.ts'
import type { Need } from './variables.ts'

/** One server of all entries that run it. */
export interface MergedServer {
  name: string
  entry: ServerEntry
  /** Where it was found, the first the one whose words were kept. */
  origins: Origin[]
  needs: Need[]
  notes: ImportNote[]
  /** Why nobody may move it: all its origins belong to plugins or administrators. */
  readOnly?: string
  bridged?: ServerEntry
}

/** Merges what runs the same. The result is the same in whatever order the entries come; `taken` are names of others. */
export function mergeServers(servers: readonly ReadServer[], taken: readonly string[]): MergedServer[] {
  const groups = new Map<string, ReadServer[]>()
  for (const server of [...servers].sort(byPrecedence)) {
    const key = runKey(server.entry)
    groups.set(key, [...(groups.get(key) ?? []), server])
  }
  return named([...groups.values()].map(merged), taken)
}

const SCOPES: readonly Origin['scope'][] = ['file', 'user', 'project', 'plugin', 'policy']

/** Whose words are kept, and who keeps the name: what is on, then what belongs to the person, then what is written fuller. */
function byPrecedence(a: ReadServer, b: ReadServer): number {
  return (
    Number(a.entry.disabled ?? false) - Number(b.entry.disabled ?? false) ||
    SCOPES.indexOf(a.origin.scope) - SCOPES.indexOf(b.origin.scope) ||
    (b.entry.args?.length ?? 0) - (a.entry.args?.length ?? 0) ||
    compare(canonical(a.entry), canonical(b.entry)) ||
    compare(canonical(a.origin), canonical(b.origin))
  )
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function merged(group: ReadServer[]): MergedServer {
  const [first] = group as [ReadServer]
  const own = group.find(({ readOnly }) => readOnly === undefined)
  const { readOnly, bridged } = own ?? first
  const { timeout: _t, start_timeout: _s, tools: _f, type: _y, ...runs } = first.entry
  const { tools, note } = toolsOf(group)
  return {
    name: commonName(group),
    entry: { ...sharedType(group), ...runs, ...longest(group, 'timeout'), ...longest(group, 'start_timeout'), ...tools },
    origins: group.map(({ origin }) => origin),
    needs: unique(group.flatMap(({ needs }) => needs)),
    notes: unique([...group.flatMap(({ notes }) => notes), ...note]),
    ...(readOnly !== undefined && { readOnly }),
    ...(bridged && { bridged }),
  }
}

function unique<T>(items: T[]): T[] {
  return [...new Map(items.map((item) => [canonical(item), item])).values()]
}

/** Where they disagree about the transport, it is found out. */
function sharedType(group: ReadServer[]): Pick<ServerEntry, 'type'> {
  const types = new Set(group.map(({ entry }) => entry.type))
  const [type] = types
  return types.size === 1 && type !== undefined ? { type } : {}
}

function longest(group: ReadServer[], key: 'timeout' | 'start_timeout'): ServerEntry {
  const limits = group.flatMap(({ entry }) => parseDuration(entry[key] ?? '') ?? [])
  return limits.length > 0 ? { [key]: formatDuration(Math.max(...limits)) } : {}
}

/** Clients may each show other tools of the same server; the gateway shows what one of them shows, and says so. */
function toolsOf(group: ReadServer[]): { tools: Pick<ServerEntry, 'tools'>; note: ImportNote[] } {
  const filters = group.map(({ entry }) => entry.tools ?? {})
  const differ = new Set(filters.map(canonical)).size > 1
  const allow = filters.every((filter) => filter.allow)
    ? [...new Set(filters.flatMap((filter) => filter.allow ?? []))].sort()
    : undefined
  const deny = (filters[0]?.deny ?? []).filter((tool) => filters.every((filter) => filter.deny?.includes(tool)))
  const tools = { ...(allow && { allow }), ...(deny.length > 0 && { deny }) }
  const text = 'its clients show different tools of it; every tool that one of them shows is kept'
  return { tools: Object.keys(tools).length > 0 ? { tools } : {}, note: differ ? [{ kind: 'look', text }] : [] }
}

/** The name that most clients use; of several, the shortest. */
function commonName(group: ReadServer[]): string {
  const counts = new Map<string, number>()
  for (const { name } of group) counts.set(mendedName(name), (counts.get(mendedName(name)) ?? 0) + 1)
  const names = [...counts].sort(([a, x], [b, y]) => y - x || a.length - b.length || compare(a, b))
  return (names[0] as [string, number])[0]
}

const NAME_LENGTH_MAX = 64

/** The servers with names of their own: the second of a name becomes `name-2`. */
function named(servers: MergedServer[], taken: readonly string[]): MergedServer[] {
  const used = new Set([...taken, ...servers.map(({ name }) => name)].map((name) => name.toLowerCase()))
  const given = new Set(taken.map((name) => name.toLowerCase()))
  return servers.map((server) => {
    const free = !given.has(server.name.toLowerCase())
    const name = free ? server.name : nextFree(server.name, used)
    given.add(name.toLowerCase())
    used.add(name.toLowerCase())
    if (free) return server
    const text = `another server is called ${server.name}, so this one is ${name}`
    return { ...server, name, notes: [...server.notes, { kind: 'renamed' as const, text }] }
  })
}

function nextFree(name: string, used: ReadonlySet<string>): string {
  for (let i = 2; ; i++) {
    const end = `-${i}`
    const next = name.slice(0, NAME_LENGTH_MAX - end.length) + end
    if (!used.has(next.toLowerCase())) return next
  }
}
