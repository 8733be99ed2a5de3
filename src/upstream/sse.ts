/** The connection to a server of 2024-11-05 over HTTP+SSE: one event stream down, one POST a message up. */
import type { Log } from '../observe/log.ts'
import { GatewayError } from '../protocol/errors.ts'
import { EventStreamParser } from '../protocol/event-stream.ts'
import type { Chunks } from '../protocol/message.ts'
import { isMalformed, readMessage } from '../protocol/read.ts'
import type { Connection, ConnectionEvents } from './connection.ts'
import { connectionError, HttpStatusError } from './http-failure.ts'
import type { Flow, HttpHandle } from './http-line.ts'
import { type HttpTarget, httpRequest } from './http-request.ts'
import { MESSAGE_BYTES_MAX } from './stdio.ts'

export class SseConnection implements Connection {
  readonly transport = 'sse'
  readonly stderr: readonly string[] = []
  readonly pid = undefined
  readonly #name: string
  readonly #target: HttpTarget
  readonly #log: Log
  #events: ConnectionEvents | undefined
  #stream: HttpHandle | undefined
  #flow: Flow | undefined
  #endpoint: HttpTarget | undefined
  #version: string | undefined

  constructor(name: string, target: HttpTarget, log: Log) {
    this.#name = name
    this.#target = target
    this.#log = log
  }

  /** Resolves when the server has named the endpoint to post to. */
  open(events: ConnectionEvents): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stream = httpRequest(this.#target, {
        method: 'GET',
        headers: { accept: 'text/event-stream' },
        response: ({ status }, flow) => {
          if (status !== 200) {
            reject(new HttpStatusError(this.#name, status, ''))
            return undefined
          }
          this.#flow = flow
          const parser = this.#parser((endpoint) => {
            if (!this.#named(endpoint)) {
              reject(
                new GatewayError('unavailable', `${this.#name} named an endpoint of another origin: ${endpoint.slice(0, 200)}`),
              )
              return this.#destroy()
            }
            this.#events = events
            resolve()
          })
          const over = (): void => {
            const error = new GatewayError('interrupted', `${this.#name} closed its event stream`)
            reject(error)
            this.#events?.closed(error)
          }
          return { data: (chunk) => parser.push(chunk), end: over, broken: over }
        },
        error: (error) => {
          const reason = connectionError(this.#name, this.#target.url, error)
          reject(reason)
          this.#events?.closed(reason)
        },
      })
    })
  }

  send(message: Chunks, request?: number): Promise<void> {
    return new Promise((accepted) => {
      const fail = (error: GatewayError): void => {
        accepted()
        if (request !== undefined) this.#events?.failed(request, error)
      }
      httpRequest(this.#endpoint ?? this.#target, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(this.#version !== undefined && { 'mcp-protocol-version': this.#version }),
        },
        body: message,
        response: ({ status }) => {
          if (status >= 200 && status <= 299) accepted()
          else fail(new HttpStatusError(this.#name, status, ''))
          return undefined
        },
        error: (error) => fail(connectionError(this.#name, this.#target.url, error)),
      })
    })
  }

  speak(version: string): void {
    this.#version = version
  }

  initialized(): void {
    // The stream is open from the start.
  }

  forget(): void {
    // The POST is over; the notification that goes with it says the rest.
  }

  reset(): void {
    // The stream is the session: when it ends, so does the connection.
  }

  pause(): void {
    this.#flow?.pause()
  }

  resume(): void {
    this.#flow?.resume()
  }

  async close(): Promise<void> {
    this.#destroy()
  }

  #destroy(): void {
    this.#stream?.destroy()
    void this.#target.pool.destroy()
  }

  #parser(endpoint: (uri: string) => void): EventStreamParser {
    return new EventStreamParser(MESSAGE_BYTES_MAX, {
      event: (event) => {
        if (event.name === 'endpoint') endpoint(event.data.toString())
        else if (event.name === '' || event.name === 'message') this.#deliver(event.data)
      },
      overflow: (bytes) => this.#log.warn({ server: this.#name, bytes }, 'an event is too long and was dropped'),
    })
  }

  /** Takes the endpoint, resolved against the stream's URL; credentials go to no other origin. */
  #named(endpoint: string): boolean {
    if (!URL.canParse(endpoint, this.#target.url.href)) return false
    const url = new URL(endpoint, this.#target.url.href)
    if (url.origin !== this.#target.url.origin) return false
    this.#endpoint = { ...this.#target, url }
    return true
  }

  #deliver(data: Buffer): void {
    const message = readMessage(data)
    if (!isMalformed(message)) return this.#events?.message(message, undefined)
    this.#log.warn({ server: this.#name, text: data.toString('utf8', 0, 200) }, 'an event is no JSON-RPC message and was skipped')
  }
}
