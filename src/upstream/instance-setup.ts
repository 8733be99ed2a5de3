/** What an instance is made of, and what it tells those who made it. */
import type { Log } from '../observe/log.ts'
import type { GatewayError } from '../protocol/errors.ts'
import type { JsonObject, Message } from '../protocol/message.ts'
import type { Era } from '../protocol/versions.ts'
import type { Connection } from './connection.ts'
import type { Item } from './listing.ts'
import type { Seat } from './sharing.ts'

export type ListKind = 'tools' | 'prompts' | 'resources'

export interface InstanceEvents {
  listChanged(kind: ListKind): void
  updated(notification: Message): void
  /** The server asked a client something. */
  asked(): void
  closed(error: GatewayError): void
}

export interface InstanceSetup {
  name: string
  connection: Connection
  /** Whom it serves, and what it is told of them. */
  seat: Seat
  /** The eras in which it is addressed, one after the other until it answers. */
  eras: readonly [Era, Era?]
  clientInfo: JsonObject
  startTimeoutMs: number
  /** The tools that it is known to have. */
  tools(): readonly Item[]
  /** Reads the list of its tools again. */
  relist(): Promise<void>
  events: InstanceEvents
  log: Log
}
