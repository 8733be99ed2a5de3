/** What every transport to a server offers the instance above it. */
import type { GatewayError } from '../protocol/errors.ts'
import type { Chunks, Message } from '../protocol/message.ts'
import type { HttpHeaders } from './request-head.ts'

export interface ConnectionEvents {
  /** A message came; `stream` is the request on whose own answer stream it came, where the transport has such streams. */
  message(message: Message, stream: number | undefined): void
  /** A sign of life on the stream of a request that was no message. */
  alive(request: number): void
  /** A request will get no answer. */
  failed(request: number, error: GatewayError): void
  /** The server no longer knows the session; the request it said so to was not taken. */
  expired(request: number | undefined): void
  /** The connection is gone for good; `unsent` are requests that never left. */
  closed(error: GatewayError, unsent?: readonly number[]): void
}

export interface Connection {
  readonly transport: 'stdio' | 'streamable' | 'sse'
  /** Becomes ready to send; rejects with a `GatewayError` that a person can act on. */
  open(events: ConnectionEvents): Promise<void>
  /**
   * Sends one message; `request` is its id where it is a request, `headers` say over HTTP what else it needs. Never throws:
   * failures are events.
   */
  send(message: Chunks, request?: number, headers?: HttpHeaders): void
  /** The server has chosen this revision of the protocol for everything that follows. */
  speak(version: string): void
  /** The handshake is done. */
  initialized(): void
  /** Nobody waits for this request any more. */
  forget(request: number): void
  /** Forgets the session, so that the next handshake opens another. */
  reset(): void
  /** Stops and resumes reading from the server, where a client cannot keep up. */
  pause(): void
  resume(): void
  /** Ends the connection, and the process where there is one. */
  close(): Promise<void>
  /** What it said on stderr lately, oldest first. */
  readonly stderr: readonly string[]
  readonly pid: number | undefined
}
