/** Remembers every edit of a file, before it is made and after, so that it can be undone, also when we were killed in between. */
import { constants } from 'node:fs'
import { dirname, join } from 'node:path'
import type { FileDigest } from '../std/edit-attempt.ts'
import { type EditSystem, realEditSystem } from '../std/edit-system.ts'
import { homeDir, stateDir } from '../std/paths.ts'
import { located } from '../std/replace-file.ts'
import type { FormatName, KeyPath } from './formats/format.ts'

/** What an edit did to one entry of the file. */
export interface KeyChange {
  key: KeyPath
  /** Absent where the entry was not there. */
  before?: EntrySource
  /** Absent where the entry is not there any more. */
  after?: EntrySource
  /** How many keys of the path led somewhere before; parents beyond are ours. */
  parents: number
}

export interface EntrySource {
  /** As `Format.slice` gave it. */
  source: string
  value: unknown
}

/** One edit of one file. */
export interface JournalEntry {
  id: string
  /** Shared by all edits of one command. */
  runId: string
  /** A client's id, or `mcp-gw` for our own files. */
  client: string
  /** The command: `init`, `doctor --fix`. */
  reason: string
  /** When, as ISO 8601. */
  at: string
  path: string
  realPath: string
  /** Absent for a file that can only be restored as a whole. */
  format?: FormatName
  before?: FileDigest
  after?: FileDigest
  backup?: string
  createdFile: boolean
  createdFolders: string[]
  changes: KeyChange[]
  locks?: readonly string[]
  owner?: string
}

/** `intended` is an edit of which nobody knows whether it was made: the command ended in between. */
export type EntryState = 'intended' | 'done' | 'failed' | 'undone'

export type RecordedEntry = JournalEntry & { state: EntryState }

type Line = { type: 'intended'; entry: JournalEntry } | { type: 'done' | 'failed' | 'undone'; id: string; at: string }

/** Where edits are remembered: the journal, and the backups. */
export interface History {
  journal: Journal
  backups: string
  system: EditSystem
}

/** The history of the person with this environment. */
export function historyOf(env: NodeJS.ProcessEnv): History {
  const home = homeDir(env)
  return historyIn(stateDir(env, process.platform, home), realEditSystem(home))
}

export function historyIn(folder: string, system: EditSystem): History {
  return { journal: new Journal(join(folder, 'edits.jsonl'), system), backups: join(folder, 'backups'), system }
}

/** A file of JSON lines for its owner only. It holds the entries that were removed, and those may hold secrets. */
export class Journal {
  readonly #file: string
  readonly #system: EditSystem

  constructor(file: string, system: EditSystem) {
    this.#file = file
    this.#system = system
  }

  /** All edits, the oldest first. Half a line, which a crash leaves, is none. */
  async entries(): Promise<RecordedEntry[]> {
    const entries = new Map<string, RecordedEntry>()
    for (const line of await this.#lines()) {
      // An edit that was made anew, because the file had changed, counts as it was made last.
      if (line.type === 'intended') entries.set(line.entry.id, { ...line.entry, state: 'intended' })
      else {
        const entry = entries.get(line.id)
        if (entry) entry.state = line.type
      }
    }
    return [...entries.values()]
  }

  /** Returns when the line is safe on the disk. */
  intend(entry: JournalEntry): Promise<void> {
    return this.#append({ type: 'intended', entry })
  }

  /** Says what became of an edit. */
  settle(id: string, type: 'done' | 'failed' | 'undone'): Promise<void> {
    return this.#append({ type, id, at: new Date(this.#system.now()).toISOString() })
  }

  async #append(line: Line): Promise<void> {
    const { files } = this.#system
    await files.mkdir(dirname(this.#file), { recursive: true, mode: 0o700 })
    const handle = await files.open(this.#file, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, 0o600)
    try {
      const { size } = await handle.stat()
      const last = Buffer.alloc(1)
      if (size > 0) await handle.read(last, 0, 1, size - 1)
      // Half a line at the end must not take this one with it.
      const start = size === 0 || last.toString() === '\n' ? '' : '\n'
      // One write, so that two commands at the same time do not mix their lines.
      await handle.write(`${start}${JSON.stringify(line)}\n`)
      await handle.sync()
    } catch (error) {
      throw located(error, this.#file)
    } finally {
      await handle.close()
    }
  }

  async #lines(): Promise<Line[]> {
    try {
      const handle = await this.#system.files.open(this.#file, 'r')
      try {
        return (await handle.readFile('utf8')).split('\n').flatMap(readLine)
      } finally {
        await handle.close()
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }
}

function readLine(text: string): Line[] {
  try {
    const line = JSON.parse(text) as Line
    return line.type === 'intended' ? [line].filter(({ entry }) => typeof entry?.id === 'string') : [line]
  } catch {
    return []
  }
}
