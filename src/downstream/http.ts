/** The HTTP listener: checks every request, answers MCP itself and leaves the rest to the Express app. */
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Engine } from '../gateway/engine.ts'
import type { Session } from '../gateway/session.ts'
import type { Log } from '../observe/log.ts'
import { asGatewayError, GatewayError, toReply } from '../protocol/errors.ts'
import { sendJson } from './answer.ts'
import { allowOrigin, createGuard, type Guard, preflight } from './guard.ts'
import type { ListenOptions } from './options.ts'
import { LegacySse } from './sse.ts'
import { StreamableHttp } from './streamable-http.ts'

/** Longer than the pools of most clients keep a connection, so that it is they who close it. */
const KEEP_ALIVE_MS = 75_000
/** Comments on silent streams keep proxies from closing them. */
const COMMENT_MS = 15_000

type App = (req: IncomingMessage, res: ServerResponse) => void

export interface HttpSetup {
  engine: Engine
  options: ListenOptions
  log: Log
  /** Makes the Express app; called when the first request needs it. */
  app(): Promise<App>
}

export class HttpListener {
  readonly #setup: HttpSetup
  readonly #guard: Guard
  readonly #streamable: StreamableHttp
  readonly #sse: LegacySse
  readonly #server: http.Server
  readonly #open = new Set<ServerResponse>()
  #app: Promise<App> | undefined
  #commenter: NodeJS.Timeout | undefined

  constructor(setup: HttpSetup) {
    const { engine, options } = setup
    this.#setup = setup
    this.#guard = createGuard(options)
    this.#streamable = new StreamableHttp(engine, options.body)
    this.#sse = new LegacySse(engine, options.body)
    this.#server = http.createServer({ keepAliveTimeout: KEEP_ALIVE_MS, noDelay: true }, (req, res) => this.#request(req, res))
  }

  /** Listens; resolves with the URL of the MCP endpoint. */
  listen(): Promise<string> {
    const { host, port } = this.#setup.options
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject)
        this.#commenter = setInterval(() => this.#comment(), COMMENT_MS)
        this.#commenter.unref()
        const { port: bound } = this.#server.address() as AddressInfo
        resolve(`http://${host.includes(':') ? `[${host}]` : host}:${bound}/mcp`)
      })
    })
  }

  /** A session has ended: its streams are closed. */
  ended(session: Session): void {
    this.#streamable.ended(session)
    this.#sse.ended(session)
  }

  /** Stops accepting connections; those that are open go on. */
  stop(): void {
    clearInterval(this.#commenter)
    this.#server.close()
    this.#server.closeIdleConnections()
  }

  /** Cuts every connection that is left. */
  cut(): void {
    this.#server.closeAllConnections()
  }

  #request(req: IncomingMessage, res: ServerResponse): void {
    const refusal = this.#guard(req)
    if (refusal !== undefined) return fail(req, res, new GatewayError('forbidden', refusal))
    if (req.headers.origin !== undefined) allowOrigin(req, res)
    if (req.method === 'OPTIONS') return preflight(req, res)
    // A promise that fails here is a request that gets an answer.
    this.#route(req, res)?.catch((error) => this.#failed(req, res, error))
  }

  #route(req: IncomingMessage, res: ServerResponse): Promise<void> | undefined {
    const url = req.url ?? '/'
    const query = url.indexOf('?')
    const path = query < 0 ? url : url.slice(0, query)
    if (path === '/mcp' || path.startsWith('/mcp/')) return this.#mcp(req, res, path)
    if (path === '/sse' || path.startsWith('/sse/')) return this.#connect(req, res, path)
    if (path === '/messages') {
      return this.#sse.post(req, res, new URLSearchParams(query < 0 ? '' : url.slice(query + 1)).get('sessionId') ?? '')
    }
    this.#app ??= this.#setup.app()
    return this.#app.then((app) => app(req, res))
  }

  async #mcp(req: IncomingMessage, res: ServerResponse, path: string): Promise<void> {
    if (req.method === 'GET') this.#open.add(res)
    res.once('close', () => this.#open.delete(res))
    return this.#streamable.handle(req, res, this.#endpoint(path, '/mcp'))
  }

  async #connect(req: IncomingMessage, res: ServerResponse, path: string): Promise<void> {
    this.#open.add(res)
    res.once('close', () => this.#open.delete(res))
    this.#sse.connect(req, res, this.#endpoint(path, '/sse'))
  }

  #endpoint(path: string, root: string) {
    const name = path.length > root.length + 1 ? decodeURIComponent(path.slice(root.length + 1).replace(/\/$/, '')) : undefined
    const endpoint = this.#setup.engine.endpoint(name)
    if (endpoint) return endpoint
    const known = [...this.#setup.engine.generation.members.keys()].join(', ') || 'none'
    throw new GatewayError('not_found', `there is no server "${name}"; configured are: ${known}`)
  }

  #failed(req: IncomingMessage, res: ServerResponse, error: unknown): void {
    const known = error instanceof URIError ? new GatewayError('not_found', 'the path is not valid') : asGatewayError(error)
    if (known.code === 'internal') this.#setup.log.error({ err: known, path: req.url }, 'a request failed inside the gateway')
    fail(req, res, known)
  }

  #comment(): void {
    for (const res of this.#open) if (res.headersSent && !res.writableEnded) res.write(':\n\n')
  }
}

function fail(req: IncomingMessage, res: ServerResponse, error: GatewayError): void {
  if (res.headersSent) {
    res.end()
    return
  }
  // What was not read of the body must not be taken for the next request.
  if (!req.complete) res.setHeader('connection', 'close')
  sendJson(res, error.wire.http === 200 ? 500 : error.wire.http, toReply(error).withId('null'))
}
