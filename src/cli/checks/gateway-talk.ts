/** Talks to the running gateway as a client would, over HTTP and through the bridge. */
import { get } from 'node:http'
import { isTree } from '../../clients/formats/format.ts'
import { VERSION } from '../version.ts'

/** What a round trip has shown. */
export interface RoundTrip {
  protocol: string
  tools: string[]
  ms: number
}

const ACCEPT = 'application/json, text/event-stream'
const DOCTOR = 'mcp-gw-doctor'

function initializeRequest(version: string, name = DOCTOR): object {
  const params = { protocolVersion: version, capabilities: {}, clientInfo: { name, version: VERSION } }
  return { jsonrpc: '2.0', id: 1, method: 'initialize', params }
}

/** Opens a session, lists the tools and ends the session; as another client where one is named. Throws where any of that fails. */
export async function httpRoundTrip(url: string, version: string, client?: string): Promise<RoundTrip> {
  const begun = performance.now()
  const opened = await post(url, initializeRequest(version, client), {})
  const session = opened.headers.get('mcp-session-id')
  const protocol = String((await answerOf(opened)).protocolVersion)
  const headers = { ...(session !== null && { 'mcp-session-id': session }), 'mcp-protocol-version': protocol }
  const told = await post(url, { jsonrpc: '2.0', method: 'notifications/initialized' }, headers)
  await told.body?.cancel()
  const { tools } = await answerOf(await post(url, { jsonrpc: '2.0', id: 2, method: 'tools/list', params: {} }, headers))
  const ms = performance.now() - begun
  await fetch(url, { method: 'DELETE', headers })
  const names = (Array.isArray(tools) ? tools : []).map((tool) => String((tool as { name?: unknown }).name))
  return { protocol, tools: names, ms: Math.round(ms) }
}

async function post(url: string, message: object, headers: Record<string, string>): Promise<Response> {
  const all = { 'content-type': 'application/json', accept: ACCEPT, ...headers }
  const response = await fetch(url, { method: 'POST', headers: all, body: JSON.stringify(message) })
  if (response.ok) return response
  throw new Error(`answers ${response.status} to ${String((message as { method?: string }).method)}`)
}

/** The result of the one answer in a response, which may be a stream. */
async function answerOf(response: Response): Promise<Record<string, unknown>> {
  const text = await response.text()
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
  const lines = isStream ? text.split(/\r?\n/).flatMap((line) => /^data: ?(.+)$/.exec(line)?.[1] ?? []) : [text]
  for (const line of lines) {
    const message: unknown = JSON.parse(line)
    if (isTree(message) && isTree(message.result)) return message.result
    if (isTree(message) && isTree(message.error)) throw new Error(`answers with the error "${String(message.error.message)}"`)
  }
  throw new Error('answers with nothing')
}

/** The status of a plain request with these headers; undefined where nobody answers. */
export function statusWith(url: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve) => {
    const request = get(new URL('/health', url), { headers, timeout: 2_000, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    request.once('timeout', () => request.destroy())
    request.once('error', () => resolve(undefined))
  })
}

/** The first line that the bridge prints for an `initialize`. Throws where it prints none in time. */
export async function bridgeAnswer(command: string, args: readonly string[], timeoutMs: number): Promise<string> {
  const { execa } = await import('execa')
  const child = execa(command, args, { reject: false, timeout: timeoutMs, buffer: { stdout: false }, forceKillAfterDelay: 500 })
  let said = ''
  const answered = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (said.includes('\n')) resolve()
    })
  })
  child.stdin.write(`${JSON.stringify(initializeRequest('2025-06-18'))}\n`)
  await Promise.race([answered, child])
  child.stdin.end()
  const { stderr } = await child
  const [line = '', ...rest] = said.split('\n')
  if (rest.length > 0) return line
  throw new Error(stderr.trim().split('\n').at(-1) || `did not answer within ${timeoutMs / 1_000} s`)
}
