/** Carries a changed config into the running gateway: one at a time, and always the one that lies there now. */
import type { Loaded, Settled } from '../config/load.ts'
import { fileProblem, type Problem } from '../config/problem.ts'
import type { Config } from '../config/schema.ts'
import type { HttpListener } from '../downstream/http.ts'
import type { Engine } from '../gateway/engine.ts'
import type { ConfigState } from '../observe/config-state.ts'
import type { LogLevel } from '../observe/levels.ts'
import type { Log } from '../observe/log.ts'
import { changedKeys } from '../std/changed-keys.ts'
import type { Redactor } from '../std/secret.ts'
import { problemText } from './context.ts'
import { Exit } from './exit.ts'
import { type ListenFlags, listenFailure, withListen } from './listen.ts'
import { changesNothing, type ReloadReport, reportLine } from './reload-report.ts'

export interface ReloaderSetup {
  engine: Engine
  /** Undefined where the one client is at stdin and stdout. */
  listener: HttpListener | undefined
  log: Log
  redactor: Redactor
  /** What the command line says stands above every config. */
  flags: ListenFlags & { logLevel?: LogLevel }
  load(): Promise<Loaded>
  /** Told after each reload that was not refused. */
  reloaded(report: ReloadReport): void
}

export type Outcome = { report: ReloadReport } | { problems: Problem[] }

export class Reloader {
  readonly #setup: ReloaderSetup
  #config: Config
  #state: ConfigState
  #running: Promise<Outcome> | undefined
  #next: Promise<Outcome> | undefined
  /** Who wants the reload that is to come. */
  readonly #causes = new Set<string>()
  #last: string | null = null
  #closed = false

  /** `loaded` is what the gateway was started with. */
  constructor(setup: ReloaderSetup, { config, file }: Pick<Settled, 'config' | 'file'>) {
    this.#setup = setup
    this.#config = config
    this.#state = { file: file ?? null, loadedAt: new Date().toISOString(), problems: [] }
  }

  get state(): ConfigState {
    return this.#state
  }

  /** Loads the config as it is from now on. Whoever asks while another reload runs shares the one that follows it. */
  request(cause: string): Promise<Outcome> {
    this.#causes.add(cause)
    if (this.#next !== undefined) return this.#next
    if (this.#running === undefined) return this.#run()
    this.#next = this.#running.then(() => {
      this.#next = undefined
      return this.#run()
    })
    return this.#next
  }

  /** Refuses every reload from now on; resolves when the last one is done. */
  async close(): Promise<void> {
    this.#closed = true
    await (this.#next ?? this.#running)
  }

  #run(): Promise<Outcome> {
    const causes = [...this.#causes]
    this.#causes.clear()
    const running = this.#reload(causes.join(', ')).finally(() => {
      if (this.#running === running) this.#running = undefined
    })
    this.#running = running
    return running
  }

  async #reload(cause: string): Promise<Outcome> {
    try {
      if (this.#closed) return { problems: [fileProblem(this.#state.file ?? '', 'the gateway is shutting down')] }
      const loaded = await this.#setup.load()
      if ('problems' in loaded) return this.#refuse(loaded.problems, cause)
      const outcome = await this.#adopt(loaded)
      if ('problems' in outcome) return this.#refuse(outcome.problems, cause)
      this.#tell(outcome.report, cause)
      return outcome
    } catch (error) {
      this.#setup.log.error({ err: error }, 'a reload failed inside the gateway')
      return this.#refuse([fileProblem(this.#state.file ?? '', `the reload failed: ${(error as Error).message}`)], cause)
    }
  }

  async #adopt({ config: written, file, redactor, problemAt }: Settled): Promise<Outcome> {
    const { engine, listener, log, flags } = this.#setup
    // Before anything else: what follows may speak of servers that know these secrets.
    this.#setup.redactor.addAll(redactor)
    let config = written
    try {
      if (listener) config = withListen(written, flags)
    } catch (error) {
      if (error instanceof Exit) return { problems: [problemAt('listen.host', error.message)] }
      throw error
    }
    let moved: { from: string; to: string } | undefined
    try {
      // The only step that can fail comes first, so that a refused config has changed nothing.
      moved = await listener?.adopt(config.listen)
    } catch (error) {
      const { key, message } = await listenFailure(error as NodeJS.ErrnoException, config.listen)
      return { problems: [problemAt(key, message)] }
    }
    log.level = flags.logLevel ?? config.log.level
    const servers = engine.adopt(config)
    const keys = changedKeys({ ...this.#config, servers: null }, { ...config, servers: null })
    this.#config = config
    const report = {
      config: file ?? null,
      loadedAt: this.#state.loadedAt,
      servers,
      listen: moved ?? null,
      keys,
      last: this.#last,
    }
    if (changesNothing(report)) return { report }
    this.#last = reportLine(report)
    return { report: { ...report, loadedAt: new Date().toISOString(), last: null } }
  }

  #tell(report: ReloadReport, cause: string): void {
    const { log } = this.#setup
    const mended = this.#state.problems.length > 0
    const { config, loadedAt, servers, listen, keys } = report
    this.#state = { file: config, loadedAt, problems: [] }
    // The file watch looks again at what a person has just reloaded; that is no news.
    const level = cause === 'file' && changesNothing(report) && !mended ? 'debug' : 'info'
    const line = `config reloaded: ${reportLine(report)}`
    const { added, removed, changed } = servers
    log[level]({ cause, added, removed, changed: changed.map(({ name }) => name), listen: listen?.to, keys }, line)
    this.#setup.reloaded(report)
  }

  #refuse(problems: Problem[], cause: string): Outcome {
    const { loadedAt } = this.#state
    this.#state = { ...this.#state, problems }
    const text = `config not reloaded, that of ${loadedAt} stays in force; ${problemText(problems)}`
    this.#setup.log.error({ cause, problems: problems.length }, text)
    return { problems }
  }
}
