/** Says whether two entries start the same program or lead to the same address. */
import { canonical } from '../../std/changed-keys.ts'
import type { ServerEntry } from './server-entry.ts'
import { hasVariable } from './variables.ts'
import { programName } from './wrappers.ts'

/** What runs, without what is only said about it (time limits, tools, whether it is on), in one form. */
interface Runs {
  command: string[]
  env: Record<string, string>
  inherit: string[]
  cwd: string
  url: string
  headers: Record<string, string>
}

/** They are found anew wherever the gateway runs, so their folder says nothing. */
const LAUNCHERS = new Set(['npx', 'uvx', 'bunx', 'pnpx', 'docker', 'podman'])

function runsOf(entry: ServerEntry): Runs {
  const { command = '', args = [], env = {}, inherit = [], cwd = '', url = '', headers = {} } = entry
  const name = programName(command)
  const program = LAUNCHERS.has(name) ? name : command
  const words = name === 'npx' ? args.filter((arg, i) => !(isYes(arg) && args.slice(0, i).every(isYes))) : args
  return {
    command: command === '' ? [] : [program, ...words.map((word, i) => (i === 0 ? word.replace(/(.)@latest$/, '$1') : word))],
    env,
    inherit: inherit === 'all' ? ['*'] : [...inherit].sort(),
    cwd,
    url: !hasVariable(url) && URL.canParse(url) ? new URL(url).href : url,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
  }
}

function isYes(arg: string): boolean {
  return arg === '-y' || arg === '--yes'
}

/** Equal for entries that run the same. It holds secrets, so it stays in memory. */
export function runKey(entry: ServerEntry): string {
  return canonical(runsOf(entry))
}

/** Whether `entry` is what `ours` became when its secrets were moved: equal, but for what is a variable in ours. */
export function isTakenOver(entry: ServerEntry, ours: ServerEntry): boolean {
  return matches(runsOf(entry), runsOf(ours))
}

function matches(value: unknown, ours: unknown): boolean {
  if (typeof ours === 'string') return value === ours || (typeof value === 'string' && hasVariable(ours))
  if (typeof ours !== 'object' || ours === null || typeof value !== 'object' || value === null) return value === ours
  const keys = Object.keys(ours)
  if (keys.length !== Object.keys(value).length) return false
  return keys.every(
    (key) => Object.hasOwn(value, key) && matches((value as Runs)[key as keyof Runs], (ours as Runs)[key as keyof Runs]),
  )
}
