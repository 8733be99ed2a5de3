/** `mcp-gw status`: whether the gateway runs, where, and how its servers are. */
import { formatSpan } from '../../std/duration.ts'
import { type CommonOptions, openContext } from '../context.ts'
import { findGateway } from '../running-gateway.ts'
import { print, printJson, table } from '../terminal.ts'

export interface StatusOptions extends CommonOptions {
  json?: boolean
}

export async function status(options: StatusOptions): Promise<void> {
  const context = await openContext(options, true)
  const { url, record, health } = await findGateway(context)
  const running = health !== undefined || record !== undefined
  if (!running) process.exitCode = 1
  const { file: config } = context
  if (options.json) return printJson({ running, url, pid: record?.pid, config, background: record?.background, health })
  if (!running) return print(`mcp-gw is not running; it would listen at ${url}`)
  print(`mcp-gw ${health?.version ?? ''} is running at ${url}${record ? ` (pid ${record.pid})` : ''}`)
  if (!health) return print('it does not answer yet, or no longer')
  const { uptimeSeconds, sessions, servers } = health
  print(`up ${formatSpan(uptimeSeconds)}, ${sessions} ${sessions === 1 ? 'session' : 'sessions'}`)
  if (servers.length === 0) return
  const rows = servers.map(({ name, state, tools, lastError }) => [
    name,
    state,
    String(tools),
    state === 'failed' ? (lastError?.message ?? '') : '',
  ])
  print(`\n${table(['SERVER', 'STATE', 'TOOLS', ''], rows)}`)
}
