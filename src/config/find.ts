/** Finds the config file, in the same order for every command. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { configDir, expandHome, homeDir } from '../std/paths.ts'
import { fileProblem, type Problem } from './problem.ts'

const NAME = 'mcp-gw.yaml'

export interface Search {
  /** What `--config` says. */
  file?: string | undefined
  cwd: string
  env: NodeJS.ProcessEnv
}

/** The absolute path of the config, a problem where a file that was named is missing, or undefined where there is none. */
export function find({ file, cwd, env }: Search): string | Problem | undefined {
  const home = homeDir(env)
  for (const [named, by] of [
    [file, '--config'],
    [env.MCP_GW_CONFIG, '$MCP_GW_CONFIG'],
  ]) {
    // A file that somebody named is never replaced by another one.
    if (!named) continue
    const path = resolve(cwd, expandHome(named, home))
    return existsSync(path) ? path : fileProblem(named, `there is no such file; ${by} names it (${path})`)
  }
  return places({ cwd, env }).find((path) => existsSync(path))
}

/** Where a config is looked for when nobody names one, the nearest first. */
export function places({ cwd, env }: Pick<Search, 'cwd' | 'env'>): string[] {
  return [join(cwd, NAME), join(configDir(env, process.platform, homeDir(env)), NAME), join('/etc/mcp-gw', NAME)]
}
