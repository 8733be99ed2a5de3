/** Checks of the running gateway: that it is there, that it is ours, and that clients get answers. */
import { rm, stat, truncate } from 'node:fs/promises'
import { formatSpan } from '../../std/duration.ts'
import { formatSize } from '../../std/format-size.ts'
import { shortPath } from '../../std/paths.ts'
import { isHeld } from '../gateway-lock.ts'
import { logFile } from '../gateway-record.ts'
import { portHolder } from '../port-holder.ts'
import { withoutName } from '../terminal.ts'
import type { Around } from './around.ts'
import { type Check, type Finding, type Group, ok, skip } from './check.ts'
import { bridgeAnswer, httpRoundTrip } from './gateway-talk.ts'
import { serviceStarts } from './service.ts'

const REVISIONS = ['2025-11-25', '2025-06-18']
const LOG_BYTES_MAX = 50 * 1_048_576
const BRIDGE_MS = 4_000
const NOT_RUNNING = skip('gateway', 'does not run; a client that starts mcp-gw connect starts it too')

async function running(around: Around): Promise<Finding[]> {
  const { url, record, health } = await around.gateway()
  const old = around.record
  if (old.record && !(await isHeld(old.record))) {
    const { path } = old
    const message = `its last run (pid ${old.record.pid}) ended without cleaning up`
    const repair = { key: `record ${path}`, does: 'remove what it left', run: () => rm(path, { force: true }) }
    return [{ status: 'warn', subject: 'gateway', message, repair }]
  }
  if (health) return [ok('gateway', `${url}  ${record ? `pid ${record.pid}  ` : ''}up ${formatSpan(health.uptimeSeconds)}`)]
  if (!record) return [NOT_RUNNING]
  const message = `runs (pid ${record.pid}) and does not answer at ${url}`
  return [{ status: 'error', subject: 'gateway', message, fix: 'mcp-gw stop, then start it again' }]
}

async function port(around: Around): Promise<Finding[]> {
  const listen = around.settled?.config.listen
  if (!listen || listen.port === 0) return [skip('port', 'any free one is taken')]
  const { host, port } = listen
  const holder = await portHolder(host, port)
  const { record, health } = await around.gateway()
  const subject = `port ${port}`
  if (holder === undefined) return [ok(subject, 'is free')]
  if (!holder.startsWith('another mcp-gw')) {
    const fix = 'stop that, or take another with listen.port'
    return [{ status: 'error', subject, message: `is in use by ${holder}`, fix }]
  }
  if (record && health) return [ok(subject, 'is held by the gateway')]
  const message = `is held by ${holder}, which serves another config${health?.config?.file ? ` (${health.config.file})` : ''}`
  return [{ status: 'warn', subject, message, fix: 'stop that, or take another with listen.port' }]
}

async function roundTrips(around: Around): Promise<Finding[]> {
  const { url, health } = await around.gateway()
  if (!health) return [NOT_RUNNING]
  return Promise.all(
    REVISIONS.map(async (revision): Promise<Finding> => {
      try {
        const { tools, ms } = await httpRoundTrip(url, revision)
        return ok(`HTTP ${revision}`, `initialize and tools/list in ${ms} ms; tools: ${tools.length}`)
      } catch (error) {
        const fix = 'mcp-gw stop, then start it again'
        return { status: 'error', subject: `HTTP ${revision}`, message: (error as Error).message, fix }
      }
    }),
  )
}

async function bridge(around: Around): Promise<Finding[]> {
  const { url, health } = await around.gateway()
  if (!health) return [NOT_RUNNING]
  const { node, script } = around.program
  try {
    const line = await bridgeAnswer(node, [script, 'connect', '--url', new URL(url).origin, '--no-start'], BRIDGE_MS)
    if (line.startsWith('{')) return [ok('bridge', 'mcp-gw connect answers')]
    const message = `mcp-gw connect prints what is no message: ${line.slice(0, 80)}`
    return [{ status: 'error', subject: 'bridge', message, fix: 'look for a start file that prints' }]
  } catch (error) {
    const message = `mcp-gw connect fails: ${(error as Error).message}`
    return [{ status: 'error', subject: 'bridge', message, fix: `mcp-gw connect --url ${url}` }]
  }
}

async function logs({ file, settled, machine }: Around): Promise<Finding[]> {
  const path = logFile(settled?.file ?? file, machine.env)
  const subject = shortPath(path, machine.home)
  const found = await stat(path).catch(() => undefined)
  if (!found) return [skip('log', 'none is written in the background')]
  if (found.size <= LOG_BYTES_MAX) return [ok(subject, formatSize(found.size))]
  // A running gateway appends, so it goes on at the beginning.
  const repair = { key: `log ${path}`, does: `empty ${subject}`, asks: true as const, run: () => truncate(path) }
  return [{ status: 'warn', subject, message: `has grown to ${formatSize(found.size)}`, repair }]
}

async function inForce(around: Around): Promise<Finding[]> {
  const { health } = await around.gateway()
  if (!health) return [NOT_RUNNING]
  const { config, servers } = health
  const findings: Finding[] = servers
    .filter(({ state, health }) => state === 'failed' || health === 'unhealthy')
    .map(({ name, lastError }) => {
      const why = lastError ? `: ${withoutName(name, lastError.message)}` : ''
      return { status: 'warn', subject: name, message: `has failed in the gateway${why}`, fix: `mcp-gw reconnect ${name}` }
    })
  if ((config?.problems.length ?? 0) > 0) {
    const message = 'the gateway runs an older config, because the file has problems'
    findings.push({ status: 'warn', subject: 'config', message, fix: 'mend the file; it is loaded when it is saved' })
  }
  return findings.length > 0 ? findings : [ok('gateway', 'runs the config as it is, and no server of it has failed')]
}

const checks: readonly Check[] = [
  { id: 'MGW-G01', title: 'Gateway', run: running },
  { id: 'MGW-G02', title: 'Port', run: port },
  { id: 'MGW-G03', title: 'Round trip over HTTP', run: roundTrips },
  { id: 'MGW-G04', title: 'Round trip through the bridge', run: bridge },
  { id: 'MGW-G05', title: 'Service', run: serviceStarts },
  { id: 'MGW-G06', title: 'Log', run: logs },
  { id: 'MGW-G08', title: 'What is in force', run: inForce },
]

export const gateway: Group = { name: 'gateway', title: 'Gateway', checks: checks.map(unlessConfigFails) }

/** Without a config nobody knows where the gateway would be. */
function unlessConfigFails(check: Check): Check {
  const run: Check['run'] = (around) =>
    around.settled ? check.run(around) : [skip(check.title.toLowerCase(), 'the config has problems')]
  return { ...check, run }
}
