/** What is asked for when a client is to use the gateway, and the plan that comes of it. */
import type { Secret } from '../../std/secret.ts'
import type { Client } from '../client.ts'
import type { FoundClient } from '../find.ts'
import type { FormatName, KeyPath } from '../formats/format.ts'
import type { Origin } from '../import/server-entry.ts'
import type { RecordedEntry } from '../journal.ts'
import type { Machine } from '../machine.ts'
import type { EntryState } from './entry-state.ts'

export interface ExportRequest {
  client: Client
  /** The gateway's endpoint, and the token that it wants, if it wants one. */
  gateway: { url: string; token?: GatewayToken }
  bridge: { command: string; args: string[] }
  /** `auto` is HTTP where a service keeps the gateway running and the client takes addresses, and the bridge otherwise. */
  mode: 'http' | 'stdio' | 'auto'
  /** Whether something starts the gateway with the machine. */
  service?: boolean
  scope: 'user' | 'project'
  /** What becomes of the entries in `taken`: removed, switched off where the client can do that, or left alone. */
  originals: 'move' | 'disable' | 'keep'
  /** The entries that the gateway has now. */
  taken?: readonly Origin[]
  machine: Machine
  /** As `findClients` gave it; looked for where it is left out. */
  found?: FoundClient
  /** What we did before: `journal.entries()`. */
  history?: readonly RecordedEntry[]
  /** Write over an entry of our name that is not as we wrote it. */
  overwrite?: boolean
  /** Write files of an application that nothing shows to be installed. */
  create?: boolean
}

/** The value is written only where there is no variable, or the client cannot name one. */
export interface GatewayToken {
  value?: Secret
  variable?: string
}

export interface ExportPlan {
  client: Client
  /** Undefined where nothing can be written. */
  mode: 'http' | 'stdio' | undefined
  /** The state of the entry before; of several files, the one that needs most attention. */
  state: EntryState
  files: FilePlan[]
  notes: ExportNote[]
  /** Why there is nothing to write, or why something is not written that should be. */
  problems: string[]
}

export interface ExportNote {
  /** Where the message has a code that people may look for. */
  code?: string
  text: string
}

/** What is done to one entry, and what it is when the plan is made: where it is something else by then, nothing is done. */
export type EntryChange = { key: KeyPath; was: unknown } & ({ set: unknown } | { remove: true })

export interface FilePlan {
  path: string
  format: FormatName
  state: EntryState
  /** In the order in which they are made. */
  changes: EntryChange[]
  /** The text now, and as it will be; undefined is no file. */
  before: string | undefined
  after: string | undefined
  /** Taken while it is written. */
  locks: string[]
  hot: boolean
  /** It will hold a secret, so only its owner may read it. */
  secret: boolean
  notes: ExportNote[]
  problem?: string
}
