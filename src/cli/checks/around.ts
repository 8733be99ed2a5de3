/** All that checks look at, each part looked up once and only when a check asks for it. */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { OwnProgram } from '../../clients/export/bridge-command.ts'
import { type FoundClient, findClients } from '../../clients/find.ts'
import { type Imported, importServers } from '../../clients/import/import.ts'
import { readEntry } from '../../clients/import/read-entry.ts'
import { type FoundSecret, findSecrets } from '../../clients/import/secrets.ts'
import type { ServerEntry } from '../../clients/import/server-entry.ts'
import { type History, historyOf, type RecordedEntry } from '../../clients/journal.ts'
import { type Machine, thisMachine } from '../../clients/machine.ts'
import { readServer, readServerNames } from '../../config/edit/edit.ts'
import { find } from '../../config/find.ts'
import type { Settled } from '../../config/load.ts'
import type { Problem } from '../../config/problem.ts'
import { createLog } from '../../observe/log.ts'
import { homeDir, stateDir } from '../../std/paths.ts'
import { type CommonOptions, loadFor } from '../context.ts'
import { type GatewayRecord, readRecord, recordFile } from '../gateway-record.ts'
import { ownProgram } from '../own-program.ts'
import { findGateway, type RunningGateway } from '../running-gateway.ts'
import { type StartedServer, startServers } from './start-servers.ts'

export interface AroundOptions extends CommonOptions {
  offline?: boolean
}

/** A server of the config as it is written there. */
export interface WrittenServer {
  name: string
  written: Record<string, unknown>
  /** Absent where it cannot be understood. */
  entry: ServerEntry | undefined
  /** What stands in it in plain text. */
  secrets: FoundSecret[]
}

export class Around {
  readonly machine: Machine
  readonly stateFolder: string
  readonly program: OwnProgram
  readonly offline: boolean
  readonly history: History
  /** Shared by all repairs of this command. */
  readonly runId = randomUUID()
  /** The path of the config; undefined where none was found, or the demo is looked at. */
  readonly file: string | undefined
  /** The same, where it would not be found without being named. */
  readonly named: string | undefined
  /** The config, where it is in order. */
  readonly settled: Settled | undefined
  /** What is wrong with it otherwise. */
  readonly problems: readonly Problem[]
  #clients: Promise<FoundClient[]> | undefined
  #imported: Promise<Imported> | undefined
  #gateway: Promise<RunningGateway> | undefined
  #edits: Promise<RecordedEntry[]> | undefined
  #started: Promise<StartedServer[]> | undefined

  private constructor(options: AroundOptions, loaded: Awaited<ReturnType<typeof loadFor>>) {
    const { env, platform } = process
    this.machine = thisMachine(env, process.cwd())
    this.stateFolder = stateDir(env, platform, homeDir(env))
    this.program = ownProgram()
    this.offline = options.offline === true
    this.history = historyOf(env)
    this.settled = 'problems' in loaded ? undefined : loaded
    this.problems = 'problems' in loaded ? loaded.problems : []
    this.file = options.demo ? undefined : configPath(options)
    this.named = options.config === undefined ? undefined : this.file
  }

  static async look(options: AroundOptions): Promise<Around> {
    return new Around(options, await loadFor(options))
  }

  /** Where the config lies, or would. */
  get folder(): string {
    return this.file === undefined ? this.machine.cwd : dirname(this.file)
  }

  get text(): string | undefined {
    try {
      return this.file === undefined ? undefined : readFileSync(this.file, 'utf8').replace(/^\uFEFF/, '')
    } catch {
      // Loading has said why it cannot be read.
      return undefined
    }
  }

  /** The servers of the config as they are written; none where the config has problems. */
  get servers(): WrittenServer[] {
    const { text, file, machine } = this
    if (text === undefined || file === undefined || !this.settled) return []
    return readServerNames(text, file).map((name) => {
      const written = (readServer(text, file, name) ?? {}) as Record<string, unknown>
      const read = readEntry(written, { variables: 'ours' }, { machine, project: undefined, folder: this.folder })
      const entry = 'entry' in read ? read.entry : undefined
      return { name, written, entry, secrets: entry ? findSecrets(entry, name) : [] }
    })
  }

  /** The record that a gateway has left, whether it runs or not. */
  get record(): { path: string; record: GatewayRecord | undefined } {
    const path = recordFile(this.settled?.file ?? this.file, process.env)
    return { path, record: readRecord(path) }
  }

  /** The gateway that runs with this config, or does not. */
  gateway(): Promise<RunningGateway> {
    const { settled } = this
    if (!settled) return Promise.reject(new Error('the config has problems'))
    this.#gateway ??= findGateway(settled)
    return this.#gateway
  }

  /** The clients that are installed or have files. */
  clients(): Promise<FoundClient[]> {
    this.#clients ??= findClients(this.machine).then((found) =>
      found.filter(({ sign, files, problem }) => sign !== undefined || problem !== undefined || files.some((one) => one.exists)),
    )
    return this.#clients
  }

  /** What clients have and we do not, and what both have. */
  imported(): Promise<Imported> {
    this.#imported ??= this.#import()
    return this.#imported
  }

  async #import(): Promise<Imported> {
    const [clients, { url }] = await Promise.all([this.clients(), this.gateway()])
    const existing = Object.fromEntries(this.servers.map(({ name, written }) => [name, written]))
    return importServers(clients, this.machine, { own: { urls: [url] }, existing })
  }

  edits(): Promise<RecordedEntry[]> {
    this.#edits ??= this.history.journal.entries()
    return this.#edits
  }

  /** Every enabled server, started once for all checks. */
  started(): Promise<StartedServer[]> {
    const { settled } = this
    if (!settled) return Promise.resolve([])
    // What goes wrong with a server is shown as a finding; a log beside it would say it twice.
    const log = createLog('error', settled.redactor, { terminal: false, write: () => undefined })
    const servers = Object.entries(settled.config.servers).filter(([, { url }]) => url === undefined || !this.offline)
    this.#started ??= startServers({ ...settled, log }, Object.fromEntries(servers))
    return this.#started
  }
}

function configPath({ config: file }: CommonOptions): string | undefined {
  const found = find({ cwd: process.cwd(), env: process.env, ...(file !== undefined && { file }) })
  return typeof found === 'string' ? resolve(found) : undefined
}
