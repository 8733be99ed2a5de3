/** Makes the paths of a project's servers whole, because the gateway starts them from somewhere else. */
import { type Machine, pathOf } from '../machine.ts'
import type { ServerEntry } from './server-entry.ts'
import { literal } from './variables.ts'
import { programName } from './wrappers.ts'

const RELATIVE = /^\.{1,2}(?:[\\/]|$)/
/** `--config=./file` */
const RELATIVE_VALUE = /^(--?[\w-]+=)(\.{1,2}(?:[\\/].*)?)$/s
/** What these start comes from elsewhere and is the same in every folder. */
const RUNNERS = new Set(['npx', 'bunx', 'pnpx', 'uvx', 'pipx', 'docker', 'podman', 'nerdctl', 'dnx'])

/** The entry as it means the same from any folder. `project` is the folder that it belongs to, if it belongs to one. */
export function absolute(entry: ServerEntry, project: string | undefined, machine: Machine): ServerEntry {
  if (entry.command === undefined || project === undefined) return entry
  const path = pathOf(machine)
  const base = literal(project)
  const whole = (text: string): string => path.resolve(base, text)
  if (entry.cwd !== undefined) return { ...entry, cwd: isRooted(entry.cwd, machine) ? entry.cwd : whole(entry.cwd) }
  const command = isRelativeProgram(entry.command, machine) ? whole(entry.command) : entry.command
  const args = entry.args?.map((arg) => {
    if (RELATIVE.test(arg)) return whole(arg)
    const [, flag, value] = RELATIVE_VALUE.exec(arg) ?? []
    return flag !== undefined && value !== undefined ? flag + whole(value) : arg
  })
  const moved = { ...entry, command, ...(args && { args }) }
  // A program of the project may look around itself; what a launcher fetches does not.
  return RUNNERS.has(programName(command)) ? moved : { ...moved, cwd: base }
}

function isRooted(text: string, machine: Machine): boolean {
  return pathOf(machine).isAbsolute(text) || /^~(?:[\\/]|$)/.test(text) || text.startsWith('${')
}

/** A program with a folder in its name is found from where it is started; one without is found in PATH. */
function isRelativeProgram(command: string, machine: Machine): boolean {
  return /[\\/]/.test(command) && !isRooted(command, machine)
}
