/** The config of a gateway that runs: how it is loaded again, and when it is another one than before. */
import { existsSync } from 'node:fs'
import { readAtRest } from '../config/at-rest.ts'
import { digestOf } from '../config/digest.ts'
import type { EnvFile } from '../config/env-file.ts'
import { places } from '../config/find.ts'
import { type Loaded, load, type Settled } from '../config/load.ts'
import { fileProblem } from '../config/problem.ts'
import { FileWatch } from '../config/watch.ts'
import { type CommonOptions, loadFor } from './context.ts'

export class ConfigSource {
  readonly #options: CommonOptions
  /** The file that the gateway stays with: one that turns up nearer must not take over while it runs. */
  #file: string | undefined
  readonly #digest: string | undefined
  #envFile: EnvFile | undefined
  #changed: (() => void) | undefined
  #watches: FileWatch[] = []

  constructor(options: CommonOptions, { file, digest, envFile }: Pick<Settled, 'file' | 'digest' | 'envFile'>) {
    this.#options = options
    this.#file = file
    this.#digest = digest
    this.#envFile = envFile
  }

  async load(): Promise<Loaded> {
    const file = this.#file
    if (this.#options.demo) return loadFor(this.#options)
    if (file !== undefined) {
      return readAtRest(file, () => loadAgain(file))
    }
    const loaded = await loadFor(this.#options)
    if ('config' in loaded && loaded.file !== undefined) {
      this.#file = loaded.file
      this.#envFile = loaded.envFile
      if (this.#changed) this.#watch(this.#changed, [loaded.file], loaded.digest)
    }
    return loaded
  }

  /** Says from now on when the file has changed, or has come to be where there was none. */
  watch(changed: () => void): void {
    if (this.#options.demo) return
    const paths = this.#file === undefined ? places({ cwd: process.cwd(), env: process.env }) : [this.#file]
    this.#watch(changed, paths, this.#digest)
  }

  close(): void {
    for (const one of this.#watches) one.close()
    this.#watches = []
    this.#changed = undefined
  }

  #watch(changed: () => void, paths: string[], digest: string | undefined): void {
    this.close()
    this.#changed = changed
    this.#watches = paths.map((path) => new FileWatch(path, digest, changed))
    // A variable that somebody writes there may be the one that a server lacks.
    if (this.#envFile) this.#watches.push(new FileWatch(this.#envFile.path, this.#envFile.digest, changed))
  }
}

/** The file that the gateway runs with, as it is now. What is most likely an accident must not take every server away. */
async function loadAgain(file: string): Promise<Loaded> {
  if (!existsSync(file))
    return { problems: [fileProblem(file, 'the file is gone; put it back, or start the gateway with another one')] }
  const loaded = await load({ file, cwd: process.cwd(), env: process.env })
  if ('problems' in loaded || loaded.digest !== NOTHING) return loaded
  return { problems: [fileProblem(file, 'the file is empty; if no server is meant to be left, say servers: {}')] }
}

const NOTHING = digestOf('')
