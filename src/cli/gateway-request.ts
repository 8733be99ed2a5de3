/** Asks something of the running gateway that only whoever runs it may ask: it takes the token of the state folder. */
import { existsSync } from 'node:fs'
import { namedFile, places } from '../config/find.ts'
import { localToken, localTokenFile } from '../std/local-token.ts'
import type { CommonOptions } from './context.ts'
import { Exit } from './exit.ts'
import { heldRecord } from './gateway-lock.ts'
import { DEMO, recordFile } from './gateway-record.ts'

export interface GatewayAnswer {
  ok: boolean
  status: number
  body: unknown
  /** The MCP endpoint of the gateway. */
  url: string
}

/** Posts to the gateway of this config. Throws `Exit` where none runs or it does not answer. */
export async function postToGateway(options: CommonOptions, path: string): Promise<GatewayAnswer> {
  const config = configOf(options)
  const { url } = (await heldRecord(recordFile(config, process.env))) ?? {}
  if (!url) throw new Exit(1, `no gateway runs with ${config ?? 'the built-in defaults'}; start one with mcp-gw serve`)
  const answer = await post(new URL(path, url), await localToken(localTokenFile(process.env)))
  return { ok: answer.ok, status: answer.status, body: await answer.json(), url }
}

/** The error for an answer that is a refusal. */
export function refused({ status, body, url }: GatewayAnswer): Exit {
  return new Exit(1, `the gateway at ${url} refused: ${(body as { error?: string }).error ?? status}`)
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
