/** What every command begins with: the config, the log, and a clear end where the config is wrong. */

import { load } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import type { Config } from '../config/schema.ts'
import { Engine } from '../gateway/engine.ts'
import type { LogLevel } from '../observe/levels.ts'
import { createLog, type Log } from '../observe/log.ts'
import { homeDir, stateDir } from '../std/paths.ts'
import { Redactor } from '../std/secret.ts'
import { Children } from '../upstream/children.ts'
import type { ServerOptions } from '../upstream/options.ts'
import { Exit } from './exit.ts'
import { VERSION } from './version.ts'

export interface CommonOptions {
  config?: string
  logLevel?: LogLevel
  demo?: boolean
}

export interface Context {
  config: Config
  /** Undefined where no config was found and the built-in defaults hold. */
  file: string | undefined
  redactor: Redactor
  log: Log
}

/** Loads the config that the command is about. Commands that print results log only what is serious. */
export async function openContext(options: CommonOptions, quiet: boolean): Promise<Context> {
  if (options.demo) {
    const redactor = new Redactor()
    const { demoConfig } = await import('./demo.ts')
    return {
      config: demoConfig(),
      file: 'the demo',
      redactor,
      log: stderrLog(options.logLevel ?? (quiet ? 'error' : 'info'), redactor),
    }
  }
  const loaded = await load({
    cwd: process.cwd(),
    env: process.env,
    ...(options.config !== undefined && { file: options.config }),
  })
  if ('problems' in loaded) {
    const count = loaded.problems.length === 1 ? 'a problem' : `${loaded.problems.length} problems`
    throw new Exit(2, [`the config has ${count}:`, ...loaded.problems.map((problem) => `  ${formatProblem(problem)}`)].join('\n'))
  }
  const { config, file, redactor } = loaded
  return { config, file, redactor, log: stderrLog(options.logLevel ?? (quiet ? 'error' : config.log.level), redactor) }
}

function stderrLog(level: LogLevel, redactor: Redactor): Log {
  return createLog(level, redactor, { terminal: process.stderr.isTTY === true, write: (line) => process.stderr.write(line) })
}

/** An engine for this config, or for some of its servers. */
export function openEngine({ config, log }: Context, servers: Record<string, ServerOptions> = config.servers): Engine {
  const { env, platform } = process
  const children = new Children({ env, stateDir: stateDir(env, platform, homeDir(env)), log })
  void children.reap()
  const engine = new Engine({ servers, catalog: config.catalog, sessions: config.sessions, version: VERSION, children, log })
  // Whatever ends this process, no child is to outlive it.
  process.once('exit', () => engine.kill())
  return engine
}
