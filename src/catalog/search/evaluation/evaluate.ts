/** Asks a search every question of an evaluation set, and measures its answers. */
import { type Item, readItem } from '../../../upstream/listing.ts'
import type { Entry } from '../../catalog.ts'
import { signature } from '../../signature/signature.ts'
import type { ServerTools } from '../../tool.ts'
import { openSearch } from '../search.ts'
import { buildIndex } from '../search-index.ts'
import type { Question } from './data.ts'
import { type Answered, RESULTS_MEASURED } from './measure.ts'

export interface Evaluation {
  readonly tools: number
  readonly answered: readonly Answered[]
  /** By question: the tokens of an answer of eight signatures. */
  readonly tokens: readonly number[]
  /** By question: microseconds. */
  readonly microseconds: readonly number[]
  readonly buildMs: number
}

export interface Instruments {
  countTokens(text: string): number
  /** Milliseconds, as fine as there are. */
  now(): number
}

const SHOWN = 8
const ROUNDS = 5

export function evaluate(
  servers: readonly ServerTools[],
  questions: readonly Question[],
  { countTokens, now }: Instruments,
): Evaluation {
  const entries = toolEntries(servers)
  const began = now()
  const index = buildIndex(entries)
  const buildMs = now() - began
  const search = openSearch()
  const answers = questions.map(({ query }) => search(index, query, { limit: RESULTS_MEASURED }).map(({ entry }) => entry))
  return {
    tools: entries.length,
    answered: questions.map((question, at) => ({ question, found: (answers[at] as Entry[]).map(({ exposed }) => exposed) })),
    tokens: answers.map((found) => countTokens(found.slice(0, SHOWN).map(shown).join('\n'))),
    microseconds: questions.map(({ query }) => 1000 * middle(() => search(index, query, { limit: RESULTS_MEASURED }), now)),
    buildMs,
  }
}

/** How long something takes, of several times the one in the middle: the rest tells of the machine. */
function middle(work: () => void, now: () => number): number {
  const times = Array.from({ length: ROUNDS }, () => {
    const began = now()
    work()
    return now() - began
  })
  return times.sort((a, b) => a - b)[ROUNDS >> 1] as number
}

/** The tools as a catalog holds them, whatever length their names have. */
export function toolEntries(servers: readonly ServerTools[]): Entry[] {
  return servers.flatMap(({ server, tools }) =>
    tools.map((tool) => ({
      server,
      target: tool.name,
      exposed: `${server}__${tool.name}`,
      item: readItem(Buffer.from(JSON.stringify(tool)), 'name') as Item,
    })),
  )
}

function shown({ item, exposed }: Entry): string {
  return signature({ ...(JSON.parse(item.bytes.toString()) as object), name: exposed })
}
