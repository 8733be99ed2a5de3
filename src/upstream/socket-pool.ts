/** HTTP/1.1 over plain sockets, for a process that has to stay small: node:http and undici cost megabytes each. */
import { connect, type Socket } from 'node:net'
import type { HttpController, HttpEvents, HttpPool, HttpSent } from './http-request.ts'
import { ResponseParser } from './response-parser.ts'

/** A server drops an idle connection after five seconds or more; we drop it first, so that none is used while it dies. */
const IDLE_SOCKET_MS = 4_000

export class SocketPool implements HttpPool {
  readonly #origin: URL
  readonly #open: () => Socket
  readonly #lines = new Set<Line>()

  private constructor(origin: URL, open: () => Socket) {
    this.#origin = origin
    this.#open = open
  }

  static async to(origin: URL): Promise<SocketPool> {
    const host = origin.hostname.replace(/^\[|\]$/g, '')
    const port = Number(origin.port) || (origin.protocol === 'https:' ? 443 : 80)
    if (origin.protocol !== 'https:') return new SocketPool(origin, () => connect({ host, port, noDelay: true }))
    const tls = await import('node:tls')
    return new SocketPool(origin, () => tls.connect({ host, port, servername: host }))
  }

  dispatch(sent: HttpSent, events: HttpEvents): void {
    const idle = [...this.#lines].findLast((line) => line.idle)
    const line = idle ?? new Line(this.#open(), (closed) => this.#lines.delete(closed))
    this.#lines.add(line)
    line.take(new Exchange(line.socket, events))
    events.onRequestStart(line.exchange as Exchange)
    if (!line.socket.destroyed) send(line.socket, requestHead(this.#origin.host, sent), sent.body)
  }

  destroy(): void {
    for (const line of this.#lines) line.socket.destroy()
  }
}

/** One connection and the request that it serves at the moment. */
class Line {
  readonly socket: Socket
  exchange: Exchange | undefined

  constructor(socket: Socket, closed: (line: Line) => void) {
    let failure: Error | undefined
    this.socket = socket
    socket.on('data', (chunk: Buffer) => this.#data(chunk))
    socket.on('timeout', () => socket.destroy())
    socket.on('error', (error) => {
      failure = error
    })
    socket.once('close', () => {
      closed(this)
      this.exchange?.closed(failure)
    })
  }

  get idle(): boolean {
    return this.exchange === undefined && this.socket.writable && !this.socket.readableEnded
  }

  take(exchange: Exchange): void {
    this.exchange = exchange
    this.socket.setTimeout(0)
  }

  #data(chunk: Buffer): void {
    const { exchange, socket } = this
    // Nobody has asked for anything: this is no HTTP.
    if (!exchange) return void socket.destroy()
    if (!exchange.data(chunk)) return
    this.exchange = undefined
    if (exchange.reusable) socket.setTimeout(IDLE_SOCKET_MS).resume()
    else socket.destroy()
    exchange.ended()
  }
}

/** One request, from the head of it to the end of its response. */
class Exchange implements HttpController {
  readonly #socket: Socket
  readonly #events: HttpEvents
  readonly #parser: ResponseParser
  #done = false
  #aborted: Error | undefined

  constructor(socket: Socket, events: HttpEvents) {
    this.#socket = socket
    this.#events = events
    this.#parser = new ResponseParser({
      head: (status, headers) => events.onResponseStart(this, status, headers),
      data: (chunk) => events.onResponseData(this, chunk),
      end: () => {
        this.#done = true
      },
    })
  }

  get reusable(): boolean {
    return this.#parser.reusable
  }

  abort(reason: Error): void {
    if (this.#done) return
    this.#aborted ??= reason
    this.#socket.destroy()
  }

  pause(): void {
    if (!this.#done) this.#socket.pause()
  }

  resume(): void {
    if (!this.#done) this.#socket.resume()
  }

  /** Takes bytes of the response; true once it is complete. */
  data(chunk: Buffer): boolean {
    try {
      this.#parser.push(chunk)
    } catch (error) {
      this.abort(error as Error)
    }
    return this.#done
  }

  ended(): void {
    this.#events.onResponseEnd(this)
  }

  closed(failure: Error | undefined): void {
    const error = this.#aborted ?? failure
    if (!error && this.#parser.closed()) return this.ended()
    this.#events.onResponseError(this, error ?? Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' }))
  }
}

function send(socket: Socket, head: string, body: Buffer | null): void {
  socket.cork()
  socket.write(head, 'latin1')
  if (body) socket.write(body)
  socket.uncork()
}

function requestHead(host: string, { path, method, headers, body }: HttpSent): string {
  const all = { host, ...headers, ...(method === 'POST' && { 'content-length': String(body?.length ?? 0) }) }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value.replace(/[\r\n]/g, ' ')}\r\n`)
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`
}
