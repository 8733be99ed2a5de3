/** Finds the maps of a config that hold servers: `servers:`, and `mcpServers` wherever people paste it. */
import { isMap, isScalar, type Node } from 'yaml'
import { findPair, keyAt, keyOf, type MapNode, type PairNode, pairsOf } from './nodes.ts'

const PASTED = 'mcpServers'

/** A key with servers, and what stands there: a map, or nothing yet. */
export interface Section {
  /** The map that the key stands in. */
  parent: MapNode
  pair: PairNode
  map: MapNode | undefined
}

/** The sections in the order in which they are looked at; what is no section is given as the pair that is in the way. */
export function sectionsOf(root: MapNode): { sections: Section[]; wrong: PairNode | undefined } {
  const sections: Section[] = []
  let wrong: PairNode | undefined
  for (const key of ['servers', PASTED]) {
    const pair = findPair(root, key)
    if (!pair) continue
    const { value } = pair
    if (isNothing(value)) sections.push({ parent: root, pair, map: undefined })
    else if (isMapNode(value)) sections.push(...withWrapped({ parent: root, pair, map: value }))
    else wrong ??= pair
  }
  return { sections, wrong }
}

/** A section may hold a pasted one beside its own servers. */
function withWrapped(section: Section & { map: MapNode }): Section[] {
  const pair = findPair(section.map, PASTED)
  const wrapped = pair?.value
  if (!pair || !isMapNode(wrapped) || !pairsOf(wrapped).every(({ value }) => isMap(value))) return [section]
  const inner = { parent: section.map, pair, map: wrapped }
  // Where nothing but the wrapper is there, the wrapper is the section.
  return pairsOf(section.map).length > 1 ? [section, inner] : [inner]
}

/** The entry of a server and the section that it stands in. */
export function findServer(sections: Section[], name: string): { section: Section; map: MapNode; pair: PairNode } | undefined {
  for (const section of sections) {
    const { map } = section
    const pair = map && findPair(map, name)
    if (map && pair && !sections.some((one) => one.pair === pair)) return { section, map, pair }
  }
  return undefined
}

/** The names of all servers, in the order of the file. */
export function serverNames(sections: Section[]): string[] {
  const inner = new Set(sections.map(({ pair }) => pair))
  const pairs = sections.flatMap(({ map }) => (map ? pairsOf(map) : [])).filter((pair) => !inner.has(pair))
  return pairs.sort((a, b) => keyAt(a) - keyAt(b)).map(keyOf)
}

export function isMapNode(node: Node | null | undefined): node is MapNode {
  return isMap(node)
}

/** Nothing stands there, or a word that says so. */
export function isNothing(node: Node | null): boolean {
  return node === null || (isScalar(node) && node.value === null)
}
