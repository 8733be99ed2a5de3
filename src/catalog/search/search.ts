/** Finds the tools that fit a query, the best first: the same for the same tools, whatever order they came in. */
import type { Entry } from '../catalog.ts'
import { type Concept, type Language, openLanguage, readQuery } from './query.ts'
import { type Part, plainName, type SearchIndex } from './search-index.ts'
import type { Segment } from './segment.ts'

export interface Hit {
  readonly entry: Entry
  /** How much of what was asked for the tool answers, from 0 to 1. */
  readonly fit: number
}

export interface SearchOptions {
  limit?: number
  /** What fits less is left out. With 0 a query that nothing fits still gets the names that are nearest to it. */
  fitMin?: number
  /** Only tools of this server. */
  server?: string
  /** Only tools of which this is true; what a caller must not call, it must not find. */
  allowed?: (entry: Entry) => boolean
  /** How often a tool, by its exposed name, has been called, where what is long ago counts less. Without it nothing is preferred. */
  used?: (exposed: string) => number
}

export type Search = (index: SearchIndex, query: string, options?: SearchOptions) => Hit[]

const LIMIT = 8
/** Tools that fit less have a common word with the query, and nothing to do with it. */
const FIT_MIN = 0.2

/** Above the best score that words can reach. */
const EXACT = 1e6
/** Of the tools that only another word for a thing finds, so many count as one when it is said how rare the thing is. */
const INDIRECT_SHARE = 0.3
/** In a catalog of five tools that all speak of files, a file is still something to ask for. */
const SIZE_MIN = 200
/** A name that consists of what was asked for. */
const NAME_BONUS = 0.4
/** A server whose tools are mostly about what was asked for. */
const SERVER_BONUS = 0.35
/** A tool that does, or does not do, to things what the query wants done. */
const INTENT_BONUS = 0.06
/** A tool that has been called very often; half of it after so many calls. Little, so that it decides between equals only. */
const USE_BONUS = 0.1
const USE_HALF = 5
/** Where names are looked for, and how many. */
const NAMED_CHARS_MAX = 1_000
const NAMES_MAX = 16

/** Makes a search. It keeps its working memory from one query to the next. */
export function openSearch(): Search {
  const language = openLanguage()
  let memory = new Memory(0)
  return (index, query, options = {}) => {
    if (memory.scores.length < index.partOf.length) memory = new Memory(index.partOf.length)
    return run(index, query, options, { language, memory })
  }
}

/** By tool, except the last. All zero between queries. */
class Memory {
  readonly scores: Float32Array
  /** How much of the words of its name the query says. */
  readonly named: Float32Array
  /** Of the concept at hand: how well the tool says it, and whether in its name. */
  readonly said: Float32Array
  readonly saidInName: Float32Array
  /** The tools that the concept at hand has found. */
  readonly found: Int32Array

  constructor(size: number) {
    this.scores = new Float32Array(size)
    this.named = new Float32Array(size)
    this.said = new Float32Array(size)
    this.saidInName = new Float32Array(size)
    this.found = new Int32Array(size)
  }
}

interface Means {
  readonly language: Language
  readonly memory: Memory
}

function run(index: SearchIndex, text: string, options: SearchOptions, { language, memory }: Means): Hit[] {
  const { concepts, intent } = readQuery(text, index, language)
  const ofServers = new Float64Array(index.parts.length)
  let full = 0
  for (const concept of concepts) full += addConcept(concept, index, memory, ofServers)
  try {
    const ranked = rank(index, { memory, ofServers, intent, exact: exactNames(text, index) }, options)
    const hits = ranked.map(({ entry, score }) => ({ entry, fit: Math.min(1, score / full) }))
    return hits.filter(({ fit }) => fit >= (options.fitMin ?? FIT_MIN))
  } finally {
    memory.scores.fill(0)
    memory.named.fill(0)
  }
}

/** Adds what a concept says about each tool; returns what it would say about a tool that is about nothing else. */
function addConcept(concept: Concept, index: SearchIndex, memory: Memory, ofServers: Float64Array): number {
  const { found, said, saidInName, scores, named } = memory
  let count = 0
  let direct = -1
  for (const [word, worth] of concept) {
    count = addWord(word, worth, index, memory, count)
    // The first is the query's own word.
    if (direct < 0) direct = count
  }
  const size = index.partOf.length
  const rarity = rarityOf(direct + (count - direct) * INDIRECT_SHARE, size)
  for (let at = 0; at < count; at++) {
    const tool = found[at] as number
    const part = index.partOf[tool] as number
    const says = rarity * (said[tool] as number)
    ofServers[part] = (ofServers[part] as number) + says
    scores[tool] = (scores[tool] as number) + says
    named[tool] = (named[tool] as number) + (saidInName[tool] as number)
    said[tool] = 0
    saidInName[tool] = 0
  }
  return rarity
}

