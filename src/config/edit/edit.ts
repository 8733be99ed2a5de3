/** Edits the servers of a config as text: what an edit is about changes, and every other byte stays. */
import { isAlias, isScalar, type Node } from 'yaml'
import { blockEnd, fillBlock, insertInBlock, insertLines, regionOf, removeFromBlock, rewriteInBlock } from './block.ts'
import { blockLines, flowText, scalar, type Value } from './entry-text.ts'
import { insertInFlow, removeFromFlow, styleOf } from './flow.ts'
import { columnOf, type Splice } from './lines.ts'
import { colonEnd, findPair, keyAt, keyOf, type MapNode, type PairNode, pairEnd, pairsOf, valueRange } from './nodes.ts'
import {
  type Edit,
  editing,
  entryOf,
  type Found,
  type Page,
  pathOf,
  type Refusal,
  readPage,
  repetition,
  sequence,
} from './page.ts'
import { findServer, isMapNode, isNothing, serverNames } from './sections.ts'

/** One entry of `servers:` as it is written: the keys of the options, with `${…}` in their texts. */
export type ServerEntry = Record<string, Value | undefined>

/** Adds a server behind the last one. Its entry is plain data: texts, numbers, facts, lists and maps. */
export function addServer(name: string, entry: object): Edit {
  return editing((page) => {
    const there = findServer(page.sections, name)
    if (there) return { at: keyAt(there.pair), key: pathOf(there), message: 'a server of this name is there already' }
    const section = page.sections.find(({ map }) => map && pairsOf(map).length > 0) ?? page.sections[0]
    if (!section) return addSection(page, name, entry)
    return addPair(page.source, section.parent, section.pair, name, entry as ServerEntry)
  })
}

/** Takes servers away, each with the comment right above it. */
export function removeServers(names: readonly string[]): Edit {
  return sequence(names.map(removeServer))
}

/** Sets one key of a server. */
export function setKey(name: string, key: string, value: Value): Edit {
  return editing((page) => {
    const entry = editable(page, name)
    if (!('section' in entry)) return entry
    const pair = isMapNode(entry.pair.value) ? findPair(entry.pair.value, key) : undefined
    if (!pair || !isMapNode(entry.pair.value)) return addPair(page.source, entry.map, entry.pair, key, value)
    if (JSON.stringify(plain(page, pair.value)) === JSON.stringify(value)) return []
    return repetition(page, entry, regionOf(page.source, pair)) ?? writeValue(page.source, entry.pair.value, pair, value)
  })
}

/** Takes one key of a server away, if it is there. */
export function unsetKey(name: string, key: string): Edit {
  return editing((page) => {
    const entry = editable(page, name)
    if (!('section' in entry)) return entry
    const map = entry.pair.value
    const pair = isMapNode(map) ? findPair(map, key) : undefined
    if (!pair || !isMapNode(map)) return []
    const region = map.flow ? flowRegion(page.source, pair) : regionOf(page.source, pair)
    return repetition(page, entry, region) ?? removePair(page.source, entry.map, entry.pair, map, pair)
  })
}

/** Gives a server the keys of another entry; those that are the same stay as they are written. */
export function replaceServer(name: string, replacement: object): Edit {
  const entry = replacement as ServerEntry
  return (source, file) => {
    const before = readServer(source, file, name) ?? {}
    const set = Object.entries(entry).flatMap(([key, value]) => (value === undefined ? [] : [setKey(name, key, value)]))
    const unset = Object.keys(before).filter((key) => entry[key] === undefined)
    return sequence([...set, ...unset.map((key) => unsetKey(name, key))])(source, file)
  }
}

/** The entry of a server as it is written; undefined where there is none, or the text cannot be read. */
export function readServer(source: string, file: string, name: string): ServerEntry | undefined {
  const page = readPage(source, file)
  if ('problems' in page) return undefined
  const found = findServer(page.sections, name)
  if (!found) return undefined
  const value = plain(page, found.pair.value)
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as ServerEntry) : {}
}

/** The names of the servers in a config, in its order. */
export function readServerNames(source: string, file: string): string[] {
  const page = readPage(source, file)
  return 'problems' in page ? [] : serverNames(page.sections)
}

/** The keys that lead to a server; undefined where there is none. */
export function readServerPath(source: string, name: string): string[] | undefined {
  const page = readPage(source, '')
  if ('problems' in page) return undefined
  const found = findServer(page.sections, name)
  if (!found) return undefined
  const { parent, pair } = found.section
  // A wrapper may stand within the section.
  return [...(parent === page.root ? [] : ['servers']), keyOf(pair), name]
}

