/** `mcp-gw setup-export`: points clients at the gateway, and shows first what that would change. */
import { applyExport } from '../../clients/export/apply.ts'
import { bridgeCommand } from '../../clients/export/bridge-command.ts'
import { settleTargets, withoutRepeats } from '../../clients/export/overlaps.ts'
import { planExport } from '../../clients/export/plan.ts'
import type { ExportPlan, ExportRequest } from '../../clients/export/request.ts'
import { type FoundClient, findClients } from '../../clients/find.ts'
import { MANUAL_CLIENTS } from '../../clients/known/by-hand.ts'
import { CLIENTS } from '../../clients/known/clients.ts'
import { thisMachine } from '../../clients/machine.ts'
import { preview } from '../../clients/preview.ts'
import { homeDir, shortPath } from '../../std/paths.ts'
import { suggest } from '../../std/suggest.ts'
import { ConfigEditing, type EditingOptions } from '../config-editing.ts'
import { Exit } from '../exit.ts'
import { errorsOf, type Outcome, outcomeAsJson, planAsJson, showNotes, showOutcome } from '../export/show.ts'
import { watchFiles } from '../export/watch-files.ts'
import { type Survey, survey } from '../init/survey.ts'
import { ownProgram } from '../own-program.ts'
import { print, printJson } from '../terminal.ts'

export interface ExportOptions extends Omit<EditingOptions, 'scope'> {
  target?: string
  mode: ExportRequest['mode']
  originals: ExportRequest['originals']
  scope: ExportRequest['scope']
  watch?: boolean
  force?: boolean
}

export async function setupExport(options: ExportOptions): Promise<void> {
  const editing = new ConfigEditing(options, 'setup-export')
  const plans = await plan(editing, options)
  if (options.dryRun) return dryRun(plans, options)
  const outcomes = await carryOut(plans, editing)
  if (options.json) printJson(outcomes.map(outcomeAsJson))
  else for (const outcome of outcomes) showOutcome(outcome, homeDir(process.env))
  const failed = outcomes.filter((outcome) => errorsOf(outcome).length > 0).length
  if (failed > 0) process.exitCode = failed === outcomes.length ? 1 : 4
  if (options.watch) await keep(plans, editing, options)
}

async function carryOut(plans: readonly ExportPlan[], editing: ConfigEditing): Promise<Outcome[]> {
  const { history, runId } = editing
  const machine = thisMachine(process.env, process.cwd())
  const outcomes: Outcome[] = []
  for (const one of plans) {
    outcomes.push({ plan: one, files: await applyExport(one, { history, machine, runId, reason: 'setup-export' }) })
  }
  return outcomes
}

/** So many times in a minute somebody takes the entry away again before it is left to them. */
const REVERTS_MAX = 2
const REVERTS_MS = 60_000

/** Writes an entry again where the config or a client changes it; a person who takes it away twice is not fought. */
async function keep(plans: readonly ExportPlan[], editing: ConfigEditing, options: ExportOptions): Promise<void> {
  const written = new Map<string, number[]>()
  const paths = [editing.target.path, ...plans.flatMap(({ files }) => files.map(({ path }) => path))]
  process.stderr.write('Watching the config and the files of the clients; Ctrl-C ends it.\n')
  const changed = async (): Promise<void> => {
    const due = (await plan(editing, options)).filter(({ files }) => files.some(({ changes }) => changes.length > 0))
    for (const one of due) {
      const { id, name } = one.client
      const recent = (written.get(id) ?? []).filter((at) => Date.now() - at < REVERTS_MS)
      written.set(id, [...recent, Date.now()])
      if (recent.length > REVERTS_MAX) continue
      if (recent.length === REVERTS_MAX) process.stderr.write(`${name} keeps changing its entry; it is left alone from now on.\n`)
      else for (const outcome of await carryOut([one], editing)) showOutcome(outcome, homeDir(process.env))
    }
  }
  await watchFiles({ paths: () => paths, changed })
}

/** What is to be done for each target, in the order of the records. */
async function plan(editing: ConfigEditing, options: ExportOptions): Promise<ExportPlan[]> {
  const found = await survey(editing, options.config)
  const chosen = await targets(options.target, found)
  const { write, skipped, notes } = settleTargets(
    chosen.map(({ client }) => client),
    options.scope,
  )
  for (const { client, reason } of skipped) process.stderr.write(`${client.name} is left out: ${reason}\n`)
  for (const note of notes) process.stderr.write(`${note}\n`)
  const bridge = bridgeCommand(ownProgram(), found.machine, found.configNamed)
  const meant = chosen.filter(({ client }) => write.includes(client))
  return withoutRepeats(await Promise.all(meant.map((one) => planOne(one, { found, bridge, options }))))
}

interface Means {
  found: Survey
  bridge: ExportRequest['bridge']
  options: ExportOptions
}

function planOne(one: FoundClient, { found, bridge, options }: Means): Promise<ExportPlan> {
  const { machine, history, url, service, imported } = found
  return planExport({
    client: one.client,
    gateway: { url },
    bridge,
    mode: options.mode,
    service,
    scope: options.scope,
    originals: options.originals,
    taken: imported.known.flatMap(({ origins }) => origins),
    machine,
    found: one,
    history,
    ...(options.force && { overwrite: true, create: true }),
  })
}

/** The clients that are named, or those that are installed. Instructions are printed for what has no file of ours to write. */
async function targets(names: string | undefined, { found, machine }: Survey): Promise<FoundClient[]> {
  const installed = found.filter(({ sign, client }) => sign !== undefined && client.tier === 'full')
  if (names === undefined || names === 'all') {
    if (installed.length > 0) return installed
    throw new Exit(1, 'no client is installed here that can be set up by itself; name one with --target')
  }
  const wanted = names.split(',').map((name) => name.trim())
  const clients = wanted.flatMap((name) => {
    const client = CLIENTS.find(({ id }) => id === name)
    if (client?.tier === 'import') throw new Exit(2, `${client.name} is only read: nobody develops it further`)
    if (client) return [client]
    instruct(name)
    return []
  })
  return findClients(machine, { clients })
}

function instruct(name: string): void {
  const manual = MANUAL_CLIENTS.find(({ id }) => id === name)
  if (!manual) {
    const ids = [...CLIENTS, ...MANUAL_CLIENTS].map(({ id }) => id)
    const near = suggest(name, ids)
    throw new Exit(
      2,
      `there is no client "${name}"${near ? `; did you mean ${near}?` : ''} Known are: ${ids.toSorted().join(', ')}`,
    )
  }
  const { node, script } = ownProgram()
  print(`${manual.name}: ${manual.instructions({ url: 'http://127.0.0.1:39400/mcp', command: node, args: [script, 'connect'] })}`)
}

function dryRun(plans: readonly ExportPlan[], { json }: ExportOptions): void {
  const home = homeDir(process.env)
  const diffs = plans.flatMap(({ files }) =>
    files.map(({ path, before, after }) => preview(shortPath(path, home), before, after, [])),
  )
  const diff = diffs.filter(Boolean).join('\n')
  if (json) printJson({ changes: diff !== '', clients: plans.map(planAsJson), diff })
  else {
    print(diff || 'Nothing would change.')
    for (const one of plans) showNotes(one)
  }
  if (diff !== '') process.exitCode = 3
}
