/** What the eras of the protocol do differently with a server, and what an instance lends the one that it speaks. */
import type { Exchange } from '../call/exchange.ts'
import type { GatewayError } from '../protocol/errors.ts'
import type { Chunks, Edit, Message } from '../protocol/message.ts'
import type { Era } from '../protocol/versions.ts'
import type { ClientLink } from './client-link.ts'
import type { Connection } from './connection.ts'
import type { ServerIdentity } from './identity.ts'
import type { InstanceSetup } from './instance-setup.ts'
import type { HttpHeaders } from './request-head.ts'

export interface Dialect {
  readonly era: Era
  /** A request of a client is under way although the server has none of ours: its client is asked, or a task is waited for. */
  readonly busy: boolean
  /** Learns who the server is. Rejects with a `GatewayError` where it does not say. */
  greet(): Promise<ServerIdentity>
  /** It is the one that is spoken from now on. */
  begin(identity: ServerIdentity): void
  /** Sends a client's request on, with our id and progress token, and resolves with the server's answer. */
  request(exchange: Exchange, edits: readonly Edit[], timeoutMs: number): Promise<Message>
  /** Asks the server something of our own, in the words of the session era. */
  ask(method: string, params: object | undefined, timeoutMs: number): Promise<Message>
  /** Tells the server what a client says to all servers. */
  pass(notification: Message): void
  /** Nobody waits for the answer to this request any more. */
  abandon(id: number, reason: string): void
  /** Takes what no request of a client or of ours waits for; false where it is not for the dialect. */
  takes(message: Message, stream: number | undefined): boolean
  /** A request that the dialect keeps open by itself has ended. */
  failed(id: number, error: GatewayError): void
  /** The server no longer knows the session; the request it said so to was not taken. */
  expired(id: number | undefined): void
  close(): void
}

/** What an instance lends its dialect. */
export interface Line {
  readonly setup: InstanceSetup
  readonly connection: Connection
  readonly link: ClientLink
  readonly closed: boolean
  /** The server has introduced itself anew. */
  identify(identity: ServerIdentity): void
  takeId(): number
  /** The answer to a request that `transmit` is to send. Throws where the instance has ended. */
  expect(id: number, chunks: Chunks, timeoutMs: number, exchange?: Exchange): Promise<Message>
  /** Sends a request that somebody still waits for; the headers are for HTTP. */
  transmit(id: number, chunks: Chunks, headers?: HttpHeaders): void
  /** Tells the server that nobody waits for the answer to a request any more. */
  end(id: number, reason: string): void
  /** Gives up a request of a client, and tells the server. */
  cancel(id: number, reason: string): void
  /** The server did not take a request because it had forgotten us: it is to be sent again. Undefined where nobody waits any more. */
  untaken(id: number): Chunks | undefined
  /** The instance counts as gone for this reason. */
  giveUp(error: GatewayError): void
}
