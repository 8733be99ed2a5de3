/** One request of a client on its way through the gateway: the same for every era and every transport. */
import type { Capabilities } from '../protocol/capabilities.ts'
import type { Chunks, JsonObject, Message } from '../protocol/message.ts'
import type { RootSet } from '../protocol/roots.ts'
import type { Era } from '../protocol/versions.ts'

/** Where a client works. */
export interface Workspace {
  /** Its folders, undefined while they are not known. */
  readonly roots: RootSet | undefined
  /** Makes sure that they are known. Never rejects: of a client that does not answer it is known that it works nowhere. */
  settle(): Promise<void>
}

/** The client at the other end, as upstreams know it. */
export interface Client {
  /** Unique among all clients that are connected. */
  readonly id: string
  readonly era: Era
  readonly capabilities: Capabilities
  /** `clientInfo` as the client sent it. */
  readonly info: JsonObject
  readonly workspace: Workspace
  /** The least severe log level it wants to see, undefined until it said so. */
  readonly logLevel: string | undefined
  /** It has left. */
  readonly closed: boolean
  /** Sends it something that belongs to no request. */
  notify(notification: Chunks): void
  /** Asks it something that belongs to no request. */
  ask(question: Message): Asked
}

/** A question that is on its way to a client. */
export interface Asked {
  readonly answer: Promise<Message>
  /** Set by whoever asked, to hear how far the client is; gets notifications with the token of the question. */
  onProgress: ((notification: Chunks) => void) | undefined
  /** Tells the client that nobody waits any more. */
  withdraw(): void
}

export interface Exchange {
  readonly era: Era
  /** The request as the client sent it. */
  readonly request: Message
  readonly client: Client
  /** Why the client no longer wants the answer, undefined while it does. */
  readonly cancelled: string | undefined
  /** Called once when the client cancels; at most one listener, the upstream that works on it. */
  onCancel: ((reason: string) => void) | undefined
  /** Sends the client a notification on the stream of this request. */
  emit(notification: Chunks): void
  /** Asks the client on the stream of this request. */
  ask(question: Message): Asked
  /** Tells that the server was refused a question of this method, which the client has not declared that it answers. */
  refused?(method: string): void
}
