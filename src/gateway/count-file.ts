/** Keeps on disk what lists of tools cost, so that a start need not count them again. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Log } from '../observe/log.ts'
import type { CountStore } from './list-costs.ts'

export class CountFile implements CountStore {
  readonly #path: string
  readonly #log: Log
  #writing: Promise<void> = Promise.resolve()

  constructor(path: string, log: Log) {
    this.#path = path
    this.#log = log
  }

  async read(): Promise<Record<string, number>> {
    try {
      const counts: unknown = JSON.parse(await readFile(this.#path, 'utf8'))
      const valid = Object.entries(counts as object).filter(([, tokens]) => Number.isSafeInteger(tokens))
      return Object.fromEntries(valid) as Record<string, number>
    } catch {
      // Nothing has been counted yet, or the file is damaged: then it is counted anew.
      return {}
    }
  }

  write(counts: Record<string, number>): Promise<void> {
    this.#writing = this.#writing.then(() => this.#writeNow(JSON.stringify(counts)))
    return this.#writing
  }

  async #writeNow(text: string): Promise<void> {
    const temporary = `${this.#path}.${process.pid}.tmp`
    try {
      await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 })
      await writeFile(temporary, text, { mode: 0o600 })
      await rename(temporary, this.#path)
    } catch (error) {
      this.#log.debug({ err: error as Error }, 'the counts of tokens cannot be kept')
    }
  }
}
