/** The HTTP listener: checks every request, answers MCP itself and leaves the rest to the Express app. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Endpoint, type EndpointName, unknownProfile, unknownServer } from '../gateway/endpoint.ts'
import type { Engine } from '../gateway/engine.ts'
import type { Session } from '../gateway/session.ts'
import type { Log } from '../observe/log.ts'
import { asGatewayError, GatewayError, toReply } from '../protocol/errors.ts'
import { sendJson } from './answer.ts'
import { Doors } from './doors.ts'
import { allowOrigin, createGuard, type Guard, preflight } from './guard.ts'
import type { ListenOptions } from './options.ts'
import { LegacySse } from './sse.ts'
import { StreamableHttp } from './streamable-http.ts'

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
  readonly #streamable: StreamableHttp
  readonly #sse: LegacySse
  readonly #doors = new Doors((req, res) => this.#request(req, res))
  readonly #open = new Set<ServerResponse>()
  #options: ListenOptions
  #guard: Guard
  /** The URL of the MCP endpoint, undefined until it listens. */
  #url: string | undefined
  #app: Promise<App> | undefined
  #commenter: NodeJS.Timeout | undefined

  constructor(setup: HttpSetup) {
    const { engine, options } = setup
    this.#setup = setup
    this.#options = options
    this.#guard = createGuard(options)
    const bodyBytesMax = (): number => this.#options.body
    this.#streamable = new StreamableHttp(engine, { bodyBytesMax, keepOpen: (res) => this.#keepOpen(res) })
    this.#sse = new LegacySse(engine, bodyBytesMax)
  }

  /** Listens; resolves with the URL of the MCP endpoint. */
  async listen(): Promise<string> {
    this.#url = await this.#doors.move(this.#options)
    this.#commenter = setInterval(() => this.#comment(), COMMENT_MS)
    this.#commenter.unref()
    return this.#url
  }

  /**
   * Goes on under other options. Where the address is another one, it is opened before the old one is left, and streams there go
   * on until they end. Resolves with where it moved; rejects, and changes nothing, where it cannot listen there.
   */
  async adopt(options: ListenOptions): Promise<{ from: string; to: string } | undefined> {
    const from = this.url
    const { host, port } = this.#options
    const moves = host !== options.host || port !== options.port
    if (moves) this.#url = await this.#doors.move(options)
    this.#options = options
    this.#guard = createGuard(options)
    return moves ? { from, to: this.url } : undefined
  }

  /** The URL of the MCP endpoint; it listens already. */
  get url(): string {
    return this.#url as string
  }

  /** A session has ended: its streams are closed. */
  ended(session: Session): void {
    this.#streamable.ended(session)
    this.#sse.ended(session)
  }

  /** Stops accepting connections; those that are open go on. */
  stop(): void {
    clearInterval(this.#commenter)
    this.#doors.stop()
  }

  /** Cuts every connection that is left. */
  cut(): void {
    this.#doors.cut()
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
    if (req.method === 'GET') this.#keepOpen(res)
    return this.#streamable.handle(req, res, this.#endpoint(path, '/mcp'))
  }

  async #connect(req: IncomingMessage, res: ServerResponse, path: string): Promise<void> {
    this.#keepOpen(res)
    this.#sse.connect(req, res, this.#endpoint(path, '/sse'))
  }

  #endpoint(path: string, root: string): Endpoint {
    const { engine } = this.#setup
    const name = endpointName(path.slice(root.length + 1))
    const endpoint = engine.endpoints.get(name)
    if (endpoint) return endpoint
    throw name.profile === undefined
      ? unknownServer(name.server ?? '', engine.generation)
      : unknownProfile(name.profile, engine.generation)
  }

  #failed(req: IncomingMessage, res: ServerResponse, error: unknown): void {
    const known = error instanceof URIError ? new GatewayError('not_found', 'the path is not valid') : asGatewayError(error)
    if (known.code === 'internal') this.#setup.log.error({ err: known, path: req.url }, 'a request failed inside the gateway')
    fail(req, res, known)
  }

  #keepOpen(res: ServerResponse): void {
    this.#open.add(res)
    res.once('close', () => this.#open.delete(res))
  }

  #comment(): void {
    for (const res of this.#open) if (res.headersSent && !res.writableEnded) res.write(':\n\n')
  }
}

/** What stands behind `/mcp/`: nothing, the name of a server, or `profile/` and the name of a profile. */
function endpointName(rest: string): EndpointName {
  const [first, second, ...more] = rest.replace(/\/$/, '').split('/').map(decodeURIComponent)
  if (!first) return {}
  if (second === undefined) return { server: first }
  return first === 'profile' && more.length === 0 ? { profile: second } : { server: rest }
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
