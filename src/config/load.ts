/** Loads the config: every problem at once, each at its place, or a config in which everything is settled. */
import { readFile } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import { LineCounter } from 'yaml'
import { homeDir } from '../std/paths.ts'
import { Redactor } from '../std/secret.ts'
import { digestOf } from './digest.ts'
import { type EnvFile, readEnvFile } from './env-file.ts'
import { explain } from './explain.ts'
import { find, type Search } from './find.ts'
import { type Fetched, fetchAll } from './interpolate.ts'
import { readKeychain } from './keychain.ts'
import { gatherServers } from './paste.ts'
import { fileErrorText, fileProblem, type Problem, type Report } from './problem.ts'
import { listenRule } from './rules.ts'
import { type Config, configSchema } from './schema.ts'
import { finishServer, settleServer } from './server.ts'
import { type Settling, settle } from './settle.ts'
import { child } from './shape.ts'
import { type MapTree, readTree, type Tree } from './tree.ts'

/** A config in which everything is settled. */
export interface Settled {
  config: Config
  /** Undefined where no config was found and the built-in defaults apply. */
  file: string | undefined
  /** The digest of the text that it was read from. */
  digest: string | undefined
  /** The `.env` beside the file. */
  envFile: EnvFile | undefined
  redactor: Redactor
  /** A problem that shows only when the value of a key is used, at its place in the file or at that of a key above it. */
  problemAt(key: string, message: string): Problem
}

export type Loaded = Settled | { problems: Problem[] }

export interface Context {
  cwd: string
  env: NodeJS.ProcessEnv
  readFile(path: string): Promise<string>
  readKeychain(name: string): Promise<Fetched>
}

const readText = (path: string): Promise<string> => readFile(path, 'utf8')

/** Finds the config and loads it. */
export async function load(options: Search): Promise<Loaded> {
  const file = find(options)
  if (file === undefined) return defaults()
  if (typeof file !== 'string') return { problems: [file] }
  try {
    return await parse(await readText(file), file, contextOf(options))
  } catch (error) {
    return { problems: [fileProblem(shownPath(file, options.cwd), `cannot be read: ${fileErrorText(error)}`)] }
  }
}

/** The real surroundings of a config. */
export function contextOf({ cwd, env }: Pick<Search, 'cwd' | 'env'>): Context {
  return { cwd, env, readFile: readText, readKeychain }
}

/** The built-in defaults, or a config that is not read from a file. */
export function defaults(config: Config = configSchema.parse({}), file?: string): Settled {
  const problemAt = (key: string, message: string): Problem => ({ ...fileProblem(file ?? '(built-in defaults)', message), key })
  return { config, file, digest: undefined, envFile: undefined, redactor: new Redactor(), problemAt }
}

/** Loads a config from its text. Nothing that the text says makes it throw. */
export async function parse(source: string, file: string, context: Context): Promise<Loaded> {
  const lines = new LineCounter()
  const problems: Problem[] = []
  const shown = shownPath(file, context.cwd)
  const report: Report = (at, key, message) => {
    const { line, col } = lines.linePos(at)
    problems.push({ file: shown, line, column: col, key, message })
  }
  const tree = readTree(source, report, lines) ?? EMPTY
  // What follows a syntax error is read wrongly, so further complaints would mislead.
  if (problems.length > 0 && tree === EMPTY) return { problems: sorted(problems) }
  if (tree.kind === 'list' || (tree.kind === 'scalar' && tree.value !== null)) {
    report(tree.at, '', 'a config has keys and values, such as servers: and listen:')
    return { problems }
  }
  const root = tree.kind === 'map' ? gatherServers(tree, report, lines) : EMPTY
  const path = resolve(context.cwd, file)
  const home = homeDir(context.env)
  const folder = dirname(path)
  const [envFile, fetched] = await Promise.all([
    readEnvFile(folder, context.readFile),
    fetchAll(root, { ...context, folder, home }),
  ])
  const redactor = new Redactor()
  // What the process was started with is stronger than what a file says for every start.
  const sources = { env: { ...envFile.values, ...context.env }, ...fetched }
  const settling: Settling = { sources, redactor, report, unresolved: new Set(), needer: 'the config' }
  const config = settleConfig(root, settling, { file: path, home })
  if (!config || problems.length > 0) return { problems: sorted(problems) }
  const problemAt = (key: string, message: string): Problem => {
    const { line, col } = lines.linePos(placeOf(root, key))
    return { file: shown, line, column: col, key, message }
  }
  return { config, file, digest: digestOf(source), envFile, redactor, problemAt }
}

const EMPTY: MapTree = { kind: 'map', at: 0, key: '', count: 1, entries: new Map() }

/** The config, or undefined where there are problems, which are reported. */
function settleConfig(root: MapTree, settling: Settling, place: { file: string; home: string }): Config | undefined {
  const { tree, input } = settleRoot(root, settling)
  listenRule(root, input.listen ?? {}, settling.report)
  const checked = configSchema.safeParse(input)
  if (!checked.success) {
    for (const issue of checked.error.issues) explain(issue, tree, configSchema, settling.unresolved, settling.report)
    return undefined
  }
  for (const server of Object.values(checked.data.servers)) finishServer(server, place)
  return checked.data
}

/** The values of the whole file; servers have rules of their own. */
function settleRoot(root: MapTree, settling: Settling): { tree: MapTree; input: Record<string, unknown> } {
  const servers = root.entries.get('servers')
  const schema = child(child(configSchema, 'servers'), '')
  if (servers?.value.kind !== 'map' || !schema) {
    return { tree: root, input: settle(root, configSchema, settling) as Record<string, unknown> }
  }
  const rest = new Map(root.entries)
  rest.delete('servers')
  const input = settle({ ...root, entries: rest }, configSchema, settling) as Record<string, unknown>
  const settled = [...servers.value.entries].map(([name, entry]) => ({ name, ...settleServer(name, entry, schema, settling) }))
  input.servers = Object.fromEntries(settled.map(({ name, input }) => [name, input]))
  const entries = new Map(settled.map(({ name, entry }) => [name, entry]))
  const tree = { ...root, entries: rest.set('servers', { ...servers, value: { ...servers.value, entries } }) }
  return { tree, input }
}

/** Where the value of a dotted key begins, or the nearest one above it that the file has. */
function placeOf(root: Tree, key: string): number {
  let tree = root
  for (const name of key.split('.')) {
    const next = tree.kind === 'map' ? tree.entries.get(name)?.value : undefined
    if (!next) break
    tree = next
  }
  return tree.at
}

/** In the order of the file, each once: a value that an alias repeats is checked at every place that repeats it. */
function sorted(problems: Problem[]): Problem[] {
  const unique = new Map(problems.map((problem) => [JSON.stringify(problem), problem]))
  return [...unique.values()].sort((a, b) => a.line - b.line || a.column - b.column)
}

/** The path as short as a person would write it. */
export function shownPath(file: string, cwd: string): string {
  const short = relative(cwd, resolve(cwd, file))
  return short.startsWith('..') ? file : short
}
