/** Checks of our own config: that it can be read, that it means what it says, and that it keeps its secrets. */
import { lstat, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { movedTo } from '../../clients/import/moved.ts'
import { runKey } from '../../clients/import/same.ts'
import { programName } from '../../clients/import/wrappers.ts'
import { envFileIn } from '../../config/env-file.ts'
import { shortPath } from '../../std/paths.ts'
import type { Around, WrittenServer } from './around.ts'
import { type Check, type Finding, type Group, ok, skip } from './check.ts'
import { moveSecrets, setServerKey } from './config-edits.ts'
import { modeFinding } from './file-modes.ts'

const NONE = 'no config file'
const NO_SERVERS = skip('servers', 'there is none that can be looked at')

function shown({ file, machine }: Around): string {
  return file === undefined ? 'mcp-gw.yaml' : shortPath(file, machine.home)
}

/** What loading says of the file as a whole, of its keys, or of what it refers to. */
function problemFindings(around: Around, kind: 'file' | 'keys' | 'references', good: string): Finding[] {
  const here = around.problems.filter((problem) => kindOf(problem) === kind)
  if (here.length === 0) {
    if (around.settled) return [ok(shown(around), good)]
    return [skip(shown(around), 'the config has other problems')]
  }
  return here.map(({ line, column, key, message }): Finding => {
    const place = line > 0 ? `:${line}:${column}` : ''
    const fix =
      kind === 'references' ? `set it in ${shortPath(envFileIn(around.folder), around.machine.home)}` : 'edit the file there'
    return { status: 'error', subject: `${shown(around)}${place}`, message: key === '' ? message : `${key}: ${message}`, fix }
  })
}

function kindOf({ key, message }: Around['problems'][number]): 'file' | 'keys' | 'references' {
  if (/needs \$\{/.test(message)) return 'references'
  return key === '' ? 'file' : 'keys'
}

function found(around: Around): Finding[] {
  if (around.file === undefined && around.settled?.file) return [skip('config', 'the demo has none')]
  if (around.file === undefined && around.settled) {
    const fix = 'mcp-gw init'
    return [{ status: 'warn', subject: 'config', message: 'there is none, so no servers are configured', fix }]
  }
  const count = Object.keys(around.settled?.config.servers ?? {}).length
  return problemFindings(around, 'file', `${count} ${count === 1 ? 'server' : 'servers'}`)
}

function secrets(around: Around): Finding[] {
  const { servers } = around
  if (servers.length === 0) return [skip(shown(around), NONE)]
  const open = servers.filter((server) => server.secrets.length > 0)
  if (open.length === 0) return [ok(shown(around), 'holds no secret in plain text')]
  return open.map((server): Finding => {
    const names = server.secrets.map(({ variable }) => variable).join(', ')
    const repair = {
      key: `secrets ${server.name}`,
      does: `move ${names} of ${server.name} to ${shortPath(envFileIn(around.folder), around.machine.home)}`,
      asks: true as const,
      run: () => moveSecrets(around, server),
    }
    return { status: 'warn', subject: server.name, message: `its entry holds a secret in plain text (${names})`, repair }
  })
}

function duplicates({ servers }: Around): Finding[] {
  if (servers.length === 0) return [NO_SERVERS]
  const byRun = new Map<string, string[]>()
  for (const { name, entry } of servers) {
    if (!entry || entry.disabled) continue
    const key = runKey(entry)
    byRun.set(key, [...(byRun.get(key) ?? []), name])
  }
  const same = [...byRun.values()].filter((names) => names.length > 1)
  if (same.length === 0) return [ok('servers', 'each runs something else')]
  return same.map(([first = '', ...others]) => {
    const message = `runs the same as ${others.join(', ')}, so its tools are there more than once`
    return { status: 'warn', subject: first, message, fix: `remove ${others.join(', ')} from the config` }
  })
}

function moved(around: Around): Finding[] {
  if (around.servers.length === 0) return [NO_SERVERS]
  const old = around.servers.flatMap(({ name, written }) => {
    const url = typeof written.url === 'string' ? written.url : ''
    const now = movedTo(url)
    return now === undefined ? [] : [{ name, url, now }]
  })
  if (old.length === 0) return [ok('servers', 'no address is known to have moved')]
  return old.map(({ name, url, now }): Finding => {
    const run = (): Promise<void> => setServerKey(around, name, 'url', now)
    const repair = { key: `url ${name}`, does: `set the url of ${name} to ${now}`, run }
    return { status: 'error', subject: name, message: `${url} has moved to ${now}`, repair }
  })
}

const LAUNCHERS = new Set(['npx', 'bunx', 'pnpx', 'uvx'])

/** Whoever publishes the next version of such a package runs code here. */
function unpinned({ servers }: Around): Finding[] {
  if (servers.length === 0) return [NO_SERVERS]
  const loose = servers.filter(({ entry }) => entry && !entry.disabled && isLoose(entry)).map(({ name }) => name)
  if (loose.length === 0) return [ok('servers', 'none runs whatever version is newest')]
  const message = `${loose.length === 1 ? 'runs' : 'run'} whatever version is newest, with whatever is in it`
  return [{ status: 'warn', subject: loose.join(', '), message, fix: 'write package@version where the package stands' }]
}

function isLoose({ command = '', args = [] }: NonNullable<WrittenServer['entry']>): boolean {
  if (!LAUNCHERS.has(programName(command))) return false
  const name = args.find((arg) => !arg.startsWith('-'))
  if (name === undefined || /^[.~/]|\$\{|:\/\//.test(name)) return false
  return !/.(?:@|==)\d/.test(name)
}

async function modes(around: Around): Promise<Finding[]> {
  const { file } = around
  if (file === undefined) return [skip('config', NONE)]
  const holdsSecrets = around.servers.some((server) => server.secrets.length > 0)
  const danger = holdsSecrets ? 'others can read it, and it holds secrets' : 'others can change it'
  return Promise.all([
    modeFinding({ path: file, mode: holdsSecrets ? 0o600 : 0o755, kind: 'file', danger }, around),
    modeFinding(
      { path: envFileIn(around.folder), mode: 0o600, kind: 'file', danger: 'others can read the secrets in it' },
      around,
    ),
  ])
}

async function places(around: Around): Promise<Finding[]> {
  const { file, machine } = around
  if (file === undefined) return [skip('config', NONE)]
  const isLink = (await lstat(file)).isSymbolicLink()
  const real = await machine.files.real(file)
  const repository = await repositoryOf(dirname(real))
  const where = isLink ? `links to ${shortPath(real, machine.home)}` : 'is a file of its own'
  const open = around.servers.filter((server) => server.secrets.length > 0).map(({ name }) => name)
  if (repository === undefined || open.length === 0) return [ok(shown(around), where)]
  const message = `lies in the repository ${shortPath(repository, machine.home)} and holds secrets (${open.join(', ')})`
  return [{ status: 'error', subject: shown(around), message, fix: 'mcp-gw doctor --fix --only C05 moves them to .env' }]
}

async function repositoryOf(folder: string): Promise<string | undefined> {
  for (let at = folder; ; at = dirname(at)) {
    if (await stat(join(at, '.git')).catch(() => undefined)) return at
    if (dirname(at) === at) return undefined
  }
}

const checks: readonly Check[] = [
  { id: 'MGW-C01', title: 'Config file', run: found },
  { id: 'MGW-C02', title: 'Keys and values', run: (around) => problemFindings(around, 'keys', 'every key is known') },
  {
    id: 'MGW-C04',
    title: 'Variables and secrets',
    run: (around) => problemFindings(around, 'references', 'every ${…} has a value'),
  },
  { id: 'MGW-C05', title: 'Secrets in plain text', run: secrets },
  { id: 'MGW-C06', title: 'Servers that are there twice', run: duplicates },
  { id: 'MGW-C07', title: 'Servers that have moved', run: moved },
  { id: 'MGW-C08', title: 'Versions', run: unpinned },
  { id: 'MGW-C09', title: 'Who may read it', run: modes },
  { id: 'MGW-C10', title: 'Where it lies', run: places },
]

export const config: Group = { name: 'config', title: 'Config', checks }
