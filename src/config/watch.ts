/** Notices that a config file has other content than before, however that came about: rewritten, replaced, or reached by other links. */
import { type FSWatcher, lstatSync, readFileSync, readlinkSync, statSync, watch } from 'node:fs'
import { dirname, join, parse, resolve, sep } from 'node:path'
import { signatureOf } from './at-rest.ts'
import { digestOf } from './digest.ts'

export interface WatchTiming {
  /** How long nothing must happen before the file is looked at. */
  quietMs: number
  /** How long that may go on in a folder that never rests. */
  burstMs: number
  /** How often the file is looked at where the system says nothing: network folders, links above the folder. */
  pollMs: number
}

const TIMING: WatchTiming = { quietMs: 100, burstMs: 1_000, pollMs: 2_000 }
/** Links that lead in circles end somewhere. */
const LINKS_MAX = 40

export class FileWatch {
  readonly #path: string
  readonly #changed: () => void
  readonly #timing: WatchTiming
  readonly #folders = new Map<string, FSWatcher>()
  readonly #poll: NodeJS.Timeout
  /** What was told last; undefined for a file that is not there. */
  #digest: string | undefined
  #signature: string
  #quiet: NodeJS.Timeout | undefined
  #stirredAt = 0

  /** `digest` is that of the content which is known already, so that nothing is missed between reading and watching. */
  constructor(path: string, digest: string | undefined, changed: () => void, timing: Partial<WatchTiming> = {}) {
    this.#path = path
    this.#digest = digest
    this.#changed = changed
    this.#timing = { ...TIMING, ...timing }
    this.#signature = signatureOf(path)
    this.#poll = setInterval(() => this.#tick(), this.#timing.pollMs).unref()
    this.#arm()
    this.#stir()
  }

  close(): void {
    clearInterval(this.#poll)
    clearTimeout(this.#quiet)
    for (const folder of this.#folders.values()) folder.close()
    this.#folders.clear()
  }

  #tick(): void {
    const signature = signatureOf(this.#path)
    // Whatever leads the path elsewhere shows in the signature; to look at every folder again and again would be the only work
    // of an idle gateway.
    if (signature === this.#signature && this.#folders.size > 0) return
    this.#arm()
    if (signature === this.#signature) return
    this.#signature = signature
    this.#stir()
  }

  /** Something may have happened: look once it is quiet. */
  #stir(): void {
    if (this.#quiet && Date.now() - this.#stirredAt > this.#timing.burstMs) return
    if (!this.#quiet) this.#stirredAt = Date.now()
    clearTimeout(this.#quiet)
    this.#quiet = setTimeout(() => this.#look(), this.#timing.quietMs).unref()
  }

  #look(): void {
    this.#quiet = undefined
    this.#arm()
    const content = read(this.#path)
    const digest = content && digestOf(content)
    if (digest === this.#digest) return
    this.#digest = digest
    this.#changed()
  }

  /** Watches the folders on the way to the file, as they are now. */
  #arm(): void {
    const wanted = new Map(foldersOf(this.#path).map((folder) => [`${inode(folder)} ${folder}`, folder]))
    for (const [key, watcher] of this.#folders) {
      if (wanted.has(key)) continue
      watcher.close()
      this.#folders.delete(key)
    }
    for (const [key, folder] of wanted) if (!this.#folders.has(key)) this.#watchFolder(key, folder)
  }

  #watchFolder(key: string, folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#stir())
      watcher.once('error', () => {
        watcher.close()
        this.#folders.delete(key)
      })
      this.#folders.set(key, watcher)
    } catch {
      // The folder is away, or the system has no watches left: looking now and then has to do.
    }
  }
}

/** Every folder in which a change can give the path another content: its own, and that of each link on the way to it. */
export function foldersOf(path: string): string[] {
  const folders = new Set<string>()
  let rest = resolve(path)
  for (let links = 0; links < LINKS_MAX; links++) {
    const link = firstLink(rest)
    if (!link) break
    folders.add(dirname(link.at))
    rest = resolve(dirname(link.at), link.target, link.behind)
  }
  return [...folders.add(dirname(rest))]
}

function firstLink(path: string): { at: string; target: string; behind: string } | undefined {
  const { root } = parse(path)
  const names = path.slice(root.length).split(sep)
  let at = root
  for (const [index, name] of names.entries()) {
    at = join(at, name)
    try {
      if (lstatSync(at).isSymbolicLink()) return { at, target: readlinkSync(at), behind: names.slice(index + 1).join(sep) }
    } catch {
      return undefined
    }
  }
  return undefined
}

function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch {
    // Loading it says why, to somebody who can do something about it.
    return undefined
  }
}

function inode(folder: string): string {
  try {
    const { dev, ino } = statSync(folder)
    return `${dev} ${ino}`
  } catch {
    return 'away'
  }
}
