/** Where the gateway of a config runs: a note in the state folder, there as long as it listens. */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { homeDir, stateDir } from '../std/paths.ts'

export interface Running {
  pid: number
  /** Its MCP endpoint. */
  url: string
  /** The config file, null for the built-in defaults. */
  config: string | null
}

/** What this process has noted of itself. */
export class RunningNotes {
  readonly #noted = new Map<string | null, string>()

  /** Notes where this process listens, until it ends. Throws what Node throws where the state folder cannot be written. */
  write(url: string, config: string | null): void {
    if (this.#noted.get(config) === url) return
    const file = noteFile(config)
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    const draft = `${file}.${process.pid}`
    writeFileSync(draft, `${JSON.stringify({ pid: process.pid, url, config } satisfies Running)}\n`, { mode: 0o600 })
    renameSync(draft, file)
    this.#noted.set(config, url)
  }

  /** Takes the notes away, but not those of another gateway with the same config. */
  remove(): void {
    for (const config of this.#noted.keys()) if (read(config)?.pid === process.pid) rmSync(noteFile(config), { force: true })
  }
}

/** The gateway that runs with this config; undefined where none does. */
export function findRunning(config: string | null): Running | undefined {
  const running = read(config)
  return running && lives(running.pid) ? running : undefined
}

function noteFile(config: string | null): string {
  const name = createHash('sha256')
    .update(config ?? '')
    .digest('hex')
    .slice(0, 16)
  return join(stateDir(process.env, process.platform, homeDir(process.env)), 'run', `${name}.json`)
}

function read(config: string | null): Running | undefined {
  try {
    return JSON.parse(readFileSync(noteFile(config), 'utf8')) as Running
  } catch {
    // There is none, or half of one after a crash: then nothing runs that could be found by it.
    return undefined
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
