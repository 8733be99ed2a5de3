/** What a server is made of, and what it tells those who made it. */
import type { Log } from '../observe/log.ts'
import type { Traffic } from '../observe/traffic.ts'
import type { JsonObject } from '../protocol/message.ts'
import type { ServerOptions } from './options.ts'

export type ServerState = 'stopped' | 'starting' | 'ready' | 'failed'

export interface ServerSetup {
  name: string
  options: ServerOptions
  pages: number
  /** The numbers to go on with: its own, or those of the server whose place it takes. */
  traffic: Traffic
  clientInfo: JsonObject
  log: Log
  /** Something that clients are shown of this server has changed. */
  changed(): void
  /** Some client may be shown other lists than before, because it holds another instance. */
  moved(): void
}
