/** `mcp-gw reload`: has the running gateway load its config anew, and shows what that changed. */
import type { ConfigProblem } from '../../observe/config-state.ts'
import { type CommonOptions, problemText } from '../context.ts'
import { Exit } from '../exit.ts'
import { postToGateway, refused } from '../gateway-request.ts'
import { type ReloadReport, reportText } from '../reload-report.ts'
import { print, printJson } from '../terminal.ts'

export interface ReloadOptions extends CommonOptions {
  json?: boolean
}

export async function reload(options: ReloadOptions): Promise<void> {
  const answer = await postToGateway(options, '/-/reload')
  const body = answer.body as ReloadReport & { problems?: ConfigProblem[] }
  if (options.json) printJson(body)
  if (answer.status === 422) throw new Exit(1, `nothing was reloaded: ${problemText(body.problems ?? [])}`)
  if (!answer.ok) throw refused(answer)
  if (!options.json) print(reportText(body))
}
