/** Parses a config for a test: what it gives, or what is wrong with it, as people read it. */
import { type Loaded, parse } from '../../src/config/load.ts'
import { formatProblem } from '../../src/config/problem.ts'
import type { Config } from '../../src/config/schema.ts'
import type { Redactor } from '../../src/std/secret.ts'

export interface World {
  env?: NodeJS.ProcessEnv
  /** The content of files, by absolute path. */
  files?: Record<string, string>
  /** The secrets in the keychain, by name. */
  keychain?: Record<string, string>
  file?: string
}

export function load(source: string, { env = {}, files = {}, keychain = {}, file = 'mcp-gw.yaml' }: World = {}): Promise<Loaded> {
  return parse(source, file, {
    cwd: '/project',
    env: { HOME: '/home/anna', ...env },
    async readFile(path) {
      const content = files[path]
      if (content === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' })
      return content
    },
    async readKeychain(name) {
      const value = keychain[name]
      return value === undefined ? { error: 'there is no such secret' } : { value }
    },
  })
}

/** The config and its redactor; problems fail the test with their text. */
export async function good(source: string, world?: World): Promise<{ config: Config; redactor: Redactor }> {
  const loaded = await load(source, world)
  if ('problems' in loaded) throw new Error(loaded.problems.map(formatProblem).join('\n'))
  return loaded
}

/** The problems, each as one line; a config without problems gives an empty list. */
export async function bad(source: string, world?: World): Promise<string[]> {
  const loaded = await load(source, world)
  return 'problems' in loaded ? loaded.problems.map(formatProblem) : []
}
