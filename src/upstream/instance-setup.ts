/** What an instance is made of, and what it tells those who made it. */
import type { Log } from '../observe/log.ts'
import type { GatewayError } from '../protocol/errors.ts'
import type { JsonObject, Message } from '../protocol/message.ts'
import type { Connection } from './connection.ts'
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
  clientInfo: JsonObject
  startTimeoutMs: number
  events: InstanceEvents
  log: Log
}
