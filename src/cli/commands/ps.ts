/** `mcp-gw ps`: the processes of the running gateway. */
import { get } from 'node:http'
import type { Health, InstanceHealth, ServerHealth } from '../../downstream/health.ts'
import { formatSpan } from '../../std/duration.ts'
import { formatSize } from '../../std/format-size.ts'
import { type CommonOptions, openContext } from '../context.ts'
import { Exit } from '../exit.ts'
import { heldRecord } from '../gateway-lock.ts'
import { recordFile } from '../gateway-record.ts'
import { configuredUrl } from '../running-gateway.ts'
import { print, printJson, table } from '../terminal.ts'

export interface PsOptions extends CommonOptions {
  url?: string
  json?: boolean
}

/** One process, with all that it started. */
export interface ProcessRow {
  server: string
  pid: number
  rssBytes: number | null
  ageSeconds: number
  idleSeconds: number
  /** Client sessions that use it. */
  sessions: number
  state: 'starting' | 'busy' | 'idle'
  /** The era that its server speaks; null until it has told. */
  era: 'session' | 'stateless' | null
  /** Of the server as a whole; null where nobody checks it. */
  health: 'healthy' | 'unhealthy' | null
  /** Pings in a row that this process has not answered. */
  missedPings: number
}

const PATIENCE_MS = 5_000
const ANSWER_CHARS_MAX = 16 * 1_048_576

export async function ps(options: PsOptions): Promise<void> {
  const origin = options.url === undefined ? await configured(options) : givenOrigin(options.url)
  const report = await ask(origin)
  const now = Date.now()
  if (options.json) return printJson({ url: origin, processes: processRows(report, now) })
  print(processTable(report, now))
}

/** Every process, by server and age. */
export function processRows(report: Health, now: number): ProcessRow[] {
  return report.servers.flatMap((server) =>
    server.instances
      .flatMap((instance) => (instance.pid === undefined ? [] : processRow(server, instance, instance.pid, now)))
      .sort((a, b) => b.ageSeconds - a.ageSeconds || a.pid - b.pid),
  )
}

function processRow(server: ServerHealth, instance: InstanceHealth, pid: number, now: number): ProcessRow {
  return {
    server: server.name,
    pid,
    rssBytes: instance.rssBytes ?? null,
    ageSeconds: Math.max(0, Math.floor((now - Date.parse(instance.startedAt)) / 1000)),
    idleSeconds: instance.idleSeconds,
    sessions: instance.clients,
    state: instance.state === 'starting' ? 'starting' : instance.inFlight > 0 ? 'busy' : 'idle',
    era: server.era ?? null,
    health: server.health ?? null,
    missedPings: instance.missedPings ?? 0,
  }
}

/** The processes as a person reads them, and below them the servers that have none. */
export function processTable(report: Health, now: number): string {
  const rows = processRows(report, now)
  const checked = rows.some((row) => row.health !== null)
  const lines = rows.map((row) => [
    row.server,
    String(row.pid),
    row.rssBytes === null ? '-' : formatSize(row.rssBytes),
    formatSpan(row.ageSeconds),
    row.state === 'idle' ? formatSpan(row.idleSeconds) : '-',
    String(row.sessions),
    row.state,
    ...(checked ? [healthText(row)] : []),
  ])
  const rest = report.servers
    .filter((server) => !rows.some((row) => row.server === server.name))
    .map((server) => `${server.name} (${[server.state, ...withoutProcess(server)].join(', ')})`)
  const heads = ['SERVER', 'PID', 'MEMORY', 'AGE', 'IDLE', 'SESSIONS', 'STATE', ...(checked ? ['HEALTH'] : [])]
  const known = rows.flatMap((row) => row.rssBytes ?? [])
  const total = known.length > 1 ? [`${rows.length} processes, ${formatSize(known.reduce((a, b) => a + b, 0))}`] : []
  return [
    rows.length > 0 ? table(heads, lines) : 'The gateway runs, and no server has a process.',
    ...(total.length + rest.length > 0 ? [''] : []),
    ...total,
    ...(rest.length > 0 ? [`Without a process: ${rest.join(', ')}`] : []),
  ].join('\n')
}

function healthText({ health, missedPings }: ProcessRow): string {
  if (health === null) return '-'
  return missedPings === 0 ? health : `${missedPings} ${missedPings === 1 ? 'ping' : 'pings'} missed`
}

/** What else there is to say of a server that has no process. */
function withoutProcess({ instances, health }: ServerHealth): string[] {
  return [...(health ? [health] : []), ...(instances.length > 0 ? ['over HTTP'] : [])]
}

async function configured(options: PsOptions): Promise<string> {
  const { config, file } = await openContext(options, true)
  const record = await heldRecord(recordFile(file, process.env))
  return new URL(record?.url ?? configuredUrl(config.listen)).origin
}

function givenOrigin(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed?.protocol !== 'http:') throw new Exit(2, `--url: expected an address such as http://127.0.0.1:39400, got "${url}"`)
  return parsed.origin
}

async function ask(origin: string): Promise<Health> {
  const text = await read(`${origin}/health?memory`).catch(() => {
    throw new Exit(1, `no gateway runs at ${origin}; start one with mcp-gw serve, or say where it listens with --url`)
  })
  const report = parsed(text)
  if (report?.name !== 'mcp-gw') throw new Exit(1, `what answers at ${origin} is no mcp-gw; say where it listens with --url`)
  return report
}

function read(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get(url, { timeout: PATIENCE_MS, agent: false }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        body += chunk
        if (body.length > ANSWER_CHARS_MAX) request.destroy(new Error('too long'))
      })
      response.once('end', () => resolve(body))
      response.once('error', reject)
    })
    request.once('timeout', () => request.destroy(new Error('too slow')))
    request.once('error', reject)
  })
}

function parsed(text: string): Health | undefined {
  try {
    return JSON.parse(text) as Health
  } catch {
    // Another program listens there.
    return undefined
  }
}
