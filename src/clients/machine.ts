/** The machine that clients are looked for on: its system, folders and files, as values that tests can replace. */
import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { posix, win32 } from 'node:path'
import { homeDir } from '../std/paths.ts'
import type { Paths, System } from './client.ts'

export interface Machine {
  system: System
  home: string
  env: NodeJS.ProcessEnv
  /** The folder of the project. */
  cwd: string
  files: MachineFiles
}

/** What we ask of a file system. */
export interface MachineFiles {
  /** Undefined where there is nothing, or nothing that we may see. */
  kind(path: string): Promise<'file' | 'folder' | undefined>
  /** The names in a folder; none where it cannot be read. */
  list(folder: string): Promise<string[]>
  /** Throws as `readFile` of Node does. */
  read(path: string): Promise<Buffer>
  /** The path behind all links; the path itself where there is nothing. */
  real(path: string): Promise<string>
}

/** This machine, as the person of this environment sees it. */
export function thisMachine(env: NodeJS.ProcessEnv, cwd: string): Machine {
  const system = process.platform === 'win32' || process.platform === 'darwin' ? process.platform : 'linux'
  return { system, home: homeDir(env), env, cwd, files: DISK }
}

const DISK: MachineFiles = {
  async kind(path) {
    try {
      const found = await stat(path)
      return found.isDirectory() ? 'folder' : found.isFile() ? 'file' : undefined
    } catch {
      // Missing and forbidden are the same to somebody who only looks.
      return undefined
    }
  },
  list: (folder) => readdir(folder).catch(() => []),
  read: (path) => readFile(path),
  real: (path) => realpath(path).catch(() => path),
}

export function pathOf(machine: Pick<Machine, 'system'>): typeof posix {
  return machine.system === 'win32' ? win32 : posix
}

/** A path that stands on a variable alone: who sets the variable names the path. */
const NAMED = /^\{[A-Z_]+\}/
const BRACES = /^\{(\w+)(?::-([^}]*))?\}/

/**
 * A path of a record on this machine; undefined where it stands on a variable that is not set. `~` is the home folder, `.` the
 * project, `{app}` the folder where the system keeps the data of applications, `{local}` its part that does not roam,
 * `{config}` the XDG folder that some use on every system, and `{VAR}` or `{VAR:-path}` a variable.
 */
export function resolvePath(template: string, machine: Machine): string | undefined {
  const path = pathOf(machine)
  const braces = BRACES.exec(template)
  if (braces) {
    const [whole, name, fallback] = braces as unknown as [string, string, string | undefined]
    const base = baseFolder(name, machine) ?? (fallback === undefined ? undefined : resolvePath(fallback, machine))
    return base === undefined ? undefined : path.join(base, template.slice(whole.length))
  }
  if (template === '~' || template.startsWith('~/')) return path.join(machine.home, template.slice(1))
  return path.resolve(machine.cwd, template)
}

function baseFolder(name: string, { system, home, env }: Machine): string | undefined {
  const path = pathOf({ system })
  // The XDG specification tells to ignore a relative path.
  const xdg = env.XDG_CONFIG_HOME && path.isAbsolute(env.XDG_CONFIG_HOME) ? env.XDG_CONFIG_HOME : path.join(home, '.config')
  const local = env.LOCALAPPDATA || path.join(home, 'AppData', 'Local')
  switch (name) {
    case 'config':
      return xdg
    case 'app':
      if (system === 'darwin') return path.join(home, 'Library', 'Application Support')
      return system === 'win32' ? env.APPDATA || path.join(home, 'AppData', 'Roaming') : xdg
    case 'local':
      return local
    default:
      return env[name] || undefined
  }
}

/** What the paths of a record mean here: those that exist, or else the one to create. */
export async function resolvePaths(paths: Paths, machine: Machine): Promise<string[]> {
  const templates = templatesFor(paths, machine)
  const plain = templates.filter((template) => !template.includes('*'))
  const here = plain.flatMap((template) => {
    const path = resolvePath(template, machine)
    return path === undefined ? [] : [{ path, named: NAMED.test(template) }]
  })
  const kinds = await Promise.all(here.map(({ path }) => machine.files.kind(path)))
  const chosen = here.find(({ named }) => named) ?? here.find((_, i) => kinds[i] !== undefined) ?? here[0]
  const globs = templates.filter((template) => template.includes('*'))
  const matched = await Promise.all(globs.map((template) => expand(template, machine)))
  return [...(chosen ? [chosen.path] : []), ...matched.flat()]
}

/** Every path that a list of paths can mean here and that has no `*`. */
export function everyPath(paths: Paths, machine: Machine): string[] {
  const templates = templatesFor(paths, machine).filter((template) => !template.includes('*'))
  return templates.map((template) => resolvePath(template, machine)).filter((path) => path !== undefined)
}

function templatesFor(paths: Paths, machine: Machine): readonly string[] {
  return isList(paths) ? paths : (paths[machine.system] ?? [])
}

function isList(paths: Paths): paths is readonly string[] {
  return Array.isArray(paths)
}

/** The existing paths that a template with `*` matches, in order. */
async function expand(template: string, machine: Machine): Promise<string[]> {
  const whole = resolvePath(template, machine)
  if (whole === undefined) return []
  const path = pathOf(machine)
  const { root } = path.parse(whole)
  let found = [root]
  for (const part of whole.slice(root.length).split(path.sep)) {
    if (!part.includes('*')) found = found.map((folder) => path.join(folder, part))
    else {
      const names = await Promise.all(found.map(async (folder) => ({ folder, names: await machine.files.list(folder) })))
      found = names.flatMap(({ folder, names }) => matching(part, names).map((name) => path.join(folder, name)))
    }
  }
  const kinds = await Promise.all(found.map((one) => machine.files.kind(one)))
  return found.filter((_, i) => kinds[i] !== undefined)
}

function matching(part: string, names: string[]): string[] {
  const [before, after] = part.split('*') as [string, string]
  return names.filter((name) => name.length >= part.length - 1 && name.startsWith(before) && name.endsWith(after)).sort()
}