/** Adds what one word says; returns how many tools the concept has found by now. */
function addWord(word: string, worth: number, index: SearchIndex, { found, said, saidInName }: Memory, before: number): number {
  const { dictionary, starts, tools, impacts } = index
  const id = dictionary.id(word)
  if (id === undefined || id + 1 >= starts.length) return before
  const end = starts[id + 1] as number
  let count = before
  for (let at = starts[id] as number; at < end; at++) {
    const tool = tools[at] as number
    const impact = impacts[at] as number
    const inName = impact > 1
    const sofar = said[tool] as number
    if (sofar === 0) found[count++] = tool
    // Each further word for the same thing makes it likelier that the tool is about it.
    said[tool] = sofar + (1 - sofar) * worth * (inName ? impact - 1 : impact)
    if (inName && worth > (saidInName[tool] as number)) saidInName[tool] = worth
  }
  return count
}

/** How much it says that a tool is about something, by how many of all are. */
function rarityOf(count: number, all: number): number {
  return Math.log(1 + (Math.max(all, SIZE_MIN) - count + 0.5) / (count + 0.5))
}

/** The tools that the query calls by their names: by all of it, or by a word of it that is no ordinary one. */
function exactNames(text: string, { names }: SearchIndex): ReadonlySet<number> {
  if (text.length > NAMED_CHARS_MAX) return new Set()
  const called = text.split(/[\s"'`,;:()]+/).filter((word) => /[\p{L}\p{N}][_-]|\p{Ll}\p{Lu}/u.test(word))
  return new Set([text, ...called.slice(0, NAMES_MAX)].flatMap((name) => names.get(plainName(name)) ?? []))
}

interface Findings {
  readonly memory: Memory
  readonly ofServers: Float64Array
  readonly intent: number
  readonly exact: ReadonlySet<number>
}

interface Ranked {
  readonly entry: Entry
  readonly score: number
}

function rank(index: SearchIndex, findings: Findings, options: SearchOptions): Ranked[] {
  const { limit = LIMIT, server, allowed, used } = options
  const { scores } = findings.memory
  const factors = serverFactors(index, findings)
  const best: Ranked[] = []
  for (let tool = 0; tool < index.partOf.length; tool++) {
    const words = scores[tool] as number
    const isExact = findings.exact.size > 0 && findings.exact.has(tool)
    if (words === 0 && !isExact) continue
    const part = index.partOf[tool] as number
    const { segment, start } = index.parts[part] as Part
    let score = words * (factors[part] as number) * ownFactor(segment, tool - start, tool, findings)
    const entry = segment.entries[tool - start] as Entry
    if (used) score *= useFactor(used(entry.exposed))
    if (isExact) score += EXACT
    if (best.length === limit && score < (best[limit - 1] as Ranked).score) continue
    if ((server === undefined || segment.server === server) && (!allowed || allowed(entry))) insert(best, { entry, score }, limit)
  }
  return best
}

/** By part: what it adds to a tool that its server is about what was asked for. */
function serverFactors({ parts }: SearchIndex, { ofServers }: Findings): number[] {
  const shares = parts.map(({ segment }, part) => (ofServers[part] as number) / segment.entries.length)
  const most = shares.reduce((max, share) => Math.max(max, share), Number.MIN_VALUE)
  return shares.map((share) => 1 + (SERVER_BONUS * share) / most)
}

function ownFactor({ nameLengths, intents }: Segment, number: number, tool: number, { memory, intent }: Findings): number {
  const named = Math.min(1, (memory.named[tool] as number) / (nameLengths[number] as number))
  const own = intents[number] as number
  const fitting = own === 0 ? 1 : (own & intent) === 0 ? 1 - INTENT_BONUS : 1 + INTENT_BONUS
  return (1 + NAME_BONUS * named) * fitting
}

function useFactor(calls: number): number {
  return calls > 0 ? 1 + (USE_BONUS * calls) / (calls + USE_HALF) : 1
}

/** Keeps the best, in order; of two that are equally good the one whose name comes first. */
function insert(best: Ranked[], one: Ranked, limit: number): void {
  if (best.length === limit && !isBefore(one, best[limit - 1] as Ranked)) return
  let at = best.length
  while (at > 0 && isBefore(one, best[at - 1] as Ranked)) at--
  best.splice(at, 0, one)
  if (best.length > limit) best.pop()
}

function isBefore(a: Ranked, b: Ranked): boolean {
  return a.score > b.score || (a.score === b.score && a.entry.exposed < b.entry.exposed)
}
