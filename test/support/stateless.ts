/** Speaks the stateless era in bytes of our own choice: every request with its envelope, and headers that repeat its body. */
import { type Answer, messages, send } from './raw-http.ts'

export const VERSION = '2026-07-28'

const META = 'io.modelcontextprotocol/'

export interface Wish {
  id?: string | number
  capabilities?: object
  logLevel?: string
  /** More of `_meta`, over what stands there already. */
  meta?: object
  /** Headers beside those that must be there; an empty one is left out. */
  headers?: Record<string, string>
}

export interface Said {
  id?: string | number
  method?: string
  params?: Record<string, unknown>
  // biome-ignore lint/suspicious/noExplicitAny: tests look into results of every shape.
  result?: any
  error?: { code: number; message: string; data?: Record<string, unknown> }
}

export interface Reply extends Answer {
  /** Every message of the answer, in order. */
  all: Said[]
  /** The answer itself. */
  last: Said
}

export interface Page {
  body: string
  headers: Record<string, string>
}

/** A request as a client of the stateless era writes it. */
export function page(method: string, params: Record<string, unknown> = {}, wish: Wish = {}): Page {
  const { id = 1, capabilities = {}, logLevel, meta, headers = {} } = wish
  const envelope = {
    [`${META}protocolVersion`]: VERSION,
    [`${META}clientInfo`]: { name: 'raw', version: '1' },
    [`${META}clientCapabilities`]: capabilities,
    ...(logLevel && { [`${META}logLevel`]: logLevel }),
    ...meta,
  }
  const body = JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta: envelope } })
  const name = method === 'resources/read' ? params.uri : method === 'tools/call' || method === 'prompts/get' ? params.name : ''
  const all = { 'mcp-protocol-version': VERSION, 'mcp-method': method, 'mcp-name': String(name ?? ''), ...headers }
  return { body, headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== '')) }
}

/** Sends such a request, and reads the whole answer. */
export async function ask(url: string, method: string, params?: Record<string, unknown>, wish?: Wish): Promise<Reply> {
  return read(await send(url, page(method, params, wish)))
}

export function read(answer: Answer): Reply {
  const all = messages(answer).map((text) => JSON.parse(text) as Said)
  return { ...answer, all, last: all.at(-1) as Said }
}

export function call(
  url: string,
  name: string,
  args: object = {},
  more: Record<string, unknown> = {},
  wish?: Wish,
): Promise<Reply> {
  return ask(url, 'tools/call', { name, arguments: args, ...more }, wish)
}

/** The text of the first content block. */
export function textOf({ last }: Reply): string {
  return (last.result?.content as { text: string }[] | undefined)?.[0]?.text ?? ''
}
