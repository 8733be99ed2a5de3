/** The file by which a running gateway is found: one for each config, written by the gateway that serves it. */
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { basename, join } from 'node:path'
import { homeDir, stateDir } from '../std/paths.ts'

/** Stands for a config file where the demo is served. */
export const DEMO = 'the demo'

export interface GatewayRecord {
  pid: number
  /** When that process started, so that another one under the same pid is told from it; empty where the system does not say. */
  start: string
  /** The config file, empty where the built-in defaults are served. */
  config: string
  startedAt: string
  /** It was started by one of our commands, not by a person or a service manager. */
  background: boolean
  /** Its MCP endpoint, as soon as it listens. */
  url?: string
}

/** The path of the record for a config. A home folder may be shared by machines, so the machine's name counts too. */
export function recordFile(config: string | undefined, env: NodeJS.ProcessEnv): string {
  return join(gatewaysDir(env), `${slug(config)}.json`)
}

/** Where a gateway in the background writes its log. */
export function logFile(config: string | undefined, env: NodeJS.ProcessEnv): string {
  return join(gatewaysDir(env), `${slug(config)}.log`)
}

export function gatewaysDir(env: NodeJS.ProcessEnv): string {
  return join(stateDir(env, process.platform, homeDir(env)), 'gateways')
}

/** What stands in a record, if that is one. */
export function readRecord(file: string): GatewayRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(file, 'utf8')) as GatewayRecord
    return Number.isInteger(record.pid) && record.pid > 0 ? record : undefined
  } catch {
    // There is none, or it was cut short by a full disk.
    return undefined
  }
}

/** Whether some process has this pid. Cheap; whether it is the same process is another question. */
export function pidLives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function slug(config = ''): string {
  const name = config === '' ? 'default' : basename(config).replace(/[^\w.-]+/g, '-')
  return `${name.slice(0, 40)}-${hash(`${hostname()}\n${config}`)}`
}

/** FNV-1a twice with different seeds: names need no secrecy, and node:crypto would cost the bridge memory. */
function hash(text: string): string {
  return [0x811c9dc5, 0x01234567]
    .map((seed) => {
      let value = seed
      for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
      return (value >>> 0).toString(16).padStart(8, '0')
    })
    .join('')
}
