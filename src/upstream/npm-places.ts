/** Where npm keeps what it has installed, found without starting npm. */
import { readFile, realpath } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { inPath, isFile, isFolder, readJson } from './installed-bin.ts'
import type { Place } from './program.ts'

export interface NpmPlaces {
  /** The project that npm sees from here. */
  project: string
  cache: string
  globalModules: string
  globalBin: string
}

type Settings = Record<string, string>

/** The folders that this npx would use; undefined where its settings say something that is not understood here for certain. */
export async function npmPlaces(npx: string, place: Place): Promise<NpmPlaces | undefined> {
  const { cwd, env, platform } = place
  const windows = platform === 'win32'
  const home = windows ? env.USERPROFILE : env.HOME
  const node = await inPath(windows ? 'node.exe' : 'node', env)
  const found = /[/\\]/.test(npx) ? resolve(cwd, npx) : await inPath(windows ? 'npx.cmd' : 'npx', env)
  if (!home || !node || !found || env.DESTDIR !== undefined) return undefined
  const script = windows ? join(dirname(found), 'node_modules', 'npm', 'bin', 'npx-cli.js') : await realpath(found)
  // A shim of a version manager decides at each start which npx it is.
  if (basename(script) !== 'npx-cli.js') return undefined
  const besideNode = windows ? dirname(node) : dirname(dirname(await realpath(node)))
  const fixed = environmentSettings(env)
  // Distributions and installers put settings of their own beside npm.
  const builtin = await npmrc(join(dirname(dirname(script)), 'npmrc'))
  const user = await npmrc(fixed.userconfig ?? join(home, '.npmrc'))
  const prefix = fixed.prefix ?? user.prefix ?? builtin.prefix ?? env.PREFIX ?? besideNode
  const global = await npmrc(fixed.globalconfig ?? join(prefix, 'etc', 'npmrc'))
  const project = await localPrefix(cwd, prefix)
  const own = project === undefined ? {} : await npmrc(join(project, '.npmrc'))
  const ownCache = windows ? join(env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'npm-cache') : join(home, '.npm')
  const cache = fixed.cache ?? own.cache ?? user.cache ?? global.cache ?? builtin.cache ?? ownCache
  // A value with a variable, a tilde or quotes in it is npm's to read.
  const unclear = [prefix, cache].some((path) => /[$"']|^~/.test(path))
  if (unclear || project === undefined || global.prefix !== undefined) return undefined
  const lib = windows ? prefix : join(prefix, 'lib')
  return { project, cache, globalModules: join(lib, 'node_modules'), globalBin: windows ? prefix : join(prefix, 'bin') }
}

/**
 * The folder that npm takes for the project: the nearest with a package.json or node_modules, else where we are. Undefined
 * where it may be a workspace of another, because then npm looks into both.
 */
async function localPrefix(cwd: string, globalPrefix: string): Promise<string | undefined> {
  const start = resolve(cwd)
  let project: string | undefined
  for (let dir = start; dir !== globalPrefix; dir = dirname(dir)) {
    const manifest = await readJson(join(dir, 'package.json'))
    if (project !== undefined && manifest?.workspaces !== undefined) return undefined
    if (basename(dir) !== 'node_modules' && (manifest || (await isFolder(join(dir, 'node_modules'))))) project ??= dir
    if (dirname(dir) === dir) break
  }
  return project ?? start
}

/** The two settings of an npmrc that matter here. */
async function npmrc(file: string): Promise<Settings> {
  if (!(await isFile(file))) return {}
  const lines = (await readFile(file, 'utf8')).matchAll(/^[ \t]*(cache|prefix)[ \t]*=[ \t]*(.*?)[ \t\r]*$/gm)
  return Object.fromEntries([...lines].map(([, key, value]) => [key, value]))
}

/** `npm_config_cache` and its like, which npm takes in any case. */
function environmentSettings(env: Record<string, string>): Settings {
  const settings: Settings = {}
  for (const [name, value] of Object.entries(env)) {
    const key = /^npm_config_(cache|prefix|userconfig|globalconfig)$/i.exec(name)?.[1]
    if (key !== undefined && value !== '') settings[key.toLowerCase()] = value
  }
  return settings
}
