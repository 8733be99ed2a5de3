/** `mcp-gw reload`: has the running gateway load its config anew, and shows what that changed. */
import { existsSync } from 'node:fs'
import { namedFile, places } from '../../config/find.ts'
import type { ConfigProblem } from '../../observe/config-state.ts'
import { localToken, localTokenFile } from '../../std/local-token.ts'
import { type CommonOptions, problemText } from '../context.ts'
import { Exit } from '../exit.ts'
import { heldRecord } from '../gateway-lock.ts'
import { DEMO, recordFile } from '../gateway-record.ts'
import { type ReloadReport, reportText } from '../reload-report.ts'
import { print, printJson } from '../terminal.ts'

export interface ReloadOptions extends CommonOptions {
  json?: boolean
}

export async function reload(options: ReloadOptions): Promise<void> {
  const config = configOf(options)
  const { url } = (await heldRecord(recordFile(config, process.env))) ?? {}
  if (!url) throw new Exit(1, `no gateway runs with ${config ?? 'the built-in defaults'}; start one with mcp-gw serve`)
  const answer = await post(new URL('/-/reload', url), await localToken(localTokenFile(process.env)))
  const body = (await answer.json()) as ReloadReport & { error?: string; problems?: ConfigProblem[] }
  if (options.json) printJson(body)
  if (answer.status === 422) throw new Exit(1, `nothing was reloaded: ${problemText(body.problems ?? [])}`)
  if (!answer.ok) throw new Exit(1, `the gateway at ${url} refused: ${body.error ?? answer.status}`)
  if (!options.json) print(reportText(body))
}

/** The file that a gateway was started with. It may be gone: then it is the gateway that has to say so. */
function configOf({ demo, config: file }: CommonOptions): string | undefined {
  if (demo) return DEMO
  const search = { cwd: process.cwd(), env: process.env, ...(file !== undefined && { file }) }
  return namedFile(search)?.path ?? places(search).find((path) => existsSync(path))
}

async function post(url: URL, token: string): Promise<Response> {
  try {
    return await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${token}` } })
  } catch (error) {
    throw new Exit(1, `the gateway at ${url.origin} does not answer: ${((error as Error).cause as Error | undefined)?.message}`)
  }
}
