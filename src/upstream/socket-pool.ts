/** Keeps the connections to one origin, over plain or TLS sockets. It is our own because it is on the way of every call. */
import { connect, isIP, type OnReadOpts } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { type HttpEvents, type HttpHandle, HttpLine, type HttpSent, type Open } from './http-line.ts'
import { type HttpHeaders, RequestHeads } from './request-head.ts'

/** All sockets read into the same memory: what is read is copied or used up before the next one is read. */
const READ_BYTES = 65_536
/** How often it is looked for connections that have rested for too long. */
const SWEEP_MS = 500

export interface PoolOptions {
  /** Sent with every request, secrets included. */
  headers?: HttpHeaders
  /** Accept any certificate. */
  skipVerify?: boolean
}

export class SocketPool {
  readonly #heads: RequestHeads
  readonly #open: Open
  readonly #lines = new Set<HttpLine>()
  /** The lines that rest, the one that was used last at the end. */
  #resting: HttpLine[] = []
  #sweeper: NodeJS.Timeout | undefined
  #destroyed = false

  private constructor(heads: RequestHeads, open: Open) {
    this.#heads = heads
    this.#open = open
  }

  static async to(origin: URL, { headers = {}, skipVerify = false }: PoolOptions = {}): Promise<SocketPool> {
    return new SocketPool(new RequestHeads(origin.host, headers), await opener(origin, !skipVerify))
  }

  send(sent: HttpSent, events: HttpEvents): HttpHandle {
    try {
      if (this.#destroyed) throw new Error('the connections were closed')
      const bodyBytes = sent.body?.reduce((sum, chunk) => sum + chunk.length, 0)
      const head = this.#heads.write(sent.method, sent.path, sent.headers, bodyBytes)
      return this.#line().send(head, sent.body, events)
    } catch (error) {
      // As with every other failure, whoever asks has its handle first.
      queueMicrotask(() => events.error(Object.assign(error as Error, { unsent: true })))
      return { destroy: () => undefined }
    }
  }

  /** Closes all connections; requests that are under way fail. */
  destroy(): void {
    this.#destroyed = true
    clearTimeout(this.#sweeper)
    for (const line of this.#lines) line.close()
  }

  #line(): HttpLine {
    const now = Date.now()
    for (let line = this.#resting.pop(); line; line = this.#resting.pop()) {
      if (line.fresh(now)) return line
      line.close()
    }
    const line = new HttpLine(this.#open, {
      rests: (rested) => this.#rests(rested),
      closed: (closed, error) => {
        this.#lines.delete(closed)
        // What one connection met while it rested, the others have met too.
        if (error?.stale) this.#drop(() => false)
      },
    })
    this.#lines.add(line)
    return line
  }

  #rests(line: HttpLine): void {
    this.#resting.push(line)
    this.#sweeper ??= setTimeout(() => this.#sweep(), SWEEP_MS).unref()
  }

  #sweep(): void {
    const now = Date.now()
    this.#drop((line) => line.fresh(now))
    if (this.#resting.length === 0) this.#sweeper = undefined
    else this.#sweeper?.refresh()
  }

  #drop(keeps: (line: HttpLine) => boolean): void {
    const resting = this.#resting
    this.#resting = resting.filter(keeps)
    for (const line of resting) if (!keeps(line)) line.close()
  }
}

/** TLS is loaded only where it is needed. */
async function opener({ protocol, hostname, port }: URL, verify: boolean): Promise<Open> {
  const host = hostname.replace(/^\[|\]$/g, '')
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES)
  if (protocol !== 'https:') {
    return (read) => ({ socket: connect({ host, port: Number(port) || 80, onread: reader(buffer, read) }), ready: 'connect' })
  }
  const tls = await import('node:tls')
  let session: Buffer | undefined
  return (read) => {
    const options: ConnectionOptions & { onread: OnReadOpts } = {
      host,
      port: Number(port) || 443,
      // An address is no server name (RFC 6066, 3).
      servername: isIP(host) ? '' : host,
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: verify,
      onread: reader(buffer, read),
      ...(session && { session }),
    }
    const socket = tls.connect(options).on('session', (ticket: Buffer) => {
      session = ticket
    })
    return { socket, ready: 'secureConnect' }
  }
}

function reader(buffer: Buffer, read: (chunk: Buffer) => void): OnReadOpts {
  const callback = (bytes: number): boolean => {
    read(buffer.subarray(0, bytes))
    return true
  }
  return { buffer, callback }
}
