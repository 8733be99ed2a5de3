/** A home folder with one file of another program in it, and what it takes to edit that file and to look at what came of it. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { editFile, type FileEdit } from '../../src/std/edit-file.ts'
import { type EditSystem, realEditSystem } from '../../src/std/edit-system.ts'
import { temporaryFolder } from './gateway.ts'

export class EditPlace {
  readonly #folder = temporaryFolder()
  readonly home = join(this.#folder.path, 'home')
  readonly state = join(this.#folder.path, 'state')
  readonly backups = join(this.state, 'backups')
  readonly system: EditSystem = realEditSystem(this.home)
  file = join(this.home, '.client.json')

  constructor() {
    mkdirSync(this.home)
  }

  /** Adds a line to the file, unless another edit is wished. */
  edit(wish: Partial<FileEdit> = {}, system = this.system) {
    return editFile({ path: this.file, backups: this.backups, edit: (text) => `${text ?? ''}new\n`, ...wish }, system)
  }

  read(path = this.file): string {
    return readFileSync(path, 'utf8')
  }

  mode(path = this.file): number {
    return statSync(path).mode & 0o7777
  }

  /** The backups of the one file there is, the oldest first. */
  kept(): string[] {
    const [own = ''] = existsSync(this.backups) ? readdirSync(this.backups) : []
    const names = own === '' ? [] : readdirSync(join(this.backups, own)).filter((name) => name.endsWith('.bak'))
    return names.sort().map((name) => this.read(join(this.backups, own, name)))
  }

  /** What must not stay: drafts and locks. */
  leftovers(): string[] {
    return readdirSync(this.home).filter((name) => name.endsWith('.tmp') || name.endsWith('.lock'))
  }

  remove(): void {
    this.#folder.remove()
  }
}
