/** A small JSON file of ours that may be lost without harm: read leniently, written in one stroke, one writing after the other. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

export class StateFile<Content> {
  readonly #path: string
  readonly #failed: (error: Error) => void
  #writing: Promise<void> = Promise.resolve()

  /** `failed` is told why it could not be written. */
  constructor(path: string, failed: (error: Error) => void) {
    this.#path = path
    this.#failed = failed
  }

  /** Undefined where there is none, or it is damaged. Nobody has checked what is in it. */
  async read(): Promise<Content | undefined> {
    try {
      return JSON.parse(await readFile(this.#path, 'utf8')) as Content
    } catch {
      // Whatever is wrong with it, what it held is found out anew.
      return undefined
    }
  }

  write(content: Content): Promise<void> {
    this.#writing = this.#writing.then(() => this.#writeNow(JSON.stringify(content)))
    return this.#writing
  }

  async #writeNow(text: string): Promise<void> {
    const temporary = `${this.#path}.${process.pid}.tmp`
    try {
      await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 })
      await writeFile(temporary, text, { mode: 0o600 })
      await rename(temporary, this.#path)
    } catch (error) {
      this.#failed(error as Error)
    }
  }
}
