/** One HTTP request on a keep-alive agent; redirects are followed within the origin only. */
import http from 'node:http'
import https from 'node:https'
import { urlToHttpOptions } from 'node:url'
import type { Chunks } from '../protocol/message.ts'

export interface HttpTarget {
  readonly url: URL
  /** The URL as Node's request functions take it. */
  readonly place: http.RequestOptions
  readonly agent: http.Agent
  /** Sent with every request, secrets included. */
  readonly headers: Record<string, string>
}

export interface HttpOptions {
  method: 'GET' | 'POST' | 'DELETE'
  headers: Record<string, string>
  body?: Chunks
  response(response: http.IncomingMessage): void
  /** The request failed before a response, or the response broke off; called at most once. */
  error(error: NodeJS.ErrnoException): void
}

const REDIRECTS_MAX = 3
const SMALL_BYTES = 16_384

/** A server drops an idle connection after five seconds or more; we drop it first, so that none is used while it dies. */
const IDLE_SOCKET_MS = 4_000

export function httpTarget(url: string, headers: Record<string, string>, skipVerify: boolean): HttpTarget {
  const parsed = new URL(url)
  const options = { keepAlive: true, noDelay: true, timeout: IDLE_SOCKET_MS }
  const agent =
    parsed.protocol === 'https:' ? new https.Agent({ ...options, rejectUnauthorized: !skipVerify }) : new http.Agent(options)
  return { url: parsed, place: urlToHttpOptions(parsed), agent, headers }
}

/** A request under way. */
export interface HttpHandle {
  destroy(): void
}

export function httpRequest(target: HttpTarget, options: HttpOptions): HttpHandle {
  let current: http.ClientRequest | undefined
  let over = false
  const fail = (error: NodeJS.ErrnoException): void => {
    if (over) return
    over = true
    options.error(error)
  }
  const body = options.body && joined(options.body)
  const headers = { ...target.headers, ...options.headers }
  if (body) headers['content-length'] = String(body.length)
  const start = (url: URL, redirects: number): void => {
    const send = url.protocol === 'https:' ? https.request : http.request
    // Parsing the URL anew for each request would cost as much as all of our own work on it.
    const place = url === target.url ? target.place : urlToHttpOptions(url)
    const request = send({ ...place, method: options.method, agent: target.agent, headers })
    current = request
    request.once('response', (response) => {
      const next = redirect(url, response)
      if (next && redirects < REDIRECTS_MAX) {
        response.resume()
        return start(next, redirects + 1)
      }
      response.once('error', fail)
      options.response(response)
    })
    request.once('error', fail)
    // As a text, a small body leaves in one piece with the head; every byte is one latin1 character.
    if (body && body.length <= SMALL_BYTES) request.end(body.toString('latin1'), 'latin1')
    else request.end(body)
  }
  try {
    start(target.url, 0)
  } catch (error) {
    // A header with a forbidden character throws; to the caller that is a failure like any other.
    queueMicrotask(() => fail(error as Error))
  }
  return {
    destroy: () => {
      over = true
      current?.destroy()
    },
  }
}

function joined(chunks: Chunks): Buffer {
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
}

/** Where a 307 or 308 leads, if that is the same origin: a method, a body and credentials go nowhere else. */
function redirect(from: URL, response: http.IncomingMessage): URL | undefined {
  if (response.statusCode !== 307 && response.statusCode !== 308) return undefined
  const location = response.headers.location
  if (!location || !URL.canParse(location, from.href)) return undefined
  const to = new URL(location, from.href)
  return to.origin === from.origin ? to : undefined
}

/** Reads a whole body, or gives up beyond the limit. */
export function readBody(response: http.IncomingMessage, bytesMax: number, done: (body: Buffer | undefined) => void): void {
  const chunks: Buffer[] = []
  let length = 0
  response.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length > bytesMax) {
      response.removeAllListeners('end')
      response.destroy()
      return done(undefined)
    }
    chunks.push(chunk)
  })
  response.once('end', () => done(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, length)))
}
