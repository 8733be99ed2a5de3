/** `mcp-gw explain`: what is known of a client, what is changed for it over the present tools and why, and the surface it gets. */
import kleur from 'kleur'
import type { Facts } from '../../catalog/fit/fit.ts'
import { configuredFacts, fitOf, knownClient } from '../../catalog/fit/fit-of.ts'
import { KNOWN_CLIENTS } from '../../catalog/fit/known.ts'
import { PASS_NAMES, PASSES, type PassName } from '../../catalog/fit/passes.ts'
import { type Change, fitTool } from '../../catalog/fit/tools.ts'
import { loadTokenCounter } from '../../observe/tokens.ts'
import { suggest } from '../../std/suggest.ts'
import type { CommonOptions } from '../context.ts'
import { type Context, openContext, openEngine } from '../context.ts'
import { learned } from '../learned.ts'
import { openSession } from '../local-client.ts'
import { print, printJson, table, wrapped } from '../terminal.ts'

export interface ExplainOptions extends CommonOptions {
  json?: boolean
}

interface Report {
  /** As people know it; absent where nobody knows it. */
  client: string | undefined
  /** What it says of itself. */
  name: string
  version: string | undefined
  facts: Facts
  /** By fact: where it comes from. */
  sources: Partial<Record<keyof Facts, string>>
  surface: { mode: 'direct' | 'search'; asked: string; budget: number; tools: number; tokens: number }
  /** What it would be shown on the direct surface. */
  direct: { tools: number; tokens: number }
  /** Those that are changed or left out there; of these why. */
  tools: { name: string; changes: readonly Change[]; leftOut?: string }[]
}

export async function explain(client: string | undefined, options: ExplainOptions): Promise<void> {
  if (client === undefined) return list(options)
  const [name = '', version] = splitVersion(client)
  const context = await openContext(options, true)
  const report = await reportOn(context, { name: ownName(name), version })
  if (options.json) return printJson(report)
  show(report, name)
}

function list({ json }: ExplainOptions): void {
  if (json)
    return printJson({ clients: KNOWN_CLIENTS, schemas: Object.fromEntries(PASS_NAMES.map((name) => [name, PASSES[name].does])) })
  const rows = KNOWN_CLIENTS.map(({ client, names, before }) => [client, before ? `before ${before}` : '', names.join(', ')])
  print(table(['CLIENT', 'VERSIONS', 'SAYS OF ITSELF'], rows))
  print()
  print(kleur.bold('What may be done to schemas (clients.<name>.schemas)'))
  for (const name of PASS_NAMES) print(`  ${name.padEnd(10)}  ${PASSES[name].does}`)
}

/** A name may begin with an @, as those of packages do. */
function splitVersion(text: string): string[] {
  const at = text.lastIndexOf('@')
  return at > 0 ? [text.slice(0, at), text.slice(at + 1)] : [text]
}

/** People say `Claude Code`, which says `claude-code` of itself. */
function ownName(name: string): string {
  const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '')
  const record = KNOWN_CLIENTS.find(({ client }) => plain(client) === plain(name))
  return record?.names[0]?.replaceAll('*', '') ?? name
}

async function reportOn(context: Context, named: { name: string; version: string | undefined }): Promise<Report> {
  const engine = openEngine(context, context.config.servers, learned(context))
  await engine.start().catch(() => {
    // The tools of the other servers are shown all the same.
  })
  const session = await openSession(engine, { name: named.name, ...(named.version !== undefined && { version: named.version }) })
  const { surfaces } = engine
  const shown = await surfaces.settled(session, 'tools')
  const mode = surfaces.mode(session) ?? 'direct'
  const { mode: asked, budget } = surfaces.choice(session)
  const fit = fitOf(context.config.clients, named)
  const definitions = session.endpoint.catalog(session).definitions('tools', () => true)
  await engine.close()
  const fitted = definitions.map((definition) => fitTool(definition, fit))
  const direct = fitted.filter(({ problem }) => problem === undefined).map(({ text }) => text)
  const count = await loadTokenCounter()
  const { client, key: _, ...facts } = fit
  const own = Object.keys(configuredFacts(context.config.clients, named))
  const listed = shown.body.tools as unknown[]
  return {
    client,
    name: named.name,
    version: named.version,
    facts,
    sources: { ...knownClient(named)?.sources, ...Object.fromEntries(own.map((key) => [key, 'the config: clients'])) },
    surface: { mode, asked, budget, tools: listed.length, tokens: count(JSON.stringify(listed)) },
    direct: { tools: direct.length, tokens: count(`[${direct.join(',')}]`) },
    tools: fitted
      .filter(({ changes, problem }) => changes.length > 0 || problem !== undefined)
      .map(({ name, changes, problem }) => ({ name, changes, ...(problem !== undefined && { leftOut: problem }) })),
  }
}

