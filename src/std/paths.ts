/** Where a person's files belong on each platform. */
import { homedir } from 'node:os'
import { posix, win32 } from 'node:path'

type Env = NodeJS.ProcessEnv

const APP = 'mcp-gw'

/** The home folder, as the environment names it, so that `HOME=… mcp-gw` works everywhere. */
export function homeDir(env: Env): string {
  return env.HOME || env.USERPROFILE || homedir()
}

/** `~` and `~/…` with the home folder in place of the tilde; anything else (`~anna`, `a/~`) as it is. */
export function expandHome(path: string, home: string): string {
  return path === '~' || path.startsWith('~/') || path.startsWith('~\\') ? home + path.slice(1) : path
}

/** A path as people write it: `~` for the home folder. */
export function shortPath(path: string, home: string): string {
  if (path === home) return '~'
  const inside = path.startsWith(home) && /[\\/]/.test(path[home.length] ?? '')
  return inside && home.length > 1 ? `~${path.slice(home.length)}` : path
}

/** The folder of what a person writes: `mcp-gw.yaml`, capabilities. */
export function configDir(env: Env, platform: NodeJS.Platform, home: string): string {
  return appDir(env.XDG_CONFIG_HOME, platform, {
    win32: env.APPDATA || win32.join(home, 'AppData', 'Roaming'),
    darwin: posix.join(home, 'Library', 'Application Support'),
    other: posix.join(home, '.config'),
  })
}

/** The folder of what the gateway remembers and nobody edits: snapshots, the ledger of processes. */
export function stateDir(env: Env, platform: NodeJS.Platform, home: string): string {
  return appDir(env.XDG_STATE_HOME, platform, {
    win32: env.LOCALAPPDATA || win32.join(home, 'AppData', 'Local'),
    darwin: posix.join(home, 'Library', 'Application Support'),
    other: posix.join(home, '.local', 'state'),
  })
}

/** The folder of what can be made again at any time. */
export function cacheDir(env: Env, platform: NodeJS.Platform, home: string): string {
  return appDir(env.XDG_CACHE_HOME, platform, {
    win32: env.LOCALAPPDATA || win32.join(home, 'AppData', 'Local'),
    darwin: posix.join(home, 'Library', 'Caches'),
    other: posix.join(home, '.cache'),
  })
}

function appDir(xdg: string | undefined, platform: NodeJS.Platform, base: Record<'win32' | 'darwin' | 'other', string>): string {
  const path = platform === 'win32' ? win32 : posix
  // The XDG specification tells to ignore a relative path.
  if (xdg && path.isAbsolute(xdg)) return path.join(xdg, APP)
  return path.join(base[platform === 'win32' || platform === 'darwin' ? platform : 'other'], APP)
}
