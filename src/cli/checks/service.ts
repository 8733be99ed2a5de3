/** Checks of the service that starts the gateway at login, where there is one. */
import { isAbsolute } from 'node:path'
import { shortPath } from '../../std/paths.ts'
import { serviceDefinition, serviceFile } from '../service/definition.ts'
import { installService, isServiceInstalled, runCommand, servicePath, unfitFor } from '../service/service.ts'
import type { Around } from './around.ts'
import { type Finding, ok, type Repair, skip } from './check.ts'
import { programPlaces } from './programs.ts'

const NONE = skip('service', 'there is none; mcp-gw service install starts the gateway at each login')

/** Whether what the service starts is still there. */
export async function serviceStarts(around: Around): Promise<Finding[]> {
  const { machine, program } = around
  if (!(await isServiceInstalled(machine))) return [NONE]
  const { file, text } = await read(around)
  const shown = shortPath(file, machine.home)
  const [node = '', script = ''] = pathsIn(text)
  const kinds = await Promise.all([node, script].map((path) => machine.files.kind(path)))
  const gone = [node, script].find((_, i) => kinds[i] !== 'file')
  const repair = unfitFor(program) === undefined ? { repair: reinstall(around, shown) } : { fix: 'mcp-gw service install' }
  if (gone !== undefined) return [{ status: 'error', subject: shown, message: `starts ${gone}, which is not there`, ...repair }]
  if (script === program.script) return [ok(shown, 'starts this mcp-gw')]
  return [{ status: 'warn', subject: shown, message: `starts another mcp-gw (${script})`, ...repair }]
}

/** Whether the service finds the programs that servers are started with. */
export async function servicePrograms(around: Around): Promise<Finding[]> {
  const { machine, program } = around
  if (!(await isServiceInstalled(machine)) || machine.system === 'win32') return [NONE]
  const { file, text } = await read(around)
  const PATH = /PATH=([^"\n]+)"/.exec(text)?.[1] ?? /<key>PATH<\/key>\s*<string>([^<]*)</.exec(text)?.[1] ?? ''
  const commands = around.servers.flatMap(({ entry }) =>
    entry?.command && !entry.disabled ? [entry.command.split(/\s/)[0] ?? ''] : [],
  )
  const needed = [...new Set(commands)].filter((command) => !/[\\/]|\$\{/.test(command))
  const places = await Promise.all(needed.map((name) => programPlaces(name, { ...machine, env: { PATH } })))
  const missing = needed.filter((_, i) => places[i]?.length === 0)
  const subject = shortPath(file, machine.home)
  if (missing.length === 0) return [ok(subject, 'its PATH has what the servers need')]
  const repair = unfitFor(program) === undefined ? { repair: reinstall(around, subject) } : { fix: 'mcp-gw service install' }
  return [{ status: 'error', subject, message: `its PATH lacks ${missing.join(', ')}`, ...repair }]
}

async function read({ machine }: Around): Promise<{ file: string; text: string }> {
  const file = serviceFile(machine)
  return { file, text: (await machine.files.read(file)).toString('utf8') }
}

/** The words that are whole paths, in their order: Node, the script, and perhaps the config. */
function pathsIn(text: string): string[] {
  const words = [...text.matchAll(/"([^"\n]+)"|<(?:string|Command)>([^<]+)<|<Arguments>(\S+)/g)]
  return words.map(([, a, b, c]) => a ?? b ?? c ?? '').filter((word) => isAbsolute(word))
}

function reinstall(around: Around, shown: string): Repair {
  const { machine, program, file, history, runId } = around
  return {
    key: 'service',
    does: `write ${shown} anew and start the gateway by it`,
    run: async () => {
      const definition = serviceDefinition({ machine, program, config: file, path: await servicePath(machine, program) })
      const means = { history, runId, reason: 'doctor --fix', run: runCommand }
      const problem = await installService(definition, means)
      if (problem !== undefined) throw new Error(problem)
    },
  }
}
