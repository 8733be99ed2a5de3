/** What every command does that edits the config: finds it, shows the change, writes it down and makes it. */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import kleur from 'kleur'
import type { KeyPath } from '../clients/formats/format.ts'
import { readEntry } from '../clients/import/read-entry.ts'
import { findSecrets } from '../clients/import/secrets.ts'
import { type History, historyOf } from '../clients/journal.ts'
import { thisMachine } from '../clients/machine.ts'
import { preview } from '../clients/preview.ts'
import { recordedEdit } from '../clients/recorded-edit.ts'
import { type Change, type ChangeTarget, makeChange, planChange, type WriteFile } from '../config/change.ts'
import { readServer, readServerNames, readServerPath } from '../config/edit/edit.ts'
import type { Edit } from '../config/edit/page.ts'
import { find, namedFile, places } from '../config/find.ts'
import { type Context, contextOf, load } from '../config/load.ts'
import { formatProblem, type Problem } from '../config/problem.ts'
import { EditError } from '../std/edit-error.ts'
import { packageFile } from '../std/package-file.ts'
import { homeDir, shortPath, stateDir } from '../std/paths.ts'
import { type CommonOptions, problemText } from './context.ts'
import { Exit } from './exit.ts'
import { findGateway } from './running-gateway.ts'
import { print } from './terminal.ts'
import { VERSION } from './version.ts'

export interface EditingOptions extends CommonOptions {
  json?: boolean
  dryRun?: boolean
  /** Which config is meant where there is none yet: the one of the person, or one in this folder. */
  scope?: 'user' | 'project'
}

/** One command's edits of one config. */
export class ConfigEditing {
  readonly target: ChangeTarget
  readonly context: Context
  readonly history: History
  readonly runId = randomUUID()
  readonly #reason: string

  constructor(options: EditingOptions, reason: string) {
    this.target = { path: pathFor(options), fresh: starter() }
    this.context = contextOf({ cwd: process.cwd(), env: process.env })
    this.history = historyOf(process.env)
    this.#reason = reason
  }

  /** The file as people write it. */
  get shown(): string {
    return shortPath(this.target.path, homeDir(process.env))
  }

  /** The text of the config as it is now; the one that it begins with where there is none. */
  text(): string {
    try {
      return readFileSync(this.target.path, 'utf8').replace(/^\uFEFF/, '')
    } catch {
      // Planning an edit says why it cannot be read.
      return this.target.fresh
    }
  }

  /** Writes with a backup and a line in the journal; `keys` are the entries that the edit is about. */
  writer(keys: readonly KeyPath[]): WriteFile {
    const { history, runId } = this
    const about = { runId, client: 'mcp-gw', reason: this.#reason, keys }
    // What is no entry of the config can only be restored as a whole.
    return (edit) => recordedEdit(history, { ...edit, ...about, ...(keys.length > 0 && { format: 'yaml' }) })
  }

  /** Thinks the edit through. Ends the command where it cannot be made. */
  async plan(edit: Edit, context = this.context): Promise<Change> {
    const change = await planChange(this.target, edit, context)
    if ('after' in change) return change
    throw new Exit(2, `nothing was changed; ${faults(change.problems)}`)
  }

  /** Makes the edit, which is about these servers. */
  async make(edit: Edit, names: readonly string[], context = this.context): Promise<Change> {
    const { before, after } = await this.plan(edit, context)
    const paths = names.map((name) => readServerPath(after, name) ?? readServerPath(before ?? '', name))
    const keys = paths.filter((path) => path !== undefined)
    try {
      const made = await makeChange(this.target, edit, { context, write: this.writer(keys) })
      if ('change' in made) return made.change
      throw new Exit(2, `nothing was changed; ${faults(made.problems)}`)
    } catch (error) {
      throw error instanceof EditError ? new Exit(1, error.message) : error
    }
  }

  /** Prints the change as a diff; it is pending, which is an exit code of its own. */
  showDiff(change: Change): void {
    const diff = this.diffOf(change)
    if (diff === '') return print(`${this.shown} stays as it is.`)
    process.stdout.write(coloured(diff))
    process.exitCode = 3
  }

  diffOf({ before, after }: Pick<Change, 'before' | 'after'>): string {
    return preview(this.shown, before, after, secretsIn([before ?? '', after]))
  }

  /** The address of the gateway that runs with this config, if one does. */
  async runningGateway(): Promise<string | undefined> {
    const loaded = await load({ file: this.target.path, cwd: process.cwd(), env: process.env })
    if (!('config' in loaded)) return undefined
    const { url, health } = await findGateway(loaded)
    return health?.config?.file === this.target.path ? url : undefined
  }
}

/** Warns about what is wrong with the config apart from the edit. */
export function warnOf(problems: readonly Problem[]): void {
  if (problems.length === 0) return
  process.stderr.write(`${kleur.yellow('mcp-gw:')} ${problemText(problems)}\n`)
}

function stateFolder(): string {
  return stateDir(process.env, process.platform, homeDir(process.env))
}

/** Where the record of stored secrets lies. */
export function secretsJournal(): string {
  return join(stateFolder(), 'secrets.jsonl')
}

/** The config that is meant, whether it is there or not. */
function pathFor({ config: file, scope }: EditingOptions): string {
  const search = { cwd: process.cwd(), env: process.env, ...(file !== undefined && { file }) }
  const named = namedFile(search)
  if (named) return named.path
  const [project, user] = places(search) as [string, string]
  if (scope) return scope === 'project' ? project : user
  const found = find(search)
  return typeof found === 'string' ? found : user
}

function starter(): string {
  return readFileSync(packageFile('templates/starter.yaml'), 'utf8').replace('{version}', VERSION)
}

function faults(problems: readonly Problem[]): string {
  const [only, ...others] = problems
  return only && others.length === 0 ? formatProblem(only) : problemText(problems)
}

/** Every secret that stands in these configs in plain text. */
function secretsIn(texts: readonly string[]): string[] {
  const around = { machine: thisMachine(process.env, process.cwd()), project: undefined, folder: process.cwd() }
  return texts.flatMap((text) =>
    readServerNames(text, '').flatMap((name) => {
      const read = readEntry(readServer(text, '', name), { variables: 'ours' }, around)
      return 'entry' in read ? findSecrets(read.entry, name).map(({ value }) => value.reveal()) : []
    }),
  )
}

function coloured(diff: string): string {
  return diff.replace(/^(?:(\+(?!\+\+).*)|(-(?!--).*)|(@@.*))$/gm, (line, added?: string, removed?: string) =>
    added !== undefined ? kleur.green(line) : removed !== undefined ? kleur.red(line) : kleur.cyan(line),
  )
}
