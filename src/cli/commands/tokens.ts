/** `mcp-gw tokens`: what the definitions of tools cost a model on each surface, and what the recorded calls have cost. */
import kleur from 'kleur'
import { chooseSurface, type SurfaceChoice } from '../../catalog/surface.ts'
import { metaDefinitions } from '../../gateway/meta/definitions.ts'
import type { ServerView } from '../../gateway/meta/servers.ts'
import type { UsageRecord } from '../../gateway/usage.ts'
import { type CountTokens, loadTokenCounter } from '../../observe/tokens.ts'
import { globMatcher } from '../../std/glob.ts'
import { type CommonOptions, openContext, openEngine } from '../context.ts'
import { learned } from '../learned.ts'
import { print, printJson, table } from '../terminal.ts'
import { readTools, type ServerTools } from '../tool-list.ts'

export interface TokensOptions extends CommonOptions {
  tools?: boolean
  json?: boolean
}

const TOKENIZER = 'o200k_base'
/** Of results only the bytes are on record; this many make a token, about. */
const BYTES_PER_TOKEN = 4

interface Cost {
  name: string
  tokens: number
  calls: number
  tools: { name: string; tokens: number; calls: number }[]
}

interface Report {
  tokenizer: string
  servers: Cost[]
  surfaces: { direct: number; search: number; shown: 'direct' | 'search'; budget: number }
  /** Estimated from bytes. */
  recorded: { since: string; results: Spent; answers: Record<string, Spent>; kept: Spent; changes: Spent; spared: Spent }
  unused: string[]
}

interface Spent {
  count: number
  tokens: number
}

export async function tokens(options: TokensOptions): Promise<void> {
  const context = await openContext(options, true)
  const engine = openEngine(context, context.config.servers, learned(context))
  const servers = await readTools(engine)
  const { record } = engine.usage
  await engine.close()
  const count = await loadTokenCounter()
  const costs = servers.map((server) => costOf(server, record, count))
  const choice = chooseSurface(context.config.surface, { client: '' })
  const report: Report = {
    tokenizer: TOKENIZER,
    servers: costs.sort((a, b) => b.tokens - a.tokens || (a.name < b.name ? -1 : 1)),
    surfaces: surfaces(servers, choice, count),
    recorded: recorded(record),
    unused: costs.filter(({ calls, tools }) => calls === 0 && tools.length > 0).map(({ name }) => name),
  }
  if (options.json) return printJson(report)
  show(report, options.tools === true)
}

function costOf({ name, tools }: ServerTools, record: UsageRecord, count: CountTokens): Cost {
  const costs = tools.map((tool) => ({
    name: tool.exposed,
    tokens: count(tool.definition),
    calls: (Object.hasOwn(record.tools, tool.exposed) && record.tools[tool.exposed]?.calls) || 0,
  }))
  const sum = (key: 'tokens' | 'calls'): number => costs.reduce((total, cost) => total + cost[key], 0)
  return { name, tokens: sum('tokens'), calls: sum('calls'), tools: costs.sort((a, b) => b.tokens - a.tokens) }
}

function surfaces(servers: readonly ServerTools[], choice: SurfaceChoice, count: CountTokens): Report['surfaces'] {
  const all = servers.flatMap(({ tools }) => tools)
  const views: ServerView[] = servers.map(({ name, tools, down }) => ({
    name,
    tools: tools.length,
    down,
    instructions: undefined,
  }))
  const pinned = globMatcher(choice.pin)
  const searched = [
    ...metaDefinitions(views, choice.tiers),
    ...all.filter(({ exposed }) => pinned(exposed)).map(({ definition }) => definition),
  ]
  const direct = count(`[${all.map(({ definition }) => definition).join(',')}]`)
  const search = count(`[${searched.join(',')}]`)
  const { mode, budget } = choice
  return { direct, search, shown: mode === 'auto' ? (direct > budget ? 'search' : 'direct') : mode, budget }
}

function recorded(record: UsageRecord): Report['recorded'] {
  const spent = ({ count, bytes }: { count: number; bytes: number }): Spent => ({
    count,
    tokens: Math.ceil(bytes / BYTES_PER_TOKEN),
  })
  const uses = Object.values(record.tools)
  const results = {
    count: uses.reduce((total, { calls }) => total + calls, 0),
    bytes: uses.reduce((total, { bytes }) => total + bytes, 0),
  }
  return {
    since: new Date(record.since).toISOString(),
    results: spent(results),
    answers: Object.fromEntries(Object.entries(record.answers).map(([name, tally]) => [name, spent(tally)])),
    kept: spent(record.kept),
    changes: spent(record.changes),
    spared: spent(record.spared),
  }
}

function show({ tokenizer, servers, surfaces: costs, recorded: past, unused }: Report, withTools: boolean): void {
  const number = (value: number): string => value.toLocaleString('en-US')
  const rows = servers.flatMap(({ name, tools, tokens: sum, calls }) => [
    [name, number(tools.length), number(sum), number(calls)],
    ...(withTools ? tools.map((tool) => [`  ${tool.name}`, '', number(tool.tokens), number(tool.calls)]) : []),
  ])
  print(table(['SERVER', 'TOOLS', 'TOKENS', 'CALLS'], rows))
  print()
  print(kleur.bold('What a client has in every request'))
  const saving = costs.direct > 0 ? Math.round((1 - costs.search / costs.direct) * 1000) / 10 : 0
  const mark = (surface: string): string => (surface === costs.shown ? '  ← what clients are shown' : '')
  print(`  direct  ${number(costs.direct)} tokens${mark('direct')}`)
  print(`  search  ${number(costs.search)} tokens, ${saving} % less${mark('search')}`)
  print(`  Measured with ${tokenizer}; the budget is ${number(costs.budget)} (surface.budget).`)
  print()
  print(kleur.bold(`What the calls since ${past.since.slice(0, 10)} have cost`))
  const line = (what: string, { count, tokens: sum }: Spent): void =>
    print(`  ${what}: ${number(count)}, about ${number(sum)} tokens`)
  line('results of tools', past.results)
  if (past.kept.count > 0) line('of these too large to be shown, and kept', past.kept)
  for (const [name, spent] of Object.entries(past.answers)) line(`answers of ${name}`, spent)
  line('lists read again after a change', past.changes)
  line('lists that a change left as they were', past.spared)
  print('  Estimated from bytes, four to a token.')
  if (unused.length > 0) print(`\nNever called: ${unused.join(', ')}. mcp-gw disable NAME keeps an entry and hides its tools.`)
}
