/** `mcp-gw init`: finds the clients of this machine, takes their servers over, and points the clients at the gateway. */
import { keychainFailure } from '../../config/keychain.ts'
import { type Trial, tryEntries } from '../add/trial.ts'
import { ConfigEditing, type EditingOptions, secretsJournal } from '../config-editing.ts'
import { Exit } from '../exit.ts'
import { type Answers, asCommand, type InitFlags, sensibleAnswers, withFlags } from '../init/answers.ts'
import { type AppliedClient, apply } from '../init/apply.ts'
import { type InitPlan, planInit } from '../init/plan.ts'
import { counted, nextSteps, summary, trialLine, wholeDiff } from '../init/report.ts'
import { type Survey, survey } from '../init/survey.ts'
import { interactive } from '../interactive.ts'
import { SecretKeeper } from '../secret-keeper.ts'
import { print, printJson } from '../terminal.ts'

export interface InitOptions extends EditingOptions, InitFlags {
  yes?: boolean
  check?: boolean
}

const NEEDS_TERMINAL =
  'This command needs a terminal to ask questions. Re-run with --yes, or pass --clients and --servers. See mcp-gw init --help.'

export async function init(options: InitOptions): Promise<void> {
  const asks = interactive(options)
  const answered = options.clients !== undefined && options.servers !== undefined
  if (!asks && !options.yes && !answered && !options.dryRun) throw new Exit(2, NEEDS_TERMINAL)
  const screens = asks ? await import('../init/screens.ts') : undefined
  screens?.intro()
  const editing = new ConfigEditing(options, 'init')
  const found = await (screens ? screens.scanning(() => survey(editing, options.config)) : survey(editing, options.config))
  const keychain = (await keychainFailure()) === undefined
  const sensible = withFlags(sensibleAnswers(found, keychain), options, found)
  screens?.showFound(found)
  const answers = screens ? await screens.ask(found, sensible, options, keychain) : sensible
  const keeper = keeperOf(editing, answers)
  const first = await planInit(found, answers, editing, keeper)
  const trials =
    options.check === false || options.dryRun
      ? []
      : await tryAll(first, { file: editing.target.path, context: keeper.context(), options })
  const off = await switchedOff(trials, screens)
  const plan = Object.keys(off).length > 0 ? await planInit(found, { ...answers, off }, editing, keeper) : first
  const diff = wholeDiff(plan, editing, found)
  if (options.dryRun) return dryRun(plan, diff, options)
  if (diff === '') return nothingToDo(found, trials, options)
  if (screens && !(await screens.confirmPlan(summary(plan, editing, found), diff)))
    throw new Exit(130, 'cancelled; nothing was changed')
  const clients = await apply(plan, { editing, keeper, machine: found.machine }, () => undefined)
  screens?.outro()
  finish({ plan, trials, clients, answers, editing, options })
}

function keeperOf(editing: ConfigEditing, { secrets }: Answers): SecretKeeper {
  return new SecretKeeper({
    file: editing.target.path,
    wish: secrets === 'keep' ? 'plain' : secrets,
    questions: undefined,
    context: editing.context,
    text: editing.text(),
    store: { write: editing.writer([]), journal: secretsJournal(), runId: editing.runId },
  })
}

type Screens = typeof import('../init/screens.ts')

/** Starts each new server once, as the gateway would. */
async function tryAll({ servers }: InitPlan, setting: TrialSetting): Promise<Trial[]> {
  const entries = servers.filter(({ entry }) => !entry.disabled)
  if (entries.length === 0) return []
  const trials = await tryEntries(entries, setting)
  return trials.sort((a, b) => (a.name < b.name ? -1 : 1))
}

type TrialSetting = Parameters<typeof tryEntries>[1]

/** Servers that do not start are taken over switched off, unless somebody says that they are to stay on. */
async function switchedOff(trials: readonly Trial[], screens: Screens | undefined): Promise<Record<string, string>> {
  screens?.showTrials(trials)
  const failed = trials.filter(({ ok }) => !ok)
  if (failed.length === 0 || (screens && (await screens.keepOn(failed)))) return {}
  return Object.fromEntries(failed.map(({ name, error }) => [name, shortReason(error ?? 'it does not start')]))
}

/** The first line, without the folders of PATH. */
function shortReason(error: string): string {
  return (error.split('\n', 1)[0] ?? '').replace(/ \([^)]{40,}\)/, '')
}

function dryRun({ servers, exports }: InitPlan, diff: string, { json }: InitOptions): void {
  if (json) printJson({ changes: diff !== '', servers: servers.map(shownServer), clients: exports.map(shownExport), diff })
  else print(diff || 'Nothing would change.')
  if (diff !== '') process.exitCode = 3
}

function nothingToDo({ imported, found }: Survey, trials: readonly Trial[], { json }: InitOptions): void {
  if (json) return printJson({ changed: false, servers: [], clients: [], trials })
  const clients = found.filter(({ sign }) => sign !== undefined).length
  print(
    `Everything is set up already: ${imported.known.length} servers of ${clients} clients are here. mcp-gw doctor checks them.`,
  )
}

interface Outcome {
  plan: InitPlan
  trials: readonly Trial[]
  clients: readonly AppliedClient[]
  answers: Answers
  editing: ConfigEditing
  options: InitOptions
}

function finish({ plan, trials, clients, answers, editing, options }: Outcome): void {
  const failed = clients.filter(({ errors }) => errors.length > 0).length
  if (failed > 0) process.exitCode = failed === clients.length && !plan.change ? 1 : 4
  if (options.json) {
    const shown = clients.map(({ plan, changed, errors }) => ({ ...shownExport(plan), changed, errors }))
    return printJson({
      changed: true,
      config: editing.target.path,
      servers: plan.servers.map(shownServer),
      clients: shown,
      trials,
    })
  }
  const ready = trials.filter(({ ok }) => ok)
  const tools = ready.reduce((sum, { tools }) => sum + tools.length, 0)
  if (options.yes) for (const trial of trials) print(trialLine(trial))
  print(
    `${editing.shown} has ${counted(plan.servers.length, 'new server')}; ${ready.length} started, with ${counted(tools, 'tool')}.`,
  )
  if (clients.length > 0) print(`\n${nextSteps(clients)}`)
  print(`\nThe same without questions: ${asCommand(answers)}`)
  print('mcp-gw doctor checks everything; mcp-gw undo takes it all back.')
}

function shownServer({ name, entry, notes }: InitPlan['servers'][number]): object {
  return { name, disabled: entry.disabled === true, notes }
}

function shownExport({ client, mode, state, files, notes, problems }: InitPlan['exports'][number]): object {
  const places = files.map(({ path, changes }) => ({ path, changes: changes.length }))
  return {
    id: client.id,
    mode: mode ?? null,
    state,
    files: places,
    notes: notes.map(({ text }) => text),
    problems,
    restart: client.restart,
  }
}
