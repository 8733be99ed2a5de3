/** Keeps on disk what is known of each server, so that a start lists everything and starts nothing. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { sep } from 'node:path'
import type { Log } from '../observe/log.ts'
import { canonical } from '../std/changed-keys.ts'
import type { ServerIdentity } from './identity.ts'
import type { KnowledgeStore, Known } from './knowledge.ts'
import type { Item, Listing, Section } from './listing.ts'
import type { ServerOptions } from './options.ts'

/** Raised when the form of the files changes: older ones are then ignored and written anew. */
const FORM = 2

interface Saved {
  form: number
  fingerprint: string
  /** By capabilities. */
  kinds: Record<string, { identity: ServerIdentity; listing: SavedListing }>
}

/** An entry of a list: the JSON that the server sent, and where in its bytes the text stands that identifies it. */
type SavedItem = [json: string, keyStart: number, keyEnd: number]
type SavedListing = Record<Section, SavedItem[]>

export interface Snapshots {
  /** Where the knowledge of a server is kept that is configured like this at the time. */
  of(server: string, options: () => ServerOptions): KnowledgeStore
}

export class SnapshotFolder implements Snapshots {
  readonly #folder: string
  readonly #log: Log
  /** One writing after the other, so that the last one wins. */
  #writing: Promise<void> = Promise.resolve()

  constructor(folder: string, log: Log) {
    this.#folder = folder
    this.#log = log
  }

  of(server: string, options: () => ServerOptions): KnowledgeStore {
    return { read: () => this.#read(server, options()), write: (kinds) => void this.#write(server, options(), kinds) }
  }

  /** What was known of a server that was configured like this; empty where nothing is, or it cannot be read. */
  async #read(server: string, options: ServerOptions): Promise<[string, Known][]> {
    try {
      const wanted = fingerprint(options)
      // Not through Node's threads, by which thirty small files take longer than all that is done with them.
      const saved = JSON.parse(readFileSync(this.#path(server, wanted), 'utf8')) as Saved
      if (saved.form !== FORM || saved.fingerprint !== wanted) return []
      return Object.entries(saved.kinds).map(([kind, { identity, listing }]) => [kind, { identity, listing: restored(listing) }])
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        this.#log.debug({ server, err: error as Error }, 'a snapshot cannot be read')
      return []
    }
  }

  #write(server: string, options: ServerOptions, kinds: Iterable<[string, Known]>): Promise<void> {
    const saved: Saved = {
      form: FORM,
      fingerprint: fingerprint(options),
      kinds: Object.fromEntries(
        [...kinds].map(([kind, { identity, listing }]) => [kind, { identity, listing: savedListing(listing) }]),
      ),
    }
    this.#writing = this.#writing.then(() => this.#writeNow(server, this.#path(server, saved.fingerprint), JSON.stringify(saved)))
    return this.#writing
  }

  async #writeNow(server: string, path: string, json: string): Promise<void> {
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 })
      await writeFile(`${path}.${process.pid}`, json, { mode: 0o600 })
      await rename(`${path}.${process.pid}`, path)
    } catch (error) {
      this.#log.debug({ server, err: error as Error }, 'a snapshot cannot be written; the next start learns the server anew')
    }
  }

  #path(server: string, key: string): string {
    // Two configs may name different servers alike.
    return `${this.#folder}${sep}${server}-${key.slice(0, 12)}.json`
  }
}

/** What decides which program answers, and how: equal for equal entries, across restarts and whatever their secrets hold. */
function fingerprint(options: ServerOptions): string {
  const { command, args, env, cwd, url, headers, protocol, instances } = options
  const said = {
    command: command === undefined ? null : String(command),
    args: args.map(String),
    env: Object.keys(env).sort(),
    cwd: cwd === undefined ? null : String(cwd),
    url: url === undefined ? null : String(url),
    headers: Object.keys(headers).sort(),
    protocol,
    // Of a server for each workspace other things are kept, and not for everybody.
    instances,
  }
  return createHash('sha256').update(canonical(said)).digest('hex').slice(0, 32)
}

function savedListing({ tools, prompts, resources, templates }: Listing): SavedListing {
  const saved = (items: readonly Item[]): SavedItem[] =>
    items.map(({ bytes, keyStart, keyEnd }) => [bytes.toString(), keyStart, keyEnd])
  return { tools: saved(tools), prompts: saved(prompts), resources: saved(resources), templates: saved(templates) }
}

/** Throws where the places do not hold a text: then nothing in the file is to be trusted. */
function restored({ tools, prompts, resources, templates }: SavedListing): Listing {
  const item = ([json, keyStart, keyEnd]: SavedItem): Item => {
    const bytes = Buffer.from(json)
    const key: unknown = JSON.parse(bytes.toString('utf8', keyStart, keyEnd))
    if (typeof key !== 'string') throw new Error(`nothing identifies ${json.slice(0, 80)}`)
    return { bytes, key, keyStart, keyEnd }
  }
  return { tools: tools.map(item), prompts: prompts.map(item), resources: resources.map(item), templates: templates.map(item) }
}
