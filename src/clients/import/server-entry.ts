/** A server in the words of our config, on its way from a client's file to ours. */
import type { KeyPath } from '../formats/format.ts'
import type { Need } from './variables.ts'

/** What may stand in an entry of `servers:`. Texts may hold `${…}` of ours; what is literal is escaped. */
export interface ServerEntry {
  command?: string
  args?: string[]
  env?: Record<string, string>
  inherit?: string[] | 'all'
  cwd?: string
  url?: string
  headers?: Record<string, string>
  type?: 'stdio' | 'http' | 'sse'
  disabled?: true
  timeout?: string
  start_timeout?: string
  idle?: string
  tools?: { allow?: string[]; deny?: string[] }
  tls_skip_verify?: true
  required?: true
  quirks?: Record<string, unknown>
  reconnect?: { base?: string; max?: string; attempts?: number }
}

/** Where a server was found. */
export interface Origin {
  /** The id of the client, or the name of the program whose config was imported. */
  client: string
  /** Its name there. */
  name: string
  path: string
  keyPath: KeyPath
  scope: 'user' | 'project' | 'plugin' | 'policy' | 'file'
  project?: string
}

export type NoteKind =
  /** Something that the client allowed without asking, and that the gateway cannot allow for it. */
  | 'approvals'
  /** Keys that have no counterpart here. */
  | 'left out'
  /** Another gateway, taken over as one server. */
  | 'aggregator'
  /** A program that only led to an address is gone. */
  | 'bridge'
  /** The address has moved. */
  | 'moved'
  /** Another server has the name. */
  | 'renamed'
  /** A value that only the client could fill in. */
  | 'unknown value'
  /** Something else that a person should look at. */
  | 'look'

export interface ImportNote {
  kind: NoteKind
  /** One sentence without the server's name. */
  text: string
}

/** One entry of a client, read. */
export interface ReadServer {
  name: string
  entry: ServerEntry
  origin: Origin
  needs: Need[]
  notes: ImportNote[]
  /** Why nobody may move it: it belongs to a plugin or to an administrator. */
  readOnly?: string
  /** The entry as it was before its bridge was taken away. */
  bridged?: ServerEntry
}

/** An entry that is not taken over, and why. */
export interface SkippedServer {
  origin: Origin
  reason: string
  /** `gateway`: it is this gateway itself. `unusable`: nothing that could be started or reached. */
  kind: 'gateway' | 'unusable'
}
