/** Checks of the machine: Node, programs, folders, limits. */
import { constants, existsSync, readFileSync } from 'node:fs'
import { access, chmod, realpath, stat, statfs } from 'node:fs/promises'
import { hostname, release } from 'node:os'
import { basename } from 'node:path'
import { configDir, shortPath } from '../../std/paths.ts'
import { VERSION } from '../version.ts'
import type { Around } from './around.ts'
import { type Check, type Finding, type Group, ok, skip } from './check.ts'
import { installHint, programPlaces } from './programs.ts'
import { servicePrograms } from './service.ts'

const NODE_MIN = [20, 19] as const
/** The last day of each version of Node that gets long support. */
const NODE_ENDS: Readonly<Record<number, string>> = { 20: '2026-04-30', 22: '2027-04-30', 24: '2028-04-30', 26: '2029-04-30' }
const FREE_BYTES_MIN = 100 * 1_048_576
const OPEN_FILES_MIN = 1_024
const FOLDER_MODE = 0o700

/** Whether this Node runs us, and for how long it gets its security fixes. */
export function nodeFinding(version: string, today: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const fix = 'install the newest LTS version of Node.js: https://nodejs.org'
  const old = major < NODE_MIN[0] || (major === NODE_MIN[0] && minor < NODE_MIN[1])
  if (old) return { status: 'error', subject: 'node', message: `${version} is too old; 20.19 or newer is needed`, fix }
  const end = NODE_ENDS[major]
  if (end !== undefined && end < today)
    return { status: 'warn', subject: 'node', message: `${version} gets no security fixes since ${end}`, fix }
  return ok('node', version)
}

async function installs(around: Around): Promise<Finding[]> {
  const { machine, program, settled } = around
  const places = await programPlaces('mcp-gw', machine)
  const real = await Promise.all(places.map((place) => realpath(place)))
  const findings = [installFinding(places, real, program.script)]
  const running = settled && (await around.gateway()).health
  if (running && running.version !== VERSION) {
    const fix = 'mcp-gw stop, then start it again'
    findings.push({ status: 'warn', subject: 'gateway', message: `runs version ${running.version}, this is ${VERSION}`, fix })
  }
  return findings
}

function installFinding(places: string[], real: string[], script: string): Finding {
  const [first] = real
  if (first === undefined) return skip('mcp-gw', 'is not in PATH; npm install -g mcp-gw puts it there')
  if (first !== script)
    return { status: 'warn', subject: 'mcp-gw', message: `in PATH is ${places[0]}, not the one that runs now (${script})` }
  if (new Set(real).size === 1) return ok('mcp-gw', `${places[0]}`)
  const others = places.filter((_, i) => real[i] !== first).join(', ')
  return { status: 'warn', subject: 'mcp-gw', message: `is installed more than once: also ${others}`, fix: 'remove the others' }
}

