/** Where the gateway of a config listens: from its record, or from the command that starts it in the background. */
import { find } from '../../config/find.ts'
import { formatProblem } from '../../config/problem.ts'
import { Exit } from '../exit.ts'
import { DEMO, pidLives, readRecord, recordFile } from '../gateway-record.ts'

/** Somebody else looks after a gateway in the foreground: it is given time to come back by itself. */
const FOREGROUND_PATIENCE_MS = 10_000
const BACKGROUND_PATIENCE_MS = 500
const WORDS_MAX = 4_000

export interface ConnectOptions {
  url?: string | undefined
  server?: string | undefined
  config?: string | undefined
  demo?: boolean | undefined
  logLevel?: string | undefined
  /** False where a gateway that does not run is only waited for. */
  start: boolean
}

export class GatewayAddress {
  readonly #options: ConnectOptions
  readonly #config: string | undefined
  readonly #record: string
  #known: string | undefined
  /** How long a gateway that is gone is waited for before one is started. */
  patienceMs = 0

  constructor(options: ConnectOptions) {
    this.#options = options
    const found = options.demo
      ? DEMO
      : options.url
        ? undefined
        : find({ file: options.config, cwd: process.cwd(), env: process.env })
    if (typeof found === 'object') throw new Exit(2, formatProblem(found))
    if (options.url && !URL.canParse(options.url)) throw new Exit(2, `--url: expected a whole address, got "${options.url}"`)
    this.#config = found
    this.#record = recordFile(found, process.env)
  }

  /** The endpoint as far as it is known at this moment. */
  find(): string | undefined {
    if (this.#options.url) return this.#endpoint(this.#options.url)
    const record = readRecord(this.#record)
    if (!record?.url || !pidLives(record.pid)) return this.#known
    this.patienceMs = record.background ? BACKGROUND_PATIENCE_MS : FOREGROUND_PATIENCE_MS
    return this.#endpoint(record.url)
  }

  /** Starts the gateway, or finds out where it should be; throws with the reason where it does not start. */
  async start(): Promise<string | undefined> {
    if (this.#options.url) return undefined
    if (!this.#options.start && this.#known) return this.#known
    const { code, stdout, stderr } = await this.#run(this.#options.start ? ['serve', '--background'] : ['status'])
    const url = /https?:\/\/[^\s"]+/.exec(stdout)?.[0]
    if (!url || (this.#options.start && code !== 0)) {
      throw new Error(`the gateway did not start: ${stderr.trim().replace(/^mcp-gw: /, '') || `exit code ${code}`}`)
    }
    this.#known = this.#endpoint(url)
    return this.#known
  }

  #endpoint(url: string): string {
    const endpoint = new URL(url)
    if (endpoint.pathname === '/') endpoint.pathname = '/mcp'
    const { server } = this.#options
    if (server) endpoint.pathname = `${endpoint.pathname.replace(/\/$/, '')}/${encodeURIComponent(server)}`
    return endpoint.href
  }

  #run(command: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const { demo, logLevel } = this.#options
    const args = [
      ...process.execArgv,
      process.argv[1] as string,
      ...command,
      ...(demo ? ['--demo'] : this.#config === undefined ? [] : ['--config', this.#config]),
      ...(logLevel === undefined ? [] : ['--log-level', logLevel]),
    ]
    return new Promise((resolve, reject) => {
      // Most bridges never start a gateway, and what they do not load they need not hold.
      const { spawn } = process.getBuiltinModule('node:child_process')
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true })
      const words = { stdout: '', stderr: '' }
      for (const name of ['stdout', 'stderr'] as const) {
        child[name].setEncoding('utf8').on('data', (text: string) => {
          words[name] = (words[name] + text).slice(0, WORDS_MAX)
        })
      }
      child.once('error', reject)
      child.once('close', (code) => resolve({ code, ...words }))
    })
  }
}
