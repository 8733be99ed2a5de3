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
export function find(search: Search): string | Problem | undefined {
  const named = namedFile(search)
  if (!named) return places(search).find((path) => existsSync(path))
  // A file that somebody named is never replaced by another one.
  const { path, name, by } = named
  return existsSync(path) ? path : fileProblem(name, `there is no such file; ${by} names it (${path})`)
}

/** The file that somebody named, by its absolute path, whether it is there or not. */
export function namedFile({ file, cwd, env }: Search): { path: string; name: string; by: string } | undefined {
  const by = file ? '--config' : '$MCP_GW_CONFIG'
  const name = file || env.MCP_GW_CONFIG
  return name ? { path: resolve(cwd, expandHome(name, homeDir(env))), name, by } : undefined
}

/** Where a config is looked for when nobody names one, the nearest first. */
export function places({ cwd, env }: Pick<Search, 'cwd' | 'env'>): string[] {
  return [join(cwd, NAME), join(configDir(env, process.platform, homeDir(env)), NAME), join('/etc/mcp-gw', NAME)]
}
