/** Finds where the values of a YAML document end, to the byte. */
import { type CST, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml'

export type MapNode = YAMLMap<Node, Node | null>
export type PairNode = Pair<Node, Node | null>

export function pairsOf(map: MapNode): PairNode[] {
  return map.items as PairNode[]
}

export function keyOf(pair: PairNode): string {
  return isScalar(pair.key) ? String(pair.key.value) : ''
}

export function keyAt(pair: PairNode): number {
  return pair.key.range?.[0] ?? 0
}

export function findPair(map: MapNode, key: string): PairNode | undefined {
  return pairsOf(map).find((pair) => keyOf(pair) === key)
}

/** Behind the last character of a pair that is no blank and no comment. */
export function pairEnd(source: string, pair: PairNode): number {
  const bare = tokensEnd(sepOf(pair)) ?? pair.key.range?.[1] ?? 0
  return Math.max(bare, pair.value ? nodeEnd(source, pair.value) : 0)
}

/** Behind the colon of a pair, and behind the anchor or tag that follows it. */
export function colonEnd(pair: PairNode): number {
  return tokensEnd(sepOf(pair)) ?? pair.key.range?.[1] ?? 0
}

/** A key that is written with a question mark: nothing that a person writes in a config, so nothing that we edit. */
export function isExplicit(pair: PairNode): boolean {
  return startOf(pair).some(({ type }) => type === 'explicit-key-ind')
}

/** The part of the source that a value takes, without its anchor and its comments; empty where it is nothing. */
export function valueRange(source: string, value: Node): [number, number] {
  return [value.range?.[0] ?? 0, nodeEnd(source, value)]
}

function nodeEnd(source: string, node: Node): number {
  const [start = 0, end = 0] = node.range ?? []
  // Nothing stands wherever the parser has looked for it, which may be lines below the key.
  if (start === end) return 0
  if (isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED')) return blockScalarEnd(source, start, end)
  if ((isMap(node) || isSeq(node)) && !node.flow) return Math.max(start, ...node.items.map((item) => itemEnd(source, item)))
  return end
}

function itemEnd(source: string, item: unknown): number {
  const pair = item as Partial<PairNode>
  if (pair.key !== undefined) return pairEnd(source, item as PairNode)
  return item ? nodeEnd(source, item as Node) : 0
}

/** The blank lines below a block scalar are part of it only where its head says `+`. */
function blockScalarEnd(source: string, start: number, end: number): number {
  const head = source.slice(start, source.indexOf('\n', start) + 1 || end)
  return /^[|>]\d?\+/.test(head) ? end : start + source.slice(start, end).trimEnd().length
}

function sepOf(pair: PairNode): CST.SourceToken[] {
  return pair.srcToken?.sep ?? []
}

export function startOf(pair: PairNode): CST.SourceToken[] {
  return pair.srcToken?.start ?? []
}

function tokensEnd(tokens: CST.SourceToken[]): number | undefined {
  const last = tokens.findLast(({ type }) => type === 'map-value-ind' || type === 'anchor' || type === 'tag')
  return last && last.offset + last.source.length
}

/** The anchors that are set between two offsets, with where each of them is repeated elsewhere. */
export function repeatedElsewhere(root: Node | null, from: number, to: number): { name: string; at: number } | undefined {
  const anchors = new Set<string>()
  const aliases: { name: string; at: number }[] = []
  const walk = (node: unknown): void => {
    if (isAlias(node)) aliases.push({ name: node.source, at: node.range?.[0] ?? 0 })
    else if (isMap(node) || isSeq(node) || isScalar(node)) {
      const at = node.range?.[0] ?? 0
      if (node.anchor && at >= from && at < to) anchors.add(node.anchor)
      if (!isScalar(node)) for (const item of node.items) walk(item)
    } else if (node && typeof node === 'object' && 'key' in node) {
      const pair = node as PairNode
      walk(pair.key)
      walk(pair.value)
    }
  }
  walk(root)
  return aliases.find(({ name, at }) => anchors.has(name) && (at < from || at >= to))
}