function removeServer(name: string): Edit {
  return editing((page) => {
    const found = entryOf(page, name)
    if (!('section' in found)) return found
    const { map, pair, section } = found
    const region = map.flow ? flowRegion(page.source, pair) : regionOf(page.source, pair)
    return repetition(page, found, region) ?? removePair(page.source, section.parent, section.pair, map, pair)
  })
}

/** The entry of a server whose keys can be edited without a change elsewhere. */
function editable(page: Page, name: string): Found | Refusal {
  const found = entryOf(page, name)
  if (!('section' in found)) return found
  const { value } = found.pair
  const at = keyAt(found.pair)
  if (isAlias(value)) {
    return { at, key: pathOf(found), message: `*${value.source} repeats another entry; write the keys out, and try again` }
  }
  if (!isNothing(value) && !isMapNode(value)) return { at, key: pathOf(found), message: 'expected keys and values' }
  const start = value?.range?.[0] ?? at
  return repetition(page, found, [start, start + 1]) ?? found
}

/** Adds a pair to the map behind a key, whatever stands there now. */
function addPair(source: string, parent: MapNode, holder: PairNode, key: string, value: Value): Splice[] {
  const map = holder.value
  if (isMapNode(map) && !map.flow) return insertInBlock(source, map, key, value)
  const [start, end] = map && !isNothing(map) ? valueRange(source, map) : nothingRange(source, holder)
  const empty = /^\{\s*\}$|^(?:~|null|Null|NULL)?$/.test(source.slice(start, end))
  if (parent.flow || !empty) {
    if (isMapNode(map)) return insertInFlow(source, map, key, value)
    return [{ from: colonEnd(holder), to: end, text: ` ${flowText({ [key]: value }, styleOf(source, parent))}` }]
  }
  const clear = { from: colonEnd(holder), to: Math.max(end, colonEnd(holder)), text: '' }
  return [clear, ...fillBlock(source, holder, columnOf(source, keyAt(holder)) ?? 0, key, value)]
}

function removePair(source: string, parent: MapNode, holder: PairNode, map: MapNode, pair: PairNode): Splice[] {
  if (map.flow) return removeFromFlow(source, map, pair)
  const removed = removeFromBlock(source, map, pair)
  if (pairsOf(map).length > 1 || parent.flow) return removed
  // A key with nothing below it would look as if something had been lost.
  return [{ from: colonEnd(holder), to: colonEnd(holder), text: ' {}' }, ...removed]
}

/** A config without a section for servers gets one at its end. */
function addSection({ source, root }: Page, name: string, entry: object): Splice[] {
  const servers = { [name]: entry as ServerEntry }
  if (root?.flow) return insertInFlow(source, root, 'servers', servers)
  const lines = blockLines('servers', servers, '  ')
  const at = root ? blockEnd(source, root) : source.length
  const above = source.slice(0, at).replace(/^\uFEFF/, '')
  return [insertLines(source, at, lines, 0, above.trim() !== '' && !/\n[ \t]*\r?\n$/.test(above))]
}

/** Writes another value behind a key: in its place where both are short, on the lines of the pair where not. */
function writeValue(source: string, map: MapNode, pair: PairNode, value: Value): Splice[] {
  const { value: old } = pair
  const [from, to] = old && !isNothing(old) ? valueRange(source, old) : nothingRange(source, pair)
  const gap = from === colonEnd(pair) ? ' ' : ''
  if (map.flow) return [{ from, to, text: gap + flowText(value, styleOf(source, map)) }]
  const short = typeof value !== 'object' && !source.slice(from, to).includes('\n') && !isOpen(old)
  if (short) return [{ from, to, text: gap + scalar(value, 'block') }]
  return rewriteInBlock(source, map, pair, value)
}

/** A block of its own, whose head says nothing about where it ends. */
function isOpen(node: Node | null): boolean {
  if (isScalar(node)) return node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED'
  return isMapNode(node) && !node.flow
}

/** Where a word for nothing stands, or right behind the colon where there is none. */
function nothingRange(source: string, pair: PairNode): [number, number] {
  const [start = 0, end = 0] = pair.value?.range ?? []
  return end > start ? [start, pairEnd(source, pair)] : [colonEnd(pair), colonEnd(pair)]
}

function flowRegion(source: string, pair: PairNode): [number, number] {
  return [keyAt(pair), pairEnd(source, pair)]
}

function plain({ document }: Page, node: Node | null): unknown {
  return node === null || document === undefined ? null : (node.toJS(document) as unknown)
}
