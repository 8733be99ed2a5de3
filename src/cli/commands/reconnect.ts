/** `mcp-gw reconnect`: has the running gateway start one server anew, and shows what came of it. */
import type { ServerReport } from '../../downstream/server-routes.ts'
import type { CommonOptions } from '../context.ts'
import { Exit } from '../exit.ts'
import { postToGateway, refused } from '../gateway-request.ts'
import { print, printJson, withoutName } from '../terminal.ts'

export interface ReconnectOptions extends CommonOptions {
  json?: boolean
}

export async function reconnect(server: string, options: ReconnectOptions): Promise<void> {
  const answer = await postToGateway(options, `/api/servers/${encodeURIComponent(server)}/reconnect`)
  const report = answer.body as ServerReport
  if (options.json) printJson(report)
  if (report.error !== undefined && report.server !== undefined)
    throw new Exit(1, `${server} did not come up: ${withoutName(server, report.error)}`)
  if (!answer.ok) throw refused(answer)
  if (!options.json) print(reconnectText(report))
}

/** The report as a person reads it: `github is up (pid 4711, stdio, 2025-11-25, 40 tools) after 412 ms; pid 4242 is ended`. */
export function reconnectText({ server, pids, transport, protocol, tools, ms, ended }: ServerReport): string {
  const facts = [
    ...pids.map((pid) => `pid ${pid}`),
    ...[transport, protocol].flatMap((fact) => fact ?? []),
    `${tools} ${tools === 1 ? 'tool' : 'tools'}`,
  ]
  const up = `${server} is up (${facts.join(', ')}) after ${ms} ms`
  return ended.length === 0 ? up : `${up}; ended: ${ended.map((pid) => `pid ${pid}`).join(', ')}`
}
