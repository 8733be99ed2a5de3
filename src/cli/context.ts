/** What every command begins with: the config, the log, and a clear end where the config is wrong. */

import { defaults, type Loaded, load, type Settled } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import { Engine } from '../gateway/engine.ts'
import type { EngineSetup } from '../gateway/settings.ts'
import type { ConfigProblem } from '../observe/config-state.ts'
import type { LogLevel } from '../observe/levels.ts'
import { createLog, type Log } from '../observe/log.ts'
import { homeDir, stateDir } from '../std/paths.ts'
import type { Redactor } from '../std/secret.ts'
import { Children } from '../upstream/children.ts'
import { Exit } from './exit.ts'
import { VERSION } from './version.ts'

export interface CommonOptions {
  config?: string
  logLevel?: LogLevel
  demo?: boolean
}

export interface Context extends Settled {
  log: Log
}

/** Loads the config that the command is about. Commands that print results log only what is serious. */
export async function openContext(options: CommonOptions, quiet: boolean): Promise<Context> {
  const loaded = await loadFor(options)
  if ('problems' in loaded) throw new Exit(2, problemText(loaded.problems))
  const level = options.logLevel ?? (quiet ? 'error' : loaded.config.log.level)
  return { ...loaded, log: stderrLog(level, loaded.redactor) }
}

/** The config of the command line: of the demo, of the file that it names, or of the one that is found. */
export async function loadFor({ demo, config: file }: CommonOptions): Promise<Loaded> {
  if (demo) return defaults((await import('./demo.ts')).demoConfig(), 'the demo')
  return load({ cwd: process.cwd(), env: process.env, ...(file !== undefined && { file }) })
}

export function problemText(problems: readonly ConfigProblem[]): string {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`
  return [`the config has ${count}:`, ...problems.map((problem) => `  ${formatProblem(problem)}`)].join('\n')
}

/** A log for people or for files, whichever reads stderr. */
export function stderrLog(level: LogLevel, redactor: Redactor): Log {
  return createLog(level, redactor, { terminal: process.stderr.isTTY === true, write: (line) => process.stderr.write(line) })
}

/** Where it is kept what earlier runs have learned. */
export type Learned = Pick<EngineSetup, 'snapshots' | 'counts' | 'usage' | 'resultsFolder'>

/** An engine for this config, or for some of its servers. */
export function openEngine({ config, log }: Context, servers = config.servers, learned: Learned = {}): Engine {
  const { env, platform } = process
  const children = new Children({ env, stateDir: stateDir(env, platform, homeDir(env)), log })
  void children.reap()
  // A command that looks at servers must not find asleep what it has just started.
  const memory = learned.snapshots && config.memory
  const engine = new Engine({ ...config, servers, memory, version: VERSION, children, log, ...learned })
  // Whatever ends this process, no child is to outlive it.
  process.once('exit', () => engine.kill())
  return engine
}
