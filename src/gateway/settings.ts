/** What an engine is made of, and which of it a reload may change. */
import type { Log } from '../observe/log.ts'
import type { Children } from '../upstream/children.ts'
import type { ServerOptions } from '../upstream/options.ts'
import type { Snapshots } from '../upstream/snapshot.ts'
import type { ShowOptions } from './generation.ts'
import type { CountStore } from './list-costs.ts'
import type { SessionOptions, ShutdownOptions, StatelessOptions } from './options.ts'
import type { RosterOptions } from './roster.ts'
import type { UsageStore } from './usage.ts'

/** Everything that a reload may change. */
export interface Settings extends ShowOptions {
  servers: Record<string, ServerOptions>
  /** Bytes that all servers together may take. */
  memory?: number | undefined
  sessions: SessionOptions
  stateless: StatelessOptions
  shutdown: ShutdownOptions
}

export interface EngineSetup extends Settings {
  version: string
  log: Log
  children: Children
  /** Where it is kept what servers offer; without it, every start learns them anew. */
  snapshots?: Snapshots
  /** Where it is kept what lists cost; without it, they are counted in every run. */
  counts?: CountStore
  /** Where it is kept what is used; without it, every run begins anew. */
  usage?: UsageStore
  /** Where results that are too large are kept; without it, all of them pass whole. */
  resultsFolder?: string
}

export function rosterOptions({ servers, catalog, shutdown }: Settings): RosterOptions {
  return { servers, pages: catalog.pages, grace: shutdown.grace }
}
