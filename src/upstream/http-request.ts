/** One HTTP request on a pool of keep-alive connections; redirects are followed within the origin only. */
import type { Chunks } from '../protocol/message.ts'
import type { Flow, HttpError, HttpEvents, HttpHandle } from './http-line.ts'
import type { HttpHeaders } from './request-head.ts'
import type { ResponseHead } from './response-head.ts'
import { type PoolOptions, SocketPool } from './socket-pool.ts'

export interface HttpTarget {
  readonly url: URL
  readonly pool: SocketPool
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
  headers: HttpHeaders
  body?: Chunks
  /** The head has come; returns who takes the body, or undefined where nobody wants it. */
  response(head: ResponseHead, flow: Flow): HttpReader | undefined
  /** There was no response, or it broke off; called at most once, and not after the end of a body. */
  error(error: HttpError): void
}

const REDIRECTS_MAX = 3

export async function httpTarget(url: string, options?: PoolOptions): Promise<HttpTarget> {
  const parsed = new URL(url)
  return { url: parsed, pool: await SocketPool.to(parsed, options) }
}

export function httpRequest(target: HttpTarget, options: HttpOptions): HttpHandle {
  return new Request(target, options)
}

class Request implements HttpHandle, HttpEvents {
  readonly #target: HttpTarget
  readonly #options: HttpOptions
  #url: URL
  #redirects = 0
  #handle: HttpHandle
  #reader: HttpReader | undefined
  /** Where to ask again after the body of this response. */
  #next: URL | undefined
  #repeated = false
  #over = false

  constructor(target: HttpTarget, options: HttpOptions) {
    this.#target = target
    this.#options = options
    this.#url = target.url
    this.#handle = this.#send()
  }

  destroy(): void {
    if (this.#over) return
    this.#over = true
    this.#handle.destroy()
  }

  head(head: ResponseHead, flow: Flow): void {
    if (this.#over) return
    this.#next = this.#redirects < REDIRECTS_MAX ? redirect(this.#url, head) : undefined
    this.#reader = this.#next ? undefined : this.#options.response(head, flow)
  }

  data(chunk: Buffer): void {
    if (!this.#over) this.#reader?.data(chunk)
  }

  end(): void {
    if (this.#over) return
    if (this.#next) return this.#redirect(this.#next)
    this.#over = true
    this.#reader?.end()
  }

  error(error: HttpError): void {
    if (this.#over) return
    // A request that changes nothing by being made twice may be sent again (RFC 9110, 9.2.2).
    if (error.stale && this.#options.method !== 'POST' && !this.#repeated) {
      this.#repeated = true
      this.#handle = this.#send()
      return
    }
    this.#over = true
    if (this.#reader?.broken) this.#reader.broken()
    else this.#options.error(error)
  }

  #redirect(to: URL): void {
    this.#url = to
    this.#redirects++
    this.#next = undefined
    this.#handle = this.#send()
  }

  #send(): HttpHandle {
    const { method, headers, body } = this.#options
    const path = this.#url.pathname + this.#url.search
    return this.#target.pool.send({ path, method, headers, body }, this)
  }
}

/** Where a 307 or 308 leads, if that is the same origin: a method, a body and credentials go nowhere else. */
function redirect(from: URL, head: ResponseHead): URL | undefined {
  const { status } = head
  const location = head.header('location')
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
