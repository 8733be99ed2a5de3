/** Keeps web pages and foreign hosts away: the Host and Origin of every request are checked before anything else. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ListenOptions } from './options.ts'

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Headers that a page of an allowed origin may read and send. */
const EXPOSED = 'Mcp-Session-Id, MCP-Protocol-Version, WWW-Authenticate'
const ACCEPTED = 'Content-Type, Accept, Authorization, Last-Event-Id, Mcp-Session-Id, MCP-Protocol-Version, Mcp-Method, Mcp-Name'

export type Guard = (req: IncomingMessage) => string | undefined

/** A check that says why a request is refused, or undefined where it may pass. */
export function createGuard(options: ListenOptions): Guard {
  const hosts = new Set([...LOOPBACK, options.host, `[${options.host}]`, ...options.hosts].map((host) => host.toLowerCase()))
  const origins = new Set(options.origins)
  return ({ headers }) => {
    const host = hostname(headers.host)
    if (host === undefined || !hosts.has(host))
      return `the host ${headers.host ?? '(none)'} is not allowed; add it to listen.hosts`
    const { origin } = headers
    if (origin === undefined || origins.has(origin)) return undefined
    const page = URL.canParse(origin) ? new URL(origin).hostname : undefined
    if (page !== undefined && LOOPBACK.has(page)) return undefined
    return `the origin ${origin} is not allowed; add it to listen.origins`
  }
}

/** Lets a page of an allowed origin read the answer. */
export function allowOrigin(req: IncomingMessage, res: ServerResponse): void {
  const { origin } = req.headers
  if (origin === undefined) return
  res.setHeader('access-control-allow-origin', origin)
  res.setHeader('access-control-expose-headers', EXPOSED)
  res.setHeader('vary', 'origin')
}

/** Answers the question a browser asks before a page may send its request. */
export function preflight(req: IncomingMessage, res: ServerResponse): void {
  const asked = req.headers['access-control-request-headers']
  // Mcp-Param-* headers have names of their own; those that ask for nothing else are granted.
  const extra = String(asked ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => /^mcp-param-[\w-]+$/i.test(name))
  res.setHeader('access-control-allow-methods', 'GET, POST, DELETE, OPTIONS')
  res.setHeader('access-control-allow-headers', [ACCEPTED, ...extra].join(', '))
  res.setHeader('access-control-max-age', '600')
  res.writeHead(204).end()
}

function hostname(host: string | undefined): string | undefined {
  return host === undefined ? undefined : host.replace(/:\d+$/, '').toLowerCase()
}
