/** `mcp-gw add`: brings a server into the config, in whatever shape it comes, and shows that it works before it is written. */

import { dirname } from 'node:path'
import { text as readAll } from 'node:stream/consumers'
import { sequence } from '../../config/edit/page.ts'
import { envFileIn } from '../../config/env-file.ts'
import { load } from '../../config/load.ts'
import { envVariables } from '../../config/secret-store.ts'
import { afterFailure, consentTo } from '../add/consent.ts'
import { ADD_HELP } from '../add/help.ts'
import { listKnown } from '../add/list-known.ts'
import { type AddOptions, readEnvFileOption, readOptions } from '../add/options.ts'
import { fromPasted } from '../add/pasted.ts'
import { proposalsFor } from '../add/proposals.ts'
import { fromRegistry } from '../add/registry.ts'
import { type AddReport, conflictText, tellAdded, tellSame } from '../add/report.ts'
import { type Request, readRequest } from '../add/request.ts'
import { editFor, type Settled, settleProposal } from '../add/settle.ts'
import { type Trial, tryEntries } from '../add/trial.ts'
import { ConfigEditing, secretsJournal, warnOf } from '../config-editing.ts'
import { Exit } from '../exit.ts'
import { isExposedToGit } from '../git-exposure.ts'
import { interactive, type Questions, questions } from '../interactive.ts'
import { configuredUrl } from '../running-gateway.ts'
import { SecretKeeper } from '../secret-keeper.ts'
import { print, printJson, wrapped } from '../terminal.ts'

interface Adding {
  request: Request
  options: AddOptions
  editing: ConfigEditing
  keeper: SecretKeeper
  questions: Questions | undefined
}

export async function add(words: readonly string[]): Promise<void> {
  const request = readRequest(words, readEnvFileOption)
  if ('error' in request) throw new Exit(2, request.error)
  if (request.subject.kind === 'help') return print(ADD_HELP)
  const options = readOptions(request.fields)
  if (request.subject.kind === 'list') return listKnown(request.subject.query, options.json)
  tellUnused(request)
  const adding = await begin(request, options)
  const settled = await settleAll(adding)
  const changes = settled.filter(({ standing }) => standing !== 'same')
  if (changes.length === 0) return tellSame(settled, adding.editing, options.json)
  refuseConflicts(changes, adding)
  const change = await adding.editing.plan(sequence(changes.map(editFor)), adding.keeper.context())
  if (options.dryRun) return options.json ? showJsonDiff(adding, change) : adding.editing.showDiff(change)
  warnOf(change.problems)
  const { chosen, trials } = await check(changes, adding)
  if (chosen.length > 0) await write(chosen, adding)
  await report({ settled, chosen, trials }, adding)
}

async function begin(request: Request, options: AddOptions): Promise<Adding> {
  const editing = new ConfigEditing(options, 'add')
  const asked = interactive(options) ? await questions() : undefined
  const { context, runId, target } = editing
  const store = { write: editing.writer([]), journal: secretsJournal(), runId }
  const keeper = new SecretKeeper({
    file: target.path,
    wish: options.secrets,
    questions: asked,
    context,
    text: editing.text(),
    store,
  })
  return { request, options, editing, keeper, questions: asked }
}

async function settleAll({ request, options, editing, keeper, questions }: Adding): Promise<Settled[]> {
  const loaded = await load({ file: editing.target.path, cwd: process.cwd(), env: process.env })
  const own = 'config' in loaded ? [configuredUrl(loaded.config.listen)] : []
  const proposals = await proposalsFor({
    request,
    own,
    readStdin: () => readAll(process.stdin),
    fromRegistry: (server, name) => fromRegistry(server, name, { base: options.registryUrl, questions }),
    fromPasted,
  })
  const tell = (line: string): void => void process.stderr.write(`${wrapped(line, 0)}\n`)
  for (const { name, notes } of proposals) for (const note of notes) tell(`${name}: ${note}`)
  const env = { ...(await envVariables(dirname(editing.target.path))), ...process.env }
  const settling = { text: editing.text(), given: request.given.env, env, questions, keeper, tell }
  const settled: Settled[] = []
  for (const proposal of proposals) {
    if (!options.dryRun) await consentTo(proposal, { questions, trust: options.trustRegistry })
    settled.push(await settleProposal(proposal, settling))
  }
  return settled
}

/** A server of the same name is replaced only by somebody who says so. */
function refuseConflicts(changes: readonly Settled[], { editing, options }: Adding): void {
  const taken = changes.filter(({ standing }) => standing === 'differs')
  if (taken.length === 0 || options.force) return
  throw new Exit(1, conflictText(taken, editing))
}

/** Starts each server once. What does not work is left out, unless somebody wants it all the same. */
async function check(
  changes: readonly Settled[],
  { options, editing, keeper, questions }: Adding,
): Promise<{ chosen: Settled[]; trials: Trial[] }> {
  const wanted = options.check ? changes.filter(({ entry }) => !entry.disabled) : []
  if (wanted.length === 0) return { chosen: [...changes], trials: [] }
  const trials = await tryEntries(wanted, { file: editing.target.path, context: keeper.context(), options })
  const chosen: Settled[] = []
  for (const one of changes) {
    const trial = trials.find(({ name }) => name === one.name)
    const fate = trial && !trial.ok ? await afterFailure(trial, one, questions) : 'as it is'
    if (fate === 'as it is') chosen.push(one)
    if (fate === 'disabled') chosen.push({ ...one, entry: { ...one.entry, disabled: true } })
  }
  return { chosen, trials }
}

/** Stores the secrets and then writes the config that speaks of them. */
async function write(chosen: readonly Settled[], { editing, keeper }: Adding): Promise<void> {
  try {
    await keeper.store()
    await editing.make(
      sequence(chosen.map(editFor)),
      chosen.map(({ name }) => name),
    )
  } catch (error) {
    await keeper.takeBack()
    throw error
  }
}

async function report(
  { settled, chosen, trials }: Pick<AddReport, 'settled' | 'chosen' | 'trials'>,
  adding: Adding,
): Promise<void> {
  const { editing, keeper, options } = adding
  const gateway = chosen.length > 0 ? await editing.runningGateway() : undefined
  const envFile = envFileIn(dirname(editing.target.path))
  const secrets = chosen.length > 0 ? keeper.kept : []
  const exposed = secrets.some(({ place }) => place === 'env') && (await isExposedToGit(envFile))
  tellAdded({ settled, chosen, trials, secrets, gateway, envFile, exposed, editing }, options.json)
  const failed = settled.filter(({ standing }) => standing !== 'same').length - chosen.length
  if (failed > 0) process.exitCode = chosen.length > 0 ? 4 : 1
}

function showJsonDiff({ editing }: Adding, change: Awaited<ReturnType<ConfigEditing['plan']>>): void {
  const diff = editing.diffOf(change)
  printJson({ file: editing.target.path, changed: false, pending: diff !== '', diff })
  if (diff !== '') process.exitCode = 3
}

/** Says which flags of a pasted command have no counterpart here, unless they speak of the client alone. */
function tellUnused({ unused }: Request): void {
  for (const { flag, field } of unused) {
    if (field === 'approval') process.stderr.write(`${flag} is left out: only the client can let tools run without a question\n`)
    if (field === 'login') process.stderr.write(`${flag} is left out: signing in with a browser is not available yet\n`)
  }
}
