/** Reads a query: the things that are asked for, each as the words by which a tool may call it. */
import { distance } from '../../std/suggest.ts'
import { queryIntent } from './intent.ts'
import { phraseTable } from './phrases.ts'
import type { SearchIndex } from './search-index.ts'
import { stem } from './stem.ts'
import { type Synonyms, synonymTable } from './synonyms.ts'
import { isStopWord, words } from './words.ts'

/** One thing that is asked for: the stems that stand for it, and what a hit for each is worth, the query's own word first. */
export type Concept = ReadonlyMap<string, number>

export interface Query {
  readonly concepts: readonly Concept[]
  readonly intent: number
}

export interface Language {
  readonly synonyms: Synonyms
  readonly phrases: ReadonlyMap<string, readonly (readonly string[])[]>
}

/** More is no question for a tool, but a text that somebody pasted. */
const CHARS_MAX = 2_000
const CONCEPTS_MAX = 24
const PHRASE_WORDS_MAX = 4

const PHRASE_WEIGHT = 0.9
const COMPOUND_WEIGHT = 0.9
/** By the number of mistakes in a word. */
const TYPO_WEIGHTS = [1, 0.7, 0.5]
/** Mistakes are looked for in the first few unknown words only, because each look goes through all known ones. */
const RESCUES_MAX = 4

export function openLanguage(): Language {
  return { synonyms: synonymTable(), phrases: phraseTable() }
}

export function readQuery(text: string, index: SearchIndex, language: Language): Query {
  const all = words(text.slice(0, CHARS_MAX))
  const { meant, rest } = takePhrases(all, language)
  const content = rest.filter((word) => !isStopWord(word))
  // A query of nothing but small words means them.
  const own = [...new Set((content.length > 0 || meant.length > 0 ? content : rest).map(stem))]
  const concepts: Concept[] = own.map((word) => wordConcept(word, language))
  joinCompounds(own, concepts, index)
  rescue(own, concepts, index, language)
  for (const same of meant) concepts.push(phraseConcept(same, language))
  const intent = queryIntent([...own, ...meant.flat().map(stem)])
  return { concepts: concepts.slice(0, CONCEPTS_MAX), intent }
}

/** Takes out the turns of phrase, the longest first. */
function takePhrases(all: readonly string[], { phrases }: Language): { meant: (readonly string[])[]; rest: string[] } {
  const meant: (readonly string[])[] = []
  const rest: string[] = []
  for (let at = 0; at < all.length; ) {
    let taken = 0
    for (let length = PHRASE_WORDS_MAX; length > 0 && taken === 0; length--) {
      const things = at + length <= all.length && phrases.get(all.slice(at, at + length).join(' '))
      if (!things) continue
      meant.push(...things)
      taken = length
    }
    if (taken === 0) rest.push(all[at] as string)
    at += Math.max(1, taken)
  }
  return { meant, rest }
}

function wordConcept(word: string, { synonyms }: Language): Map<string, number> {
  return new Map([[word, 1], ...(synonyms.get(word) ?? [])])
}

function phraseConcept(same: readonly string[], { synonyms }: Language): Concept {
  const concept = new Map<string, number>(same.map((word) => [stem(word), PHRASE_WEIGHT]))
  for (const word of same) {
    for (const [other, weight] of synonyms.get(stem(word)) ?? []) {
      if (!concept.has(other)) concept.set(other, weight * PHRASE_WEIGHT)
    }
  }
  return concept
}

/** `pull request` also means a word `pullrequest`, where a server writes it so. */
function joinCompounds(own: readonly string[], concepts: Concept[], index: SearchIndex): void {
  for (let at = 0; at + 1 < own.length; at++) {
    const joined = stem(`${own[at]}${own[at + 1]}`)
    if (!isKnown(joined, index)) continue
    for (const part of [at, at + 1]) concepts[part] = new Map([...(concepts[part] as Concept), [joined, COMPOUND_WEIGHT]])
  }
}

/** Reads the words that nobody knows as two words written together, or as a known one with a mistake in it. */
function rescue(own: readonly string[], concepts: Concept[], index: SearchIndex, language: Language): void {
  let left = RESCUES_MAX
  for (const [at, word] of own.entries()) {
    const concept = concepts[at] as Concept
    if ([...concept.keys()].some((one) => isKnown(one, index))) continue
    if (left-- === 0) return
    const halves = split(word, index)
    if (halves) {
      concepts[at] = wordConcept(halves[0], language)
      concepts.push(wordConcept(halves[1], language))
    } else concepts[at] = corrected(word, index)
  }
}

function split(word: string, index: SearchIndex): [string, string] | undefined {
  for (let at = 3; at <= word.length - 3; at++) {
    const [first, second] = [stem(word.slice(0, at)), stem(word.slice(at))]
    if (isKnown(first, index) && isKnown(second, index)) return [first, second]
  }
  return undefined
}

/** The known words that are nearest to one with a typing mistake. */
function corrected(word: string, index: SearchIndex): Concept {
  const limit = word.length < 5 ? 0 : word.length < 9 ? 1 : 2
  const concept = new Map<string, number>([[word, 1]])
  let fewest = limit
  const near: [string, number][] = []
  for (const known of limit > 0 ? index.dictionary.stems : []) {
    // Hardly anybody mistypes the first letter, and to insist on it saves most of the work.
    if (known[0] !== word[0] || Math.abs(known.length - word.length) > fewest) continue
    const mistakes = distance(word, known)
    if (mistakes > fewest || !isKnown(known, index)) continue
    fewest = mistakes
    near.push([known, mistakes])
  }
  for (const [known, mistakes] of near) if (mistakes === fewest) concept.set(known, TYPO_WEIGHTS[mistakes] as number)
  return concept
}

/** Whether some tool has the word. Older indexes may share a dictionary that has grown since. */
function isKnown(root: string, { dictionary, starts }: SearchIndex): boolean {
  const id = dictionary.id(root)
  return id !== undefined && id + 1 < starts.length && (starts[id] as number) < (starts[id + 1] as number)
}
