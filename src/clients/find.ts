/** Finds which AI applications a machine has, where their servers stand, and what is wrong with those files. */
import { setTimeout as sleep } from 'node:timers/promises'
import { shortPath } from '../std/paths.ts'
import type { Client, ConfigFile } from './client.ts'
import { type FormatProblem, isTree, type KeyPath, type Tree, valueAt } from './formats/format.ts'
import { formats } from './formats/formats.ts'
import { CLIENTS } from './known/clients.ts'
import { everyPath, type Machine, pathOf, resolvePaths } from './machine.ts'

/** One entry as it stands in a client's file. */
export interface FoundServer {
  name: string
  /** What the entry says, in the client's words. */
  entry: unknown
  /** Where the entry stands; for servers in a list, where the list stands. */
  keyPath: KeyPath
  /** The folder of the project that it belongs to. */
  project?: string
}

export interface FoundFile {
  file: ConfigFile
  path: string
  /** Absent where there is none, or it cannot be read. */
  text?: string
  /** What the file says; absent where it says nothing that can be understood. */
  tree?: Tree
  exists: boolean
  servers: FoundServer[]
  problem?: FileProblem
}

/** Why a file cannot be read; `message` is whole sentences for a person. */
export interface FileProblem extends Partial<FormatProblem> {
  message: string
}

export interface FoundClient {
  client: Client
  /** What showed that the application is installed: a path or a program; absent where nothing did. */
  sign?: string
  files: FoundFile[]
  /** Why there is nothing about this client. */
  problem?: string
}

export interface FindOptions {
  clients?: readonly Client[]
  /** How long one client may take, in milliseconds. */
  budgetMs?: number
  wait?(ms: number): Promise<unknown>
}

const BUDGET_MS = 2_000
const FILE_BYTES_MAX = 64 * 1024 * 1024

/**
 * What this machine has, all clients side by side, in the order of the records: also those that are not installed, with the
 * files that they would have. Never throws.
 */
export function findClients(machine: Machine, options: FindOptions = {}): Promise<FoundClient[]> {
  const { clients = CLIENTS, budgetMs = BUDGET_MS, wait = waitUnheld } = options
  return Promise.all(
    clients.map(async (client): Promise<FoundClient> => {
      const late = wait(budgetMs).then((): FoundClient => ({ client, files: [], problem: lateText(client, budgetMs) }))
      const failed = (error: unknown): FoundClient => ({
        client,
        files: [],
        problem: `${client.name}: ${(error as Error).message}`,
      })
      return Promise.race([findClient(client, machine).catch(failed), late])
    }),
  )
}

function waitUnheld(ms: number): Promise<unknown> {
  return sleep(ms, undefined, { ref: false })
}

function lateText({ name }: Client, budgetMs: number): string {
  return `${name} could not be looked at within ${budgetMs / 1_000} s; is one of its folders on a drive that does not answer?`
}

async function findClient(client: Client, machine: Machine): Promise<FoundClient> {
  const [sign, files] = await Promise.all([findSign(client, machine), findFiles(client, machine)])
  return { client, ...(sign !== undefined && { sign }), files }
}

/** The first thing that shows that the application is installed. */
async function findSign({ signs }: Client, machine: Machine): Promise<string | undefined> {
  const path = pathOf(machine)
  const apps = machine.system === 'darwin' ? (signs.apps ?? []) : []
  const folders = ['/Applications', path.join(machine.home, 'Applications')]
  const candidates = [
    ...(await resolvePaths(signs.paths ?? [], machine)),
    ...everyPath(signs.paths ?? [], machine),
    ...apps.flatMap((app) => folders.map((folder) => path.join(folder, app))),
  ]
  const kinds = await Promise.all(candidates.map((candidate) => machine.files.kind(candidate)))
  const found = candidates.find((_, i) => kinds[i] !== undefined)
  return found ?? (await findProgram(signs.programs ?? [], machine))
}

async function findProgram(names: readonly string[], machine: Machine): Promise<string | undefined> {
  const path = pathOf(machine)
  const windows = machine.system === 'win32'
  const folders = (machine.env.PATH ?? machine.env.Path ?? '').split(path.delimiter).filter(Boolean)
  const files = windows ? names.flatMap((name) => [`${name}.exe`, `${name}.cmd`]) : names
  const candidates = folders.flatMap((folder) => files.map((file) => path.join(folder, file)))
  const kinds = await Promise.all(candidates.map((candidate) => machine.files.kind(candidate)))
  return candidates.find((_, i) => kinds[i] === 'file')
}

async function findFiles(client: Client, machine: Machine): Promise<FoundFile[]> {
  const places = await Promise.all(client.files.map(async (file) => ({ file, paths: await pathsOf(file, machine) })))
  const seen = new Set<string>()
  const wanted = places.flatMap(({ file, paths }) => paths.map((path) => ({ file, path })))
  // In the home folder, the file of the project is the file of the person.
  const unique = wanted.filter(({ path }) => !seen.has(path) && seen.add(path))
  return Promise.all(unique.map(({ file, path }) => readConfig(client, file, path, machine)))
}

