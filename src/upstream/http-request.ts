/** One HTTP request on a pool of keep-alive connections; redirects are followed within the origin only. */
import type { Chunks } from '../protocol/message.ts'

export interface HttpSent {
  path: string
  method: 'GET' | 'POST' | 'DELETE'
  headers: Record<string, string>
  body: Buffer | null
}

export interface HttpController {
  abort(reason: Error): void
  pause(): void
  resume(): void
}

/** What a pool tells of one request; the names are undici's. */
export interface HttpEvents {
  onRequestStart(controller: HttpController): void
  onResponseStart(controller: HttpController, status: number, headers: Record<string, string | string[] | undefined>): void
  onResponseData(controller: HttpController, chunk: Buffer): void
  onResponseEnd(controller: HttpController): void
  onResponseError(controller: HttpController, error: Error): void
}

/** Keeps the connections to one origin: undici's pool, or the small one of the bridge. */
export interface HttpPool {
  dispatch(sent: HttpSent, events: HttpEvents): unknown
  destroy(): unknown
}

export interface HttpTarget {
  readonly url: URL
  readonly pool: HttpPool
  /** Sent with every request, secrets included. */
  readonly headers: Record<string, string>
}

export interface HttpHead {
  readonly status: number
  /** A header by its lower-case name. */
  header(name: string): string | undefined
}

/** Takes the body of a response as it comes. */
export interface HttpReader {
  data(chunk: Buffer): void
  end(): void
  /** The connection broke before the end; without this, the request's `error` is told. */
  broken?(): void
}

export interface HttpOptions {
  method: 'GET' | 'POST' | 'DELETE'
  headers: Record<string, string>
  body?: Chunks
  /** The head has come; returns who takes the body, or undefined where nobody wants it. */
  response(head: HttpHead, flow: Flow): HttpReader | undefined
  /** There was no response, or it broke off; called at most once, and not after the end of a body. */
  error(error: NodeJS.ErrnoException): void
}

/** Holds up a response while its reader cannot keep up. */
export interface Flow {
  pause(): void
  resume(): void
}

/** A request under way. */
export interface HttpHandle {
  /** Ends it; nothing is told of it any more. */
  destroy(): void
}

const REDIRECTS_MAX = 3

/** A server drops an idle connection after five seconds or more; we drop it first, so that none is used while it dies. */
const IDLE_SOCKET_MS = 4_000

/** undici is loaded with the first HTTP server: whoever has none does not pay for it. */
export async function httpTarget(url: string, headers: Record<string, string>, skipVerify: boolean): Promise<HttpTarget> {
  const { Pool } = await import('undici')
  const parsed = new URL(url)
  const pool = new Pool(parsed.origin, {
    connections: null,
    pipelining: 1,
    keepAliveTimeout: IDLE_SOCKET_MS,
    // Patience is a matter of each request, which may be silent for long: timeouts stand in the instance.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { rejectUnauthorized: !skipVerify },
  })
  return { url: parsed, pool, headers }
}

export function httpRequest(target: HttpTarget, options: HttpOptions): HttpHandle {
  const request = new Request(target, options)
  request.start(target.url, 0)
  return request
}

class Request implements HttpHandle {
  readonly #target: HttpTarget
  readonly #options: HttpOptions
  #controller: HttpController | undefined
  #reader: HttpReader | undefined
  #over = false

  constructor(target: HttpTarget, options: HttpOptions) {
    this.#target = target
    this.#options = options
  }

  start(url: URL, redirects: number): void {
    const { method, headers, body } = this.#options
    const path = url.pathname + url.search
    const sent = body && (body.length === 1 ? (body[0] as Buffer) : Buffer.concat(body))
    this.#target.pool.dispatch(
      { path, method, headers: { ...this.#target.headers, ...headers }, body: sent ?? null },
      {
        onRequestStart: (controller) => {
          this.#controller = controller
          if (this.#over) controller.abort(new Error('nobody waits for the answer'))
        },
        onResponseStart: (_controller, status, received) => this.#head(url, redirects, status, received),
        onResponseData: (_controller, chunk) => this.#reader?.data(chunk),
        onResponseEnd: () => this.#end(),
        onResponseError: (_controller, error) => this.#fail(error),
      },
    )
  }

  destroy(): void {
    if (this.#over) return
    this.#over = true
    this.#controller?.abort(new Error('nobody waits for the answer'))
  }

  #head(url: URL, redirects: number, status: number, received: Record<string, string | string[] | undefined>): void {
    if (status < 200 || this.#over) return
    const header = (name: string): string | undefined => {
      const value = received[name]
      return Array.isArray(value) ? value[0] : value
    }
    const next = redirects < REDIRECTS_MAX ? redirect(url, status, header('location')) : undefined
    this.#reader = next
      ? { data: ignore, end: () => this.#again(next, redirects + 1) }
      : this.#options.response({ status, header }, this.#flow())
  }

  #again(url: URL, redirects: number): void {
    this.#over = false
    this.start(url, redirects)
  }

  #flow(): Flow {
    return { pause: () => this.#controller?.pause(), resume: () => this.#controller?.resume() }
  }

  #end(): void {
    if (this.#over) return
    this.#over = true
    this.#reader?.end()
  }

  #fail(error: NodeJS.ErrnoException): void {
    if (this.#over) return
    this.#over = true
    if (this.#reader?.broken) this.#reader.broken()
    else this.#options.error(error)
  }
}

/** Where a 307 or 308 leads, if that is the same origin: a method, a body and credentials go nowhere else. */
function redirect(from: URL, status: number, location: string | undefined): URL | undefined {
  if ((status !== 307 && status !== 308) || !location || !URL.canParse(location, from.href)) return undefined
  const to = new URL(location, from.href)
  return to.origin === from.origin ? to : undefined
}

/** Reads a whole body, or gives up beyond the limit. */
export function bodyReader(bytesMax: number, done: (body: Buffer | undefined) => void): HttpReader {
  const chunks: Buffer[] = []
  let length = 0
  return {
    data: (chunk) => {
      length += chunk.length
      if (length <= bytesMax) chunks.push(chunk)
      else chunks.length = 0
    },
    end: () => {
      if (length > bytesMax) done(undefined)
      else done(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, length))
    },
  }
}

function ignore(): void {
  // The body of a redirect says nothing that its head does not.
}
