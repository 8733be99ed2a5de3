/** The environment of a child process: the few variables that every program needs, and what its entry asks for. */
import { reveal } from '../std/secret.ts'
import type { ServerOptions } from './options.ts'

const INHERITED_ON_WINDOWS = [
  'APPDATA',
  'COMSPEC',
  'HOMEDRIVE',
  'HOMEPATH',
  'LOCALAPPDATA',
  'PATH',
  'PATHEXT',
  'PROCESSOR_ARCHITECTURE',
  'PROGRAMDATA',
  'PROGRAMFILES',
  'SYSTEMDRIVE',
  'SYSTEMROOT',
  'TEMP',
  'TMP',
  'USERNAME',
  'USERPROFILE',
]

const INHERITED_ELSEWHERE = [
  'HOME',
  'LANG',
  'LC_ALL',
  'LC_CTYPE',
  'LOGNAME',
  'PATH',
  'SHELL',
  'TERM',
  'TMPDIR',
  'TZ',
  'USER',
  'XDG_CACHE_HOME',
  'XDG_CONFIG_HOME',
  'XDG_DATA_HOME',
  'XDG_RUNTIME_DIR',
]

export interface Surroundings {
  /** Our own environment. */
  env: NodeJS.ProcessEnv
  platform: NodeJS.Platform
  /** The PATH that stands in for ours. */
  path: string | undefined
}

/** The environment for one child. What the entry sets is stronger than what it inherits. */
export function childEnvironment(
  { env, inherit }: Pick<ServerOptions, 'env' | 'inherit'>,
  around: Surroundings,
): Record<string, string> {
  const always = around.platform === 'win32' ? INHERITED_ON_WINDOWS : INHERITED_ELSEWHERE
  const names = inherit === 'all' ? Object.keys(around.env) : [...always, ...inherit]
  const child: Record<string, string> = {}
  for (const name of names) {
    const value = around.env[name]
    // A function that bash exported is code, which only an entry that asks for it by name gets.
    if (value === undefined || (inherit === 'all' && value.startsWith('() {'))) continue
    set(child, name, value, around.platform)
  }
  if (around.path !== undefined) set(child, 'PATH', around.path, around.platform)
  for (const [name, value] of Object.entries(env)) set(child, name, reveal(value), around.platform)
  return child
}

/** Windows knows a variable under any spelling; two of them would leave it to chance which one the child sees. */
function set(child: Record<string, string>, name: string, value: string, platform: NodeJS.Platform): void {
  if (platform === 'win32') {
    for (const other of Object.keys(child)) if (other.toUpperCase() === name.toUpperCase()) delete child[other]
  }
  child[name] = value
}