async function pathsOf(file: ConfigFile, machine: Machine): Promise<string[]> {
  if (file.when) {
    const kinds = await Promise.all(everyPath(file.when, machine).map((path) => machine.files.kind(path)))
    if (kinds.every((kind) => kind === undefined)) return []
  }
  return resolvePaths(file.at, machine)
}

async function readConfig(client: Client, file: ConfigFile, path: string, machine: Machine): Promise<FoundFile> {
  const found: FoundFile = { file, path, exists: false, servers: [] }
  if ((await machine.files.kind(path)) !== 'file') return found
  found.exists = true
  const shown = shortPath(path, machine.home)
  try {
    const bytes = await machine.files.read(path)
    if (bytes.length > FILE_BYTES_MAX) return { ...found, problem: { message: `Cannot read ${shown}: it is larger than 64 MB.` } }
    const text = bytes.toString('utf8')
    const read = formats[file.format].read(text)
    if ('problem' in read) {
      // Nobody writes such a file, and one that does not name the servers has none.
      const isOnlyRead = client.tier === 'import' || file.readOnly || file.scope === 'plugin' || file.scope === 'policy'
      if (isOnlyRead && !text.includes(file.key.at(-1) ?? '')) return { ...found, text }
      return { ...found, text, problem: located(client, shown, read.problem) }
    }
    return { ...found, text, tree: read.value, servers: serversIn(read.value, file, machine) }
  } catch (error) {
    return { ...found, problem: { message: unreadable(client, shown, error, machine) } }
  }
}

function located({ id }: Client, shown: string, problem: FormatProblem): FileProblem {
  const place = `line ${problem.line}, column ${problem.column}`
  const mend = `File left untouched. Fix it and re-run, or skip it with --clients '!${id}'.`
  return { ...problem, message: `Cannot read ${shown}: ${place}: ${problem.message}. ${mend}` }
}

function unreadable({ name }: Client, shown: string, error: unknown, { system }: Machine): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'EPERM' && system === 'darwin')
    return (
      `macOS blocked access to the data of ${name} (EPERM). System Settings → Privacy & Security → Files and Folders: allow your ` +
      'terminal, or: tccutil reset SystemPolicyAppData'
    )
  if (code === 'EACCES' || code === 'EPERM') return `Cannot read ${shown}: you have no permission to read it.`
  return `Cannot read ${shown}: ${message}.`
}

/** The entries of a file, from every place in it that has some. */
export function serversIn(tree: Tree, file: Pick<ConfigFile, 'key' | 'also' | 'bare' | 'list'>, machine: Machine): FoundServer[] {
  const places = [file.key, ...(file.also ?? [])].flatMap((key) => expandKeys(tree, key))
  const found = places.flatMap(({ keyPath, project }) => serversAt(tree, keyPath, project, file.list))
  if (found.length > 0 || !file.bare || valueAt(tree, file.key) !== undefined) return withFolders(found, machine)
  return serversAt(tree, [], undefined, undefined)
}

/** A key path with `*` leads to several places, and what stands for the `*` is the folder of a project. */
function expandKeys(tree: Tree, key: KeyPath): { keyPath: KeyPath; project?: string }[] {
  const star = key.indexOf('*')
  if (star < 0) return [{ keyPath: key }]
  const parent = valueAt(tree, key.slice(0, star))
  const names = isTree(parent) ? Object.keys(parent) : []
  return names.map((name) => ({ keyPath: [...key.slice(0, star), name, ...key.slice(star + 1)], project: name }))
}

function serversAt(tree: Tree, at: KeyPath, project: string | undefined, list: string | undefined): FoundServer[] {
  const value = at.length === 0 ? tree : valueAt(tree, at)
  const belongs = project === undefined ? {} : { project }
  if (list !== undefined) {
    const items = Array.isArray(value) ? value.filter(isTree) : []
    return items.map((entry) => ({ name: String(entry[list] ?? ''), entry, keyPath: at, ...belongs }))
  }
  if (!isTree(value)) return []
  const entries = Object.entries(value).filter(([, entry]) => isTree(entry) && looksLikeServer(entry))
  return entries.map(([name, entry]) => ({ name, entry, keyPath: [...at, name], ...belongs }))
}

/** An entry may have nothing but inner maps, too; these are their names. */
const INNER = new Set(['transport', 'command', 'settings', 'options'])

/** The map of another version of the format may stand among the servers: it has only maps inside. */
function looksLikeServer(entry: Tree): boolean {
  const entries = Object.entries(entry)
  return entries.length === 0 || entries.some(([key, value]) => !isTree(value) || INNER.has(key))
}

/** Folders as keys may be written with the other slash. */
function withFolders(servers: FoundServer[], machine: Machine): FoundServer[] {
  const path = pathOf(machine)
  return servers.map((server) => (server.project === undefined ? server : { ...server, project: path.normalize(server.project) }))
}
