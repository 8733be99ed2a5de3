/** Changes the config of a gateway that runs, and tells what came of it, whoever was first to notice. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ReloadReport } from '../../src/cli/reload-report.ts'
import { configText, type Gateway, type GatewayConfig, logLines } from './gateway.ts'
import { until } from './processes.ts'
import { type Answer, send } from './raw-http.ts'

/** The token that the gateway has made. */
export function tokenOf({ env }: Gateway): string {
  return readFileSync(join(env.XDG_STATE_HOME, 'mcp-gw', 'token'), 'utf8').trim()
}

/** POST /-/reload with the token. */
export function postReload(gateway: Gateway): Promise<Answer> {
  return send(`${gateway.origin}/-/reload`, { headers: { authorization: `Bearer ${tokenOf(gateway)}` } })
}

/** Reloads, and fails where that was refused. */
export async function reload(gateway: Gateway): Promise<ReloadReport> {
  const { status, text } = await postReload(gateway)
  if (status !== 200) throw new Error(`the reload was refused: ${status} ${text}`)
  return JSON.parse(text) as ReloadReport
}

interface Applied {
  added: string[]
  removed: string[]
  changed: string[]
  keys: string[]
}

/** Writes the config and has it reloaded. The file watch may be first, so what has changed is read from the log. */
export async function apply(gateway: Gateway, config: GatewayConfig): Promise<Applied> {
  const lines = () => logLines(gateway.running).filter(({ message }) => String(message).startsWith('config reloaded'))
  const before = lines().length
  writeFileSync(gateway.file, configText({ listen: { port: 0 }, ...config }))
  await reload(gateway)
  const look = () =>
    lines()
      .slice(before)
      .some(({ cause }) => String(cause).includes('api'))
      ? lines().slice(before)
      : undefined
  const told = (await until(look, 'the reload is not logged', { running: gateway.running })) as unknown as Applied[]
  const all = (key: keyof Applied): string[] => told.flatMap((line) => line[key])
  return { added: all('added'), removed: all('removed'), changed: all('changed'), keys: all('keys') }
}

/** Waits until no server is starting or about to be replaced. */
export async function settled(gateway: Gateway): Promise<void> {
  const look = async () => {
    const { servers } = await gateway.health()
    return servers.some(({ state, changing }) => state === 'starting' || changing) ? undefined : true
  }
  await until(look, 'the servers do not settle', { running: gateway.running })
}

/** The children that a gateway has at this moment, those that are about to go included. */
export function childrenOf({ running }: Gateway): number[] {
  const all = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,comm='], { encoding: 'utf8' })
  return all.split('\n').flatMap((line) => {
    const [pid, parent, state, program] = line.trim().split(/\s+/)
    // The watchdog is a shell; servers are Node processes.
    return Number(parent) === running.child.pid && !state?.startsWith('Z') && program !== 'sh' ? Number(pid) : []
  })
}

/** How many file descriptors a gateway has open; undefined where the system does not say. */
export function descriptorsOf({ running }: Gateway): number | undefined {
  const folder = `/proc/${running.child.pid}/fd`
  return existsSync(folder) ? readdirSync(folder).length : undefined
}