/** Whether what the servers are started with is there. */
async function launchers(around: Around): Promise<Finding[]> {
  const needed = new Map<string, string[]>()
  for (const { name, entry } of around.servers) {
    if (entry?.command === undefined || entry.disabled) continue
    const program = entry.command.split(/\s/)[0] ?? ''
    if (/[\\/]|\$\{/.test(program)) continue
    needed.set(program, [...(needed.get(program) ?? []), name])
  }
  if (needed.size === 0) return [skip('programs', 'no server needs one from PATH')]
  return Promise.all([...needed].map(([program, servers]) => launcher(program, servers, around)))
}

async function launcher(program: string, servers: string[], { machine }: Around): Promise<Finding> {
  const [place] = await programPlaces(program, machine)
  const wanted = servers.length > 3 ? `${servers.length} servers` : servers.join(', ')
  if (place === undefined)
    return { status: 'error', subject: program, message: `is not in PATH; needed by ${wanted}`, fix: installHint(program) }
  if (program !== 'docker') return ok(program, place)
  const { execa } = await import('execa')
  const { exitCode } = await execa(place, ['info', '--format', '{{.ServerVersion}}'], { reject: false, timeout: 4_000 })
  if (exitCode === 0) return ok(program, place)
  return { status: 'error', subject: program, message: `does not run; needed by ${wanted}`, fix: 'start Docker' }
}

async function folders({ machine, stateFolder }: Around): Promise<Finding[]> {
  const config = configDir(machine.env, process.platform, machine.home)
  return Promise.all([...new Set([stateFolder, config])].map((path) => folder(path, machine.home)))
}

async function folder(path: string, home: string): Promise<Finding> {
  const subject = shortPath(path, home)
  const found = await stat(path).catch(() => undefined)
  if (!found) return skip(subject, 'is not there yet; it is made when it is needed')
  if (!found.isDirectory()) return { status: 'error', subject, message: 'is no folder', fix: `move ${subject} away` }
  try {
    await access(path, constants.W_OK | constants.X_OK)
  } catch {
    const message = 'cannot be written'
    if (found.uid !== process.getuid?.()) return { status: 'error', subject, message, fix: `sudo chown -R $USER ${subject}` }
    const open = { key: `folder ${path}`, does: `set the mode of ${subject} to 700`, run: () => chmod(path, FOLDER_MODE) }
    return { status: 'error', subject, message, repair: open }
  }
  const { bavail, bsize } = await statfs(path)
  if (bavail * bsize < FREE_BYTES_MIN)
    return { status: 'warn', subject, message: 'less than 100 MB are free there', fix: 'free some space' }
  return ok(subject, 'can be written')
}

/** A proxy that is asked for our own address answers that there is nothing. */
export function proxyFindings(env: NodeJS.ProcessEnv): Finding[] {
  const proxy = ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'].find((name) => env[name])
  const direct = (env.NO_PROXY ?? env.no_proxy ?? '').split(/[\s,]+/)
  const findings: Finding[] = []
  if (proxy === undefined) findings.push(ok('proxy', 'none for addresses of this machine'))
  else if (direct.includes('*') || ['127.0.0.1', 'localhost'].every((host) => direct.includes(host)))
    findings.push(ok('proxy', `${proxy}, and NO_PROXY names this machine`))
  else {
    const fix = `export NO_PROXY=${[...direct.filter(Boolean), '127.0.0.1', 'localhost'].join(',')}`
    findings.push({ status: 'warn', subject: 'proxy', message: `${proxy} is set and NO_PROXY does not name this machine`, fix })
  }
  const ca = env.NODE_EXTRA_CA_CERTS
  if (ca && !existsSync(ca))
    findings.push({ status: 'error', subject: 'NODE_EXTRA_CA_CERTS', message: `names ${ca}, which is not there`, fix: 'mend it' })
  return findings
}

function limits(): Finding[] {
  if (process.platform === 'win32') return [skip('limits', 'Windows has none that matter here')]
  const report = process.report.getReport() as { userLimits?: { open_files?: { soft: number | string } } }
  const soft = Number(report.userLimits?.open_files?.soft)
  if (!(soft < OPEN_FILES_MIN)) return [ok('open files', Number.isNaN(soft) ? 'unlimited' : String(soft))]
  return [{ status: 'warn', subject: 'open files', message: `only ${soft} are allowed`, fix: `ulimit -n ${OPEN_FILES_MIN}` }]
}

/** Where "this machine" is not the one that the applications run on, clients and gateway may not meet. */
function surroundings(): Finding[] {
  const special: string[] = []
  if (/microsoft/i.test(release())) special.push('WSL: applications on the Windows side reach the gateway by localhost only')
  if (existsSync('/.dockerenv') || existsSync('/run/.containerenv') || inContainer())
    special.push('container: applications outside reach the gateway only through a published port')
  if (process.env.SSH_CONNECTION) special.push(`SSH: the gateway runs on ${hostname()}, not where you sit`)
  return [ok('surroundings', special.length === 0 ? 'nothing between the applications and the gateway' : special.join('; '))]
}

function inContainer(): boolean {
  try {
    return /docker|kubepods|containerd/.test(readFileSync('/proc/1/cgroup', 'utf8'))
  } catch {
    // Not Linux, or hidden.
    return false
  }
}

const checks: readonly Check[] = [
  {
    id: 'MGW-R01',
    title: 'Node.js',
    run: () => [nodeFinding(process.versions.node, new Date().toISOString().slice(0, 10))],
  },
  { id: 'MGW-R02', title: 'Installation', run: installs },
  { id: 'MGW-R04', title: 'PATH of the service', run: servicePrograms },
  { id: 'MGW-R05', title: 'Programs that servers need', run: launchers },
  { id: 'MGW-R06', title: 'Folders', run: folders },
  { id: 'MGW-R07', title: 'Proxy and certificates', run: ({ machine }) => proxyFindings(machine.env) },
  { id: 'MGW-R08', title: 'Limits', run: limits },
  { id: 'MGW-R09', title: 'Surroundings', run: surroundings },
]

export const runtime: Group = { name: 'runtime', title: 'Runtime', checks }

/** How a machine is called in a report. */
export function systemText({ machine }: Pick<Around, 'machine'>): string {
  return `${machine.system} ${release()} ${process.arch}, shell ${basename(machine.env.SHELL ?? 'unknown')}`
}
