/** Finds a server in the official MCP registry, or in another one that speaks the same (its API, v0.1). */
import { Exit } from '../exit.ts'
import type { Questions } from '../interactive.ts'
import type { Proposal } from './proposal.ts'
import { proposalOf, type RegistryServer, readServerJson } from './registry-entry.ts'
import { isObject } from './registry-json.ts'

const OFFICIAL = 'https://registry.modelcontextprotocol.io'
const ANSWER_MS = 10_000
const BYTES_MAX = 8 * 1_048_576
/** How many of what was found can be told apart at a glance. */
const SHOWN_MAX = 12

export interface RegistryOptions {
  /** Where the registry is; the official one where nothing is said. */
  base: string | undefined
  questions: Questions | undefined
}

/** One entry of a list: the server, and what the registry says about it. */
interface Listed {
  server: RegistryServer
  status: string
  publishedAt: string
}

/** The proposal for a server of the registry, by its full name or a part of it. Ends the command where it cannot be had. */
export async function fromRegistry(wanted: string, name: string | undefined, options: RegistryOptions): Promise<Proposal> {
  const base = (options.base || process.env.MCP_GW_REGISTRY || OFFICIAL).replace(/\/+$/, '')
  const found =
    (wanted.includes('/') ? await byName(base, wanted) : undefined) ?? (await bySearch(base, wanted, options.questions))
  const { server, status, publishedAt } = found
  if (status === 'deleted') throw new Exit(1, `${server.name} was taken out of the registry; it is not added`)
  const since = publishedAt ? `, published ${publishedAt.slice(0, 10)}` : ''
  const source = `${new URL(base).host} as ${server.name} ${server.version}${since}`
  const proposal = proposalOf(server, { name, source, env: process.env })
  return status === 'deprecated'
    ? { ...proposal, notes: [...proposal.notes, 'Its maker has marked it as deprecated.'] }
    : proposal
}

async function byName(base: string, name: string): Promise<Listed | undefined> {
  const answer = await ask(`${base}/v0.1/servers/${encodeURIComponent(name)}/versions/latest`, base)
  return answer === undefined ? undefined : listed(answer)
}

async function bySearch(base: string, wanted: string, questions: Questions | undefined): Promise<Listed> {
  // The registry looks for a part of the name only.
  const part = wanted.split('/').at(-1) as string
  const answer = await ask(`${base}/v0.1/servers?search=${encodeURIComponent(part)}&version=latest&limit=100`, base)
  const servers = isObject(answer) && Array.isArray(answer.servers) ? answer.servers : []
  const all = servers.flatMap((one) => listed(one) ?? []).filter(({ status }) => status !== 'deleted')
  const ranked = all.map((one) => ({ one, rank: rankOf(one.server.name, part) })).sort((a, b) => a.rank - b.rank)
  const found = ranked
    .map(({ one }) => one)
    .filter((one, i) => all.length > 0 && ranked.findIndex((other) => other.one.server.name === one.server.name) === i)
  const [first, second] = ranked
  if (!first) throw new Exit(1, `${base} has no ${wanted}; is it spelled right?`)
  if (found.length === 1 || (first.rank === 0 && second?.rank !== 0)) return first.one
  const shown = found.slice(0, SHOWN_MAX)
  if (!questions) {
    const rows = shown.map(({ server }) => `  ${server.name}  ${server.description}`)
    throw new Exit(1, `${base} has ${found.length} servers for ${wanted}; name one:\n${rows.join('\n')}`)
  }
  const chosen = await questions.select(
    'Which one?',
    shown.map(({ server }) => ({ value: server.name, label: server.name, hint: server.description })),
  )
  return shown.find(({ server }) => server.name === chosen) as Listed
}

/** 0 for the very name, then the nearer the better: the registry's own order says nothing. */
function rankOf(name: string, part: string): number {
  const last = name.split('/').at(-1)?.toLowerCase() ?? ''
  const wanted = part.toLowerCase()
  if (last === wanted) return 0
  return last.startsWith(wanted) ? 1 : last.includes(wanted) ? 2 : 3
}

/** What the registry says of one server; undefined where that is nothing that we understand. */
function listed(answer: unknown): Listed | undefined {
  if (!isObject(answer)) return undefined
  const server = readServerJson(isObject(answer.server) ? answer.server : answer)
  if (!server) return undefined
  const meta = isObject(answer._meta) ? answer._meta : {}
  const official = meta['io.modelcontextprotocol.registry/official']
  const { status = 'active', publishedAt = '' } = isObject(official) ? official : {}
  return { server, status: String(status), publishedAt: String(publishedAt) }
}

/** The JSON behind an address; undefined where there is nothing of that name. */
async function ask(url: string, base: string): Promise<unknown> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS), headers: { accept: 'application/json' } })
    if (response.status === 404) return undefined
    if (!response.ok) throw new Error(`it answered ${response.status} ${response.statusText}`.trim())
    const text = await response.text()
    if (text.length > BYTES_MAX) throw new Error('its answer is too large')
    return JSON.parse(text) as unknown
  } catch (error) {
    throw new Exit(1, unreachable(base, error as Error & { cause?: Error }))
  }
}

function unreachable(base: string, { name, message, cause }: Error & { cause?: unknown }): string {
  const deeper = cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : ''
  const reason = name === 'TimeoutError' ? `no answer in ${ANSWER_MS / 1_000} s` : deeper || message
  const lines = [
    `the registry ${base} cannot be reached: ${reason}`,
    '  without it:      mcp-gw add --list shows the catalogue, which needs no network',
    '  directly:        mcp-gw add NAME https://… or mcp-gw add NAME -- npx -y PACKAGE',
    '  another one:     --registry-url https://… or $MCP_GW_REGISTRY',
  ]
  return lines.join('\n')
}
