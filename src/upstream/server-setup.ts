/** What a server is made of, and what it tells those who made it. */
import type { Log } from '../observe/log.ts'
import type { Traffic } from '../observe/traffic.ts'
import type { JsonObject } from '../protocol/message.ts'
import type { Children } from './children.ts'
import type { ServerOptions } from './options.ts'
import type { Snapshots } from './snapshot.ts'

/** `asleep`: its tools are known, and its next use starts it. `stopped`: nothing is known of it yet. */
export type ServerState = 'stopped' | 'asleep' | 'starting' | 'ready' | 'failed'

export interface ServerSetup {
  name: string
  options: ServerOptions
  pages: number
  /** The numbers to go on with: its own, or those of the server whose place it takes. */
  traffic: Traffic
  clientInfo: JsonObject
  log: Log
  children: Children
  /** Where it is kept what servers offer; without it, every start learns them anew. */
  snapshots: Snapshots | undefined
  /** Something that clients are shown of this server has changed. */
  changed(): void
  /** Some client may be shown other lists than before, because it holds another instance. */
  moved(): void
}
