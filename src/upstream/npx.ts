/** Finds the program that `npx` would start, in the order in which npx itself looks for it. */
import { createHash } from 'node:crypto'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isFile, isFolder, readJson, startOf } from './installed-bin.ts'
import { type NpmPlaces, npmPlaces } from './npm-places.ts'
import type { Place, Program } from './program.ts'

/** What the arguments of npx ask for. */
export interface Asked {
  /** The package as written, by which npx names its folder for it. */
  spec: string
  name: string
  /** An exact version, a tag, or undefined for a name alone. */
  version: string | undefined
  exact: boolean
  /** The program of the package, where `--package` names the package apart. */
  bin: string | undefined
  /** The arguments of the program. */
  args: string[]
}

/** npx asks at each start whether there is a newer version; the gateway lets it do so once in this time. */
const FRESH_MS = 24 * 3_600_000

const SPEC = /^((?:@[\w.~-]+\/)?[\w~-][\w.~-]*)(?:@([^@/\s]+))?$/
const EXACT = /^\d+\.\d+\.\d+(?:-[\w.-]+)?$/
/** At least two letters: `x` is a range. */
const TAG = /^[a-z]{2,}$/

export async function resolveNpx({ command, args }: Program, place: Place): Promise<Program | undefined> {
  const asked = parseNpx(args)
  const npm = asked && (await npmPlaces(command, place))
  if (!npm) return undefined
  const found = (await installed(asked, npm, place)) ?? (await inCache(asked, npm.cache, place))
  return found && { ...found, args: [...found.args, ...asked.args], without: 'npx' }
}

/** Reads the arguments of npx; undefined where they say anything that is not understood here for certain. */
export function parseNpx(args: readonly string[]): Asked | undefined {
  let spec: string | undefined
  let i = 0
  for (; i < args.length; i++) {
    const arg = args[i] as string
    if (arg === '-y' || arg === '--yes') continue
    const given = /^(?:-p|--package)(?:=(.+))?$/s.exec(arg)
    if (!given) break
    // Several packages make one program with a PATH of its own.
    if (spec !== undefined) return undefined
    spec = given[1] ?? args[++i] ?? ''
  }
  if (args[i] === '--') i++
  const first = args[i]
  if (first === undefined || first.startsWith('-')) return undefined
  const [whole, name, version] = SPEC.exec(spec ?? first) ?? []
  if (whole === undefined || name === undefined) return undefined
  const exact = version !== undefined && EXACT.test(version)
  if (version !== undefined && !exact && !TAG.test(version)) return undefined
  return { spec: whole, name, version, exact, bin: spec === undefined ? undefined : first, args: args.slice(i + 1) }
}

/** A program that the project or the machine has. A tag says nothing about what is installed, so there is none for it. */
async function installed(asked: Asked, npm: NpmPlaces, place: Place): Promise<Program | undefined> {
  const named = asked.bin === undefined ? await byBinName(asked.spec, npm, place) : undefined
  if (named) return named
  if (asked.version !== undefined && !asked.exact) return undefined
  const modules = join(npm.project, 'node_modules')
  const local = await inModules(asked, modules, join(modules, '.bin'), place)
  // With --package, npx leaves out what is installed globally.
  return local ?? (asked.bin === undefined ? inModules(asked, npm.globalModules, npm.globalBin, place) : undefined)
}

/** A program of this very name in a node_modules/.bin from here upward, then among the global ones. */
async function byBinName(spec: string, npm: NpmPlaces, place: Place): Promise<Program | undefined> {
  const project = await readJson(join(npm.project, 'package.json'))
  // npx installs the project itself to start a program of it.
  if (project && binsOf(project, String(project.name)).has(spec)) throw new Error('a program of the project is meant')
  if (spec.includes('@')) return undefined
  for (let dir = place.cwd; ; dir = dirname(dir)) {
    const found = await startOf({ bins: join(dir, 'node_modules', '.bin'), name: spec }, place)
    if (found) return found
    if (dirname(dir) === dir) return startOf({ bins: npm.globalBin, name: spec }, place)
  }
}

/** The program of a package that is installed here, in the version that is asked for. */
async function inModules(asked: Asked, modules: string, bins: string, place: Place): Promise<Program | undefined> {
  const folder = join(modules, asked.name)
  const manifest = await readJson(join(folder, 'package.json'))
  if (!manifest || manifest.name !== asked.name || (asked.exact && manifest.version !== asked.version)) return undefined
  const [name, file] = binOf(manifest, asked)
  return startOf({ bins, name, file: join(folder, file) }, place)
}

/**
 * What npx has installed for exactly this spec. Where the spec leaves the version open, npx itself starts the program once a
 * day, so that no newer version is missed for longer.
 */
async function inCache(asked: Asked, cache: string, place: Place): Promise<Program | undefined> {
  const hash = createHash('sha512').update(asked.spec).digest('hex').slice(0, 16)
  const stamp = join(place.stateDir, 'npx', hash)
  if (!asked.exact && !(await isFresh(stamp))) return undefined
  const folder = join(cache, '_npx', hash)
  const { packages } = ((await readJson(join(folder, 'package.json')))?._npx ?? {}) as { packages?: unknown }
  // npx writes this when it is done, so an installation that was cut short does not have it.
  if (JSON.stringify(packages) !== JSON.stringify([asked.spec])) return undefined
  if (await isFolder(join(folder, 'concurrency.lock'))) return undefined
  const modules = join(folder, 'node_modules')
  return inModules(asked, modules, join(modules, '.bin'), place)
}

/** The program that npx picks: the one that is asked for, the only one, or the one of the package's own name. */
function binOf(manifest: Record<string, unknown>, asked: Asked): [name: string, file: string] {
  const bins = binsOf(manifest, asked.name)
  const only = new Set(bins.values()).size === 1 ? [...bins.keys()][0] : shortName(asked.name)
  const name = asked.bin ?? only ?? ''
  const file = bins.get(name)
  if (typeof file !== 'string') throw new Error('the package has no such program')
  return [name, file]
}

function binsOf({ bin }: Record<string, unknown>, name: string): Map<string, unknown> {
  return new Map(Object.entries(typeof bin === 'string' ? { [shortName(name)]: bin } : (bin ?? {})))
}

/** A name without its scope. */
function shortName(name: string): string {
  return name.replace(/^@[^/]+\//, '')
}

async function isFresh(stamp: string): Promise<boolean> {
  if (!(await isFile(stamp))) return false
  return Math.abs(Date.now() - (await stat(stamp)).mtimeMs) < FRESH_MS
}

/** Notes that npx itself has started this program, and so has asked for its newest version. */
export async function noteNpxRun(args: readonly string[], stateDir: string): Promise<void> {
  const asked = parseNpx(args)
  if (!asked || asked.exact) return
  const stamp = join(stateDir, 'npx', createHash('sha512').update(asked.spec).digest('hex').slice(0, 16))
  await mkdir(dirname(stamp), { recursive: true, mode: 0o700 })
  await writeFile(stamp, `${asked.spec}\n`, { mode: 0o600 })
}
