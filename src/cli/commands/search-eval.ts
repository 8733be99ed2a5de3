/** `mcp-gw search eval`: measures the search on questions of which the right tools are known. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import {
  type EvaluationSet,
  halfOf,
  parseCatalogue,
  parseEvaluationSet,
  unknownAnswers,
} from '../../catalog/search/evaluation/data.ts'
import { type Evaluation, evaluate } from '../../catalog/search/evaluation/evaluate.ts'
import { haystack } from '../../catalog/search/evaluation/haystack.ts'
import { type Answered, falseAnswers, type Quality, qualityOf } from '../../catalog/search/evaluation/measure.ts'
import type { ServerTools } from '../../catalog/tool.ts'
import { loadTokenCounter } from '../../observe/tokens.ts'
import { Exit } from '../exit.ts'
import { print, printJson, table } from '../terminal.ts'
import { wholeNumber } from './search.ts'

export interface EvalOptions {
  data?: string
  haystack?: string
  json?: boolean
}

/** The set that the published figures come from; it is part of the sources, not of the package. */
const OWN_SET = 'test/search/queries.json'

export async function searchEval(options: EvalOptions): Promise<void> {
  const { servers, questions } = await readSet(options.data ?? ownSet())
  const others = options.haystack === undefined ? [] : haystack(wholeNumber('--haystack', options.haystack))
  const countTokens = await loadTokenCounter()
  const result = evaluate([...servers, ...others], questions, { countTokens, now: () => performance.now() })
  const quality = qualities(result.answered)
  if (options.json) return printJson(report(result, quality))
  show(result, quality, others.length > 0)
}

function ownSet(): string {
  if (existsSync(OWN_SET)) return OWN_SET
  throw new Exit(2, `${OWN_SET} is not here; run this in the sources of mcp-gw, or give a set of your own with --data FILE`)
}

async function readSet(file: string): Promise<EvaluationSet> {
  const set = parseEvaluationSet(await readJson(file))
  if ('problem' in set) throw new Exit(2, `${file} is no evaluation set:\n${set.problem}`)
  const servers = await Promise.all(set.files.map((path) => readCatalogue(resolve(dirname(file), path))))
  const all = [...set.servers, ...servers]
  const unknown = unknownAnswers(set.questions, all)
  if (unknown.length > 0) throw new Exit(2, `${file} expects tools that no catalogue has: ${unknown.join(', ')}`)
  return { ...set, servers: all }
}

async function readCatalogue(file: string): Promise<ServerTools> {
  const read = parseCatalogue(await readJson(file))
  if ('problem' in read) throw new Exit(2, `${file} is no list of tools:\n${read.problem}`)
  return read
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    throw new Exit(2, `${file} cannot be read: ${(error as Error).message}`)
  }
}

/** By what the questions have in common; the parts that are empty left out. */
function qualities(answered: readonly Answered[]): [name: string, quality: Quality][] {
  const styles = [...new Set(answered.map(({ question }) => question.style))]
  const parts: [string, (one: Answered) => boolean][] = [['all', () => true]]
  for (const half of ['tune', 'held'] as const) {
    parts.push([half, ({ question }) => halfOf(question) === half])
    for (const style of styles.length > 1 ? styles : []) {
      parts.push([`  ${half}, ${style}`, ({ question }) => halfOf(question) === half && question.style === style])
    }
  }
  return parts.flatMap(([name, belongs]) => {
    const quality = qualityOf(answered.filter(belongs))
    return quality ? [[name, quality] as [string, Quality]] : []
  })
}

function report(result: Evaluation, quality: readonly [string, Quality][]): object {
  return {
    tools: result.tools,
    quality: Object.fromEntries(quality.map(([name, figures]) => [name.trim(), figures])),
    falseAnswers: falseAnswers(result.answered),
    tokens: { tokenizer: 'o200k_base', ...spread(result.tokens) },
    microseconds: spread(result.microseconds),
    buildMs: result.buildMs,
  }
}

function show(result: Evaluation, quality: readonly [string, Quality][], crowded: boolean): void {
  const { answered, tools, tokens, microseconds, buildMs } = result
  print(`${tools} tools, ${answered.length} questions`)
  print()
  const rows = quality.map(([name, { questions, recall, mrr, ndcg }]) => [
    name,
    String(questions),
    ...[recall[1], recall[5], recall[10], mrr, ndcg].map((figure) => figure.toFixed(3)),
  ])
  print(table(['HALF', 'QUESTIONS', 'R@1', 'R@5', 'R@10', 'MRR', 'NDCG'], rows))
  print()
  const none = falseAnswers(answered)
  // Among made-up tools there may be one that does what no real one does.
  if (!crowded) print(`Of ${none.questions} questions that no tool answers, ${none.answered} got an answer all the same.`)
  const cost = spread(tokens)
  print(
    `An answer of up to eight tools takes ${cost.median} tokens in the middle and ${cost.max} at most (measured, o200k_base).`,
  )
  const time = spread(microseconds)
  print(`A query takes ${time.median.toFixed(0)} µs in the middle, ${time.p99.toFixed(0)} µs at worst but for one in a hundred.`)
  print(`Building the index took ${buildMs.toFixed(0)} ms.`)
}

function spread(values: readonly number[]): { median: number; p99: number; max: number } {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { median: at(0.5), p99: at(0.99), max: at(1) }
}