/** By fact: how it is said, in the order in which it is shown. */
const SAID: { readonly [Fact in keyof Required<Facts>]: (value: NonNullable<Facts[Fact]>) => string } = {
  nameMax: (chars) => `Names of tools have at most ${chars} characters.`,
  descriptionMax: (chars) => `Descriptions of tools have at most ${chars} characters.`,
  toolsMax: (tools) => `It takes ${tools} tools.`,
  passes: (passes) => `Schemas: ${passes.join(', ') || 'left as they are'}.`,
  formats: (formats) => `Formats that it knows: ${formats.join(', ')}.`,
  listChanges: (changes) => CHANGES_SAID[changes],
  toolSearch: (has) => (has ? 'It has a search for tools of its own.' : 'It has no search for tools of its own.'),
  stayLoaded: (key) => `The meta-tools carry _meta["${key}"], so that it has them at hand from the start.`,
  resultTokensMax: (tokens) => `Results have at most ${tokens.toLocaleString('en-US')} tokens.`,
  keepsLongResults: (keeps) => (keeps ? 'It keeps longer results in a file of its own.' : 'It does not keep longer results.'),
  instructions: ({ server, all }) =>
    `Of instructions it keeps ${[server && `${server} bytes of a server`, all && `${all} bytes in all`].filter(Boolean).join(', ')}.`,
}

const CHANGES_SAID = {
  obeyed: 'It reads its lists again when it is told that they have changed.',
  ignored: 'It does not read its lists again when they change.',
  resets: 'A changed list takes all approvals back, so a session keeps the list of tools that it was given first.',
}

function show({ client, name, version, facts, sources, surface, direct, tools }: Report, asked: string): void {
  const number = (value: number): string => value.toLocaleString('en-US')
  print(kleur.bold(client ?? asked) + kleur.dim(`  clientInfo.name ${name}${version ? `, version ${version}` : ''}`))
  if (!client) print(wrapped(unknownText(asked), 2))
  for (const [fact, say] of Object.entries(SAID) as [keyof Facts, (value: unknown) => string][]) {
    if (facts[fact] === undefined) continue
    print(wrapped(say(facts[fact]), 2))
    if (sources[fact]) print(kleur.dim(wrapped(sources[fact], 4)))
  }
  print()
  print(kleur.bold(`The surface it gets: ${surface.mode}`))
  print(
    `  ${number(surface.tools)} tools, ${number(surface.tokens)} tokens (surface.mode ${surface.asked}, budget ${number(surface.budget)})`,
  )
  if (surface.mode === 'search') print(`  direct would be ${number(direct.tools)} tools, ${number(direct.tokens)} tokens`)
  print()
  if (tools.length === 0) return print('No tool is changed for it.')
  print(kleur.bold('What is changed on the direct surface, and of tools that are pinned'))
  for (const tool of tools)
    print(`  ${tool.name}: ${tool.leftOut ? kleur.yellow(`not shown: ${tool.leftOut}`) : tool.changes.join(', ')}`)
  print()
  for (const change of new Set(tools.flatMap(({ changes }) => changes))) print(wrapped(`${change}: ${doesText(change)}`, 2))
  print('  Calls are not changed: the server sees what the client sends, and its own schema rules.')
}

function doesText(change: Change): string {
  return change === 'description' ? 'the description is cut' : PASSES[change satisfies PassName].does
}

function unknownText(asked: string): string {
  const near = suggest(
    asked,
    KNOWN_CLIENTS.map(({ client }) => client),
  )
  return `Nothing is known of it, so it is shown everything as it is${near ? `; did you mean ${near}?` : '.'} mcp-gw explain without a name lists the clients that are known.`
}
