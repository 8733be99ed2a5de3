/** Accepts the `mcpServers` object of other clients wherever people paste it. */
import type { LineCounter } from 'yaml'
import type { Report } from './problem.ts'
import { type Entry, type MapTree, type Tree, twice } from './tree.ts'

const PASTED = 'mcpServers'

/** The tree with every server under `servers`, whether it came with the wrapper key or without. */
export function gatherServers(root: MapTree, report: Report, lines: LineCounter): MapTree {
  const entries = new Map(root.entries)
  // JSON files name their schema this way; it is for editors only.
  entries.delete('$schema')
  entries.delete(PASTED)
  const sections = ['servers', PASTED].map((key) => root.entries.get(key)).filter((entry) => entry !== undefined)
  const [first] = sections
  if (!first || (sections.length === 1 && !pastedInside(first.value))) {
    if (first) entries.set('servers', first)
    return { ...root, entries }
  }
  const servers = new Map<string, Entry>()
  for (const section of sections) addServers(section.value, servers, report, lines)
  const value: MapTree = { kind: 'map', at: first.value.at, key: first.value.key, count: 1, entries: servers }
  return { ...root, entries: entries.set('servers', { keyAt: first.keyAt, value }) }
}

function addServers(section: Tree, servers: Map<string, Entry>, report: Report, lines: LineCounter): void {
  if (section.kind !== 'map') {
    // A section without entries is an empty one; anything else was meant to be something.
    if (section.kind === 'list' || section.value !== null)
      report(section.at, section.key, 'expected keys and values: the servers by name')
    return
  }
  const wrapper = pastedInside(section)
  for (const [name, entry] of section.entries) {
    if (entry.value === wrapper) addServers(wrapper, servers, report, lines)
    else {
      const first = servers.get(name)
      if (first) report(entry.keyAt, entry.value.key, twice(lines, first.keyAt))
      else servers.set(name, entry)
    }
  }
}

/** The wrapper among the entries. A server that is called mcpServers has plain values, a wrapper has only servers. */
function pastedInside(section: Tree): MapTree | undefined {
  const inside = section.kind === 'map' ? section.entries.get(PASTED)?.value : undefined
  return inside?.kind === 'map' && [...inside.entries.values()].every(({ value }) => value.kind === 'map') ? inside : undefined
}
