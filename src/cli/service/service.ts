/** Installs the gateway as a service of the person, takes it away again, and says how it is. */
import { isFleeting, type OwnProgram } from '../../clients/export/bridge-command.ts'
import type { History } from '../../clients/journal.ts'
import { type Machine, pathOf } from '../../clients/machine.ts'
import { recordedEdit } from '../../clients/recorded-edit.ts'
import { pathOfLoginShell } from '../../upstream/login-path.ts'
import { type ServiceDefinition, serviceFile } from './definition.ts'

/** Runs a command, and gives what went wrong. */
export type RunCommand = (command: readonly string[]) => Promise<string | undefined>

export interface ServiceMeans {
  history: History
  runId: string
  /** The command: `service install`. */
  reason: string
  run: RunCommand
}

/** Whether something starts the gateway when its person logs in. */
export async function isServiceInstalled(machine: Machine): Promise<boolean> {
  return (await machine.files.kind(serviceFile(machine))) === 'file'
}

/** Why a service of this program would soon be broken; undefined where it would not. */
export function unfitFor({ node, script }: OwnProgram): string | undefined {
  const fleeting = [node, script].find(isFleeting)
  return fleeting && `${fleeting} goes away by itself, and the service with it; npm install -g mcp-gw, then run this again`
}

/** The PATH that a person has in a terminal, without the folders of one session and with that of our Node. */
export async function servicePath(machine: Machine, { node }: OwnProgram): Promise<string> {
  const { env, system } = machine
  const path = pathOf(machine)
  const own = env.PATH ?? env.Path ?? ''
  const known = system !== 'win32' && env.SHELL ? ((await pathOfLoginShell(env)) ?? own) : own
  const folders = [path.dirname(node), ...known.split(path.delimiter)]
  const lasting = folders.filter((folder) => path.isAbsolute(folder) && !isFleeting(folder) && !/node_modules/.test(folder))
  return [...new Set(lasting)].join(path.delimiter)
}

/** Writes the definition and starts the service. What goes wrong with a command is given back; the file stays, to try again. */
export async function installService(definition: ServiceDefinition, means: ServiceMeans): Promise<string | undefined> {
  await write(definition.file, definition.text, means)
  return runAll(definition.enable, means.run)
}

/** Stops the service and takes its definition away. A service that does not run is no reason to keep it. */
export async function uninstallService(definition: ServiceDefinition, means: ServiceMeans): Promise<string | undefined> {
  const problem = await runAll(definition.disable, means.run)
  await write(definition.file, undefined, means)
  return problem
}

async function write(path: string, text: string | undefined, { history, runId, reason }: ServiceMeans): Promise<void> {
  await recordedEdit(history, { path, runId, client: 'mcp-gw', reason, keys: [], mode: 0o644, edit: () => text })
}

async function runAll(commands: readonly string[][], run: RunCommand): Promise<string | undefined> {
  for (const command of commands) {
    const problem = await run(command)
    if (problem !== undefined) return `${command.join(' ')}: ${problem}`
  }
  return undefined
}

/** Runs a program of the system. */
export const runCommand: RunCommand = async ([program = '', ...args]) => {
  const { execa } = await import('execa')
  const { failed, stderr, shortMessage } = await execa(program, args, { reject: false, timeout: 30_000 })
  return failed ? stderr?.trim().split('\n').at(-1) || shortMessage : undefined
}
