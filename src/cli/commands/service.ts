/** `mcp-gw service`: has the system start the gateway when its person logs in, where the person wants that. */
import { randomUUID } from 'node:crypto'
import kleur from 'kleur'
import { historyOf } from '../../clients/journal.ts'
import { thisMachine } from '../../clients/machine.ts'
import { EditError } from '../../std/edit-error.ts'
import { shortPath } from '../../std/paths.ts'
import { type CommonOptions, openContext } from '../context.ts'
import { Exit } from '../exit.ts'
import { interactive, questions } from '../interactive.ts'
import { ownProgram } from '../own-program.ts'
import { findGateway } from '../running-gateway.ts'
import { type ServiceDefinition, serviceDefinition } from '../service/definition.ts'
import {
  installService,
  isServiceInstalled,
  runCommand,
  type ServiceMeans,
  servicePath,
  unfitFor,
  uninstallService,
} from '../service/service.ts'
import { print, printJson } from '../terminal.ts'

export interface ServiceOptions extends CommonOptions {
  yes?: boolean
  dryRun?: boolean
  json?: boolean
}

export async function install(options: ServiceOptions): Promise<void> {
  const program = ownProgram()
  const definition = await define(options)
  if (options.dryRun) return show(definition)
  const unfit = unfitFor(program)
  if (unfit !== undefined) throw new Exit(1, unfit)
  const shown = shownFile(definition)
  await agree(`Write ${shown} and start the gateway at each login?`, 'install', options)
  const problem = await carriedOut(installService(definition, means('service install')))
  if (problem !== undefined) throw new Exit(1, `${shown} is written, but the gateway is not started by it yet: ${problem}`)
  if (options.json) return printJson({ installed: true, file: definition.file })
  print(`${kleur.green('✓')} the gateway runs, and starts at each login (${shown})`)
  if (definition.note) print(`  ${definition.note}`)
  print('  mcp-gw service uninstall takes it away again')
}

export async function uninstall(options: ServiceOptions): Promise<void> {
  const definition = await define(options)
  const isThere = await isServiceInstalled(thisMachine(process.env, process.cwd()))
  if (!isThere) return options.json ? printJson({ installed: false }) : print('The gateway is no service here.')
  await agree(`Stop the service and remove ${shownFile(definition)}?`, 'uninstall', options)
  const problem = await carriedOut(uninstallService(definition, means('service uninstall')))
  if (options.json) return printJson({ installed: false, problem: problem ?? null })
  if (problem !== undefined) process.stderr.write(`${kleur.yellow('mcp-gw:')} the service may still run: ${problem}\n`)
  print(`${kleur.green('✓')} the gateway does not start at login any more`)
}

export async function status(options: ServiceOptions): Promise<void> {
  const machine = thisMachine(process.env, process.cwd())
  const context = await openContext(options, true)
  const [definition, installed, gateway] = await Promise.all([define(options), isServiceInstalled(machine), findGateway(context)])
  const running = gateway.health !== undefined
  if (options.json) return printJson({ installed, file: definition.file, running, url: running ? gateway.url : null })
  print(installed ? `The gateway starts at each login (${shownFile(definition)}).` : 'The gateway is no service here.')
  print(running ? `It runs at ${gateway.url}.` : 'It does not run now.')
}

async function define({ config }: CommonOptions): Promise<ServiceDefinition> {
  const machine = thisMachine(process.env, process.cwd())
  const program = ownProgram()
  const { file } = await openContext(config === undefined ? {} : { config }, true)
  const path = await servicePath(machine, program)
  // The service starts in another folder, so even a config that would be found here is named.
  return serviceDefinition({ machine, program, config: file, path })
}

function show({ text, file, enable }: ServiceDefinition): void {
  print(`${file}\n`)
  print(text)
  for (const command of enable) print(`$ ${command.join(' ')}`)
  process.exitCode = 3
}

/** Nothing that starts by itself is installed without somebody having said so. */
async function agree(question: string, command: string, options: ServiceOptions): Promise<void> {
  if (options.yes) return
  if (!interactive(options)) throw new Exit(2, `this needs a terminal to ask; run mcp-gw service ${command} --yes`)
  if (!(await (await questions()).confirm(question, false))) throw new Exit(130, 'cancelled; nothing was changed')
}

async function carriedOut(doing: Promise<string | undefined>): Promise<string | undefined> {
  return doing.catch((error) => {
    throw error instanceof EditError ? new Exit(1, error.message) : error
  })
}

function means(reason: string): ServiceMeans {
  return { history: historyOf(process.env), runId: randomUUID(), reason, run: runCommand }
}

function shownFile({ file }: ServiceDefinition): string {
  return shortPath(file, thisMachine(process.env, process.cwd()).home)
}
