/** `npm run bench:tokens`: what the recorded tools of real servers cost a model on each surface, and what a whole task costs. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Entry } from '../../src/catalog/catalog.ts'
import { parseCatalogue, parseEvaluationSet, type Question } from '../../src/catalog/search/evaluation/data.ts'
import { toolEntries } from '../../src/catalog/search/evaluation/evaluate.ts'
import { openSearch } from '../../src/catalog/search/search.ts'
import { buildIndex } from '../../src/catalog/search/search-index.ts'
import { signature } from '../../src/catalog/signature/signature.ts'
import type { ServerTools, Tool } from '../../src/catalog/tool.ts'
import { metaDefinitions } from '../../src/gateway/meta/definitions.ts'
import { type CountTokens, loadTokenCounter } from '../../src/observe/tokens.ts'

const DATA = join(import.meta.dirname, '..', 'search')
const RESULTS = 8
/** A task of one call takes two requests to the model without a search, three with one: each sends the definitions again. */
const REQUESTS_DIRECT = 2
const REQUESTS_SEARCH = 3

const servers = readdirSync(join(DATA, 'catalogues')).map((file) => read(join(DATA, 'catalogues', file), parseCatalogue))
const { questions } = read(join(DATA, 'queries.json'), parseEvaluationSet)
report(servers, questions, await loadTokenCounter())

function report(servers: readonly ServerTools[], questions: readonly Question[], count: CountTokens): void {
  const entries = toolEntries(servers)
  const direct = count(`[${entries.map((entry) => JSON.stringify(definition(entry))).join(',')}]`)
  const views = servers.map(({ server, tools }) => ({
    name: server,
    tools: tools.length,
    down: undefined,
    instructions: undefined,
  }))
  const search = count(`[${metaDefinitions(views, false).join(',')}]`)
  const index = buildIndex(entries)
  const find = openSearch()
  const answers = questions.flatMap(({ query }) => {
    const hits = find(index, query, { limit: RESULTS })
    return hits.length === 0 ? [] : [count(hits.map(({ entry }) => signature(definition(entry))).join('\n'))]
  })
  answers.sort((a, b) => a - b)
  const answer = answers[Math.floor(answers.length / 2)] as number
  const query = count(JSON.stringify({ name: 'gateway_search_tools', arguments: { query: questions[0]?.query } }))
  const wrapping = count('{"name":"gateway_invoke","arguments":{"tool":"","arguments":}}')
  const directTask = REQUESTS_DIRECT * direct
  // The answer of the search is sent again with the request that follows it, and so is what was asked.
  const searchTask = REQUESTS_SEARCH * search + 2 * (answer + query) + wrapping
  const saved = (a: number, b: number): string => `${((1 - a / b) * 100).toFixed(1)} % less`
  const line = (what: string, tokens: number, note = ''): void =>
    console.log(`${what.padEnd(46)}${tokens.toLocaleString('en-US').padStart(9)}${note && `   ${note}`}`)
  console.log(`${servers.length} recorded servers, ${entries.length} tools; tokens of o200k_base, measured\n`)
  line('definitions, direct surface', direct)
  line('definitions, search surface', search, saved(search, direct))
  line(`one search answer (${RESULTS} tools), median of ${answers.length}`, answer, `most ${answers.at(-1)}`)
  line(`one task, direct: ${REQUESTS_DIRECT} × definitions`, directTask)
  line(`one task, search: ${REQUESTS_SEARCH} × definitions + 2 × answer`, searchTask, saved(searchTask, directTask))
}

/** The tool under the name that clients see. */
function definition({ item, exposed }: Entry): Tool {
  return { ...(JSON.parse(item.bytes.toString()) as object), name: exposed }
}

function read<T>(file: string, parse: (json: unknown) => T | { problem: string }): T {
  const read = parse(JSON.parse(readFileSync(file, 'utf8')))
  if (typeof read === 'object' && read !== null && 'problem' in read) throw new Error(`${file}: ${read.problem}`)
  return read as T
}
