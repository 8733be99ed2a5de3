/** Every child process of this gateway: started, watched, written down, and ended with all that it started. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Log } from '../observe/log.ts'
import { GatewayError } from '../protocol/errors.ts'
import { homeDir } from '../std/paths.ts'
import { reveal } from '../std/secret.ts'
import { type ChildProcess, spawnChild, stopChild } from './child.ts'
import { childEnvironment } from './environment.ts'
import { resolveProgram } from './launchers.ts'
import { Ledger, reapLedgers } from './ledger.ts'
import { hasBarePath, pathOfLoginShell } from './login-path.ts'
import type { ServerOptions } from './options.ts'
import { endGroup, signalGroup } from './process-group.ts'
import type { Program } from './program.ts'
import { Watchdog } from './watchdog.ts'

export interface ChildrenSetup {
  /** Our own environment, of which children get a part. */
  env: NodeJS.ProcessEnv
  /** Where the gateway remembers things. */
  stateDir: string
  log: Log
}

/** A running child. */
export interface Child {
  readonly process: ChildProcess
  /** It has answered as a server, so the way it was started was right. */
  proved(): void
  /** Ends it in order, with everything it started. */
  stop(): Promise<void>
}

export class Children {
  readonly #setup: ChildrenSetup
  readonly #ledgers: string
  readonly #ledger: Ledger
  readonly #watchdog: Watchdog
  /** By pid: those that run, and those of whose group something may be left. */
  readonly #living = new Map<number, ChildProcess>()
  readonly #ending = new Map<ChildProcess, Promise<void>>()
  /** Programs that ended without a word when they were started without their launcher: they get it back. */
  readonly #needLauncher = new Set<string>()
  #path: Promise<string | undefined> | undefined
  #closed = false

  constructor(setup: ChildrenSetup) {
    this.#setup = setup
    this.#ledgers = join(setup.stateDir, 'children')
    this.#ledger = new Ledger(this.#ledgers, setup.log)
    this.#watchdog = new Watchdog(setup.log)
  }

  /** The home folder of whoever runs them. */
  get home(): string {
    return homeDir(this.#setup.env)
  }

  /** Ends what earlier gateways have left behind. */
  reap(): Promise<void> {
    return reapLedgers(this.#ledgers, ({ group }) => endGroup(group), this.#setup.log)
  }

  /** Starts the program of a server. Throws a `GatewayError` that a person can act on. */
  async start(name: string, options: ServerOptions): Promise<Child> {
    const { env: own, log } = this.#setup
    this.#path ??= hasBarePath(own, process.platform) ? pathOfLoginShell(own) : Promise.resolve(undefined)
    const env = childEnvironment(options, { env: own, platform: process.platform, path: await this.#path })
    const cwd = options.cwd === undefined ? undefined : reveal(options.cwd)
    const written: Program = { command: reveal(options.command ?? ''), args: options.args.map(reveal) }
    const key = JSON.stringify([written, cwd])
    const program = await this.#programOf(written, key, env, cwd)
    if (program.without !== undefined) log.debug({ server: name, program: program.command }, `started without ${program.without}`)
    if (this.#closed) throw new GatewayError('unavailable', 'the gateway is shutting down')
    const spawned = (child: ChildProcess): void => this.#watch(child, name, fingerprint(options))
    const child = await spawnChild({ name, options, program, cwd, env: { ...env, ...program.env }, spawned })
    return { process: child, proved: this.#trial(child, program, key), stop: () => this.#stop(child) }
  }

  /** Ends every child in order, and starts no other. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#living.values()].map((child) => this.#stop(child)))
  }

  /** Ends every child at once, for a process that is about to exit. The watchdog sees to it that they are gone. */
  kill(): void {
    for (const pid of this.#living.keys()) signalGroup(pid, 'SIGKILL')
    this.#living.clear()
    this.#ledger.clear()
  }

  async #programOf(written: Program, key: string, env: Record<string, string>, cwd = process.cwd()): Promise<Program> {
    if (this.#needLauncher.has(key)) return written
    const { platform } = process
    return resolveProgram(written, { cwd, env, platform, stateDir: this.#setup.stateDir })
  }

  /** Waits for the proof that a program was started in the right way; a launcher that was left out gets its turn without it. */
  #trial(child: ChildProcess, program: Program, key: string): () => void {
    let proved = false
    if (program.without !== undefined) child.once('exit', () => proved || this.#needLauncher.add(key))
    return () => {
      proved = true
      program.proved?.().catch((error) => this.#setup.log.debug({ err: error }, 'the start by a launcher could not be noted'))
    }
  }

  #watch(child: ChildProcess, server: string, fingerprint: string): void {
    const { pid } = child
    this.#living.set(pid, child)
    if (Watchdog.useful) this.#watchdog.add(pid)
    void this.#ledger.add({ pid, group: pid, server, fingerprint }, () => this.#living.get(pid) === child)
    // What the program started may outlive it.
    child.once('exit', () => void this.#stop(child))
  }

  /** Only while the child is known: later its pid may be another's. */
  #stop(child: ChildProcess): Promise<void> {
    const ending = this.#ending.get(child)
    if (ending || this.#living.get(child.pid) !== child) return ending ?? Promise.resolve()
    const ended = stopChild(child).then(() => this.#forget(child))
    this.#ending.set(child, ended)
    return ended
  }

  #forget(child: ChildProcess): void {
    this.#ending.delete(child)
    this.#living.delete(child.pid)
    this.#watchdog.remove(child.pid)
    this.#ledger.remove(child.pid)
  }
}

/** Tells one way of starting a server from another, without the values of its environment. */
function fingerprint({ command, args, cwd, env, inherit }: ServerOptions): string {
  // As text, a secret shows its name and not its value.
  const parts = [String(command), args.map(String), cwd === undefined ? '' : String(cwd), Object.keys(env).sort(), inherit]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}
