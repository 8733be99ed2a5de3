/** The screens of `init`: what was found, what is to be done with it, and a last look before anything is written. */
import * as clack from '@clack/prompts'
import kleur from 'kleur'
import type { FoundClient } from '../../clients/find.ts'
import type { ImportedServer } from '../../clients/import/import.ts'
import { shortPath } from '../../std/paths.ts'
import type { Trial } from '../add/trial.ts'
import { Exit } from '../exit.ts'
import { type Answers, canBeWritten, type InitFlags } from './answers.ts'
import { counted, trialLine } from './report.ts'
import type { Survey } from './survey.ts'

/** Prompts go to stderr: stdout is for results. */
const output = process.stderr
const HINT_MAX = 48

/** Asks what no flag has answered. Throws `Exit` with 130 where the person leaves. */
export async function ask(survey: Survey, base: Answers, flags: InitFlags, keychain: boolean): Promise<Answers> {
  const answers = { ...base }
  if (flags.clients === undefined) answers.clients = await askClients(survey, base)
  if (flags.servers === undefined) answers.servers = await askServers(survey, base)
  const chosen = survey.imported.servers.filter(({ name }) => answers.servers.includes(name))
  if (flags.secrets === undefined) answers.secrets = await askSecrets(chosen, base, keychain)
  if (answers.secrets !== 'keep') answers.values = await askValues(chosen)
  if (flags.originals === undefined) answers.originals = await askOriginals(chosen, base)
  if (flags.mode === undefined && answers.clients.length > 0) answers.mode = await askMode(base)
  return answers
}

/** What was found, in one line, and every file that could not be read. */
export function showFound({ found, imported, machine }: Survey): void {
  const installed = found.filter(({ sign }) => sign !== undefined).length
  const { servers, known, skipped, problems } = imported
  const own = skipped.filter(({ kind }) => kind === 'gateway').length
  const parts = [
    `${counted(installed, 'client')}`,
    `${counted(servers.length, 'server')} to take over`,
    ...(known.length > 0 ? [`${known.length} already here`] : []),
    ...(own > 0 ? [`${own} the gateway itself`] : []),
  ]
  clack.log.step(`Found ${parts.join(', ')}.`, { output })
  for (const { message } of problems) clack.log.warn(message, { output })
  for (const { origin, reason, kind } of skipped) {
    if (kind !== 'gateway') clack.log.warn(`${origin.name} in ${shortPath(origin.path, machine.home)}: ${reason}`, { output })
  }
}

async function askClients({ found, machine }: Survey, base: Answers): Promise<string[]> {
  const writable = found.filter((one) => one.sign !== undefined && one.client.tier !== 'import')
  if (writable.length === 0) {
    clack.log.info('No client is installed here. mcp-gw setup-export points one at the gateway later.', { output })
    return []
  }
  const options = writable.map((one) => ({
    value: one.client.id,
    label: one.client.name,
    hint: clientHint(one, machine.home),
    ...(!canBeWritten(one) && one.client.tier === 'full' && { disabled: true }),
  }))
  const message = 'Which clients shall use the gateway? (space changes, enter goes on)'
  return answered(await clack.multiselect({ message, options, initialValues: base.clients, required: false, output }))
}

function clientHint({ client, files, problem }: FoundClient, home: string): string {
  if (problem || files.some((file) => file.problem && file.file.scope === 'user')) return 'its file cannot be read'
  const file = files.find((one) => one.file.scope === 'user')
  const servers = files.reduce((sum, one) => sum + one.servers.length, 0)
  const place = file ? shortPath(file.path, home) : ''
  return clip(
    [place, ...(servers > 0 ? [counted(servers, 'server')] : []), ...(client.alsoServes ?? [])].filter(Boolean).join(', '),
  )
}

async function askServers({ imported, machine }: Survey, base: Answers): Promise<string[]> {
  if (imported.servers.length === 0) {
    clack.log.info('There is nothing to take over. mcp-gw add NAME adds a server.', { output })
    return []
  }
  const options = imported.servers.map((server) => ({
    value: server.name,
    label: server.name,
    hint: serverHint(server, machine.cwd),
    ...(server.readOnly !== undefined && { disabled: true }),
  }))
  const message = 'Which servers shall the gateway take over?'
  return answered(
    await clack.multiselect({ message, options, initialValues: base.servers, required: false, maxItems: 12, output }),
  )
}

function serverHint({ entry, origins, secrets, needs, notes, readOnly }: ImportedServer, cwd: string): string {
  const clients = [...new Set(origins.map(({ client }) => client))].join(', ')
  const project = origins.find((origin) => origin.project !== undefined && origin.project !== cwd)?.project
  const missing = needs.filter(({ from }) => from !== 'environment')
  const parts = [
    entry.url ? 'http' : 'stdio',
    clients,
    ...(readOnly !== undefined ? [readOnly] : []),
    ...(entry.disabled ? ['off'] : []),
    ...(secrets.length > 0 ? [counted(secrets.length, 'secret')] : []),
    ...(missing.length > 0 ? [`needs ${missing.map(({ variable }) => variable).join(', ')}`] : []),
    ...(project !== undefined ? [`project ${project}`] : []),
    ...(notes.some(({ kind }) => kind === 'renamed') ? ['renamed'] : []),
  ]
  return clip(parts.join(' · '))
}

async function askSecrets(chosen: ImportedServer[], base: Answers, keychain: boolean): Promise<Answers['secrets']> {
  const count = new Set(chosen.flatMap(({ secrets }) => secrets.map(({ value }) => value.reveal()))).size
  if (count === 0) return base.secrets
  const options = [
    ...(keychain ? [{ value: 'keychain' as const, label: 'Into the keychain of the system', hint: 'recommended' }] : []),
    { value: 'env' as const, label: 'Into a .env beside the config', hint: 'only you can read it' },
    { value: 'keep' as const, label: 'Leave them in plain text', hint: 'not recommended' },
  ]
  const message = `${counted(count, 'secret')} in plain text. Where shall ${count === 1 ? 'it' : 'they'} go?`
  return answered(await clack.select({ message, options, initialValue: base.secrets, output }))
}

async function askValues(chosen: ImportedServer[]): Promise<Record<string, string>> {
  const values: Record<string, string> = {}
  for (const { name, needs } of chosen) {
    for (const { variable, from, description } of needs) {
      if (from === 'environment' || values[variable]) continue
      const message = `${name} needs ${variable}${description ? ` (${description})` : ''}. Enter leaves ${name} switched off.`
      const value = answered(await clack.password({ message, mask: '•', output }))
      if (value) values[variable] = value
    }
  }
  return values
}

async function askOriginals(chosen: ImportedServer[], base: Answers): Promise<Answers['originals']> {
  if (chosen.length === 0) return base.originals
  const options = [
    {
      value: 'move' as const,
      label: 'Take them out of the clients',
      hint: 'mcp-gw undo brings them back',
    },
    { value: 'disable' as const, label: 'Switch them off there', hint: 'where the client can' },
    { value: 'keep' as const, label: 'Leave them', hint: 'their tools are there twice' },
  ]
  const message = 'What becomes of the entries in the clients?'
  return answered(await clack.select({ message, options, initialValue: 'move' as Answers['originals'], output }))
}

async function askMode(base: Answers): Promise<Answers['mode']> {
  const options = [
    { value: 'auto' as const, label: 'As fits each client', hint: 'recommended' },
    { value: 'stdio' as const, label: 'By the bridge', hint: 'the gateway is started when a client needs it' },
    { value: 'http' as const, label: 'Over HTTP', hint: 'you keep mcp-gw serve running' },
  ]
  return answered(
    await clack.select({ message: 'How shall clients reach the gateway?', options, initialValue: base.mode, output }),
  )
}

/** Whether the plan is to be carried out; the diff is shown as often as it is asked for. */
export async function confirmPlan(summary: string, diff: string): Promise<boolean> {
  clack.note(summary, 'This is what will be done', { output })
  for (;;) {
    const options = [
      { value: 'apply', label: 'Do it' },
      { value: 'diff', label: 'Show every changed line first' },
      { value: 'cancel', label: 'Leave everything as it is' },
    ]
    const choice = answered(await clack.select({ message: 'Go on?', options, output }))
    if (choice !== 'diff') return choice === 'apply'
    output.write(`\n${diff || 'Nothing changes.'}\n`)
  }
}

export function answered<T>(answer: T): Exclude<T, symbol> {
  if (clack.isCancel(answer)) throw new Exit(130, 'cancelled; nothing was changed')
  return answer as Exclude<T, symbol>
}

function clip(text: string): string {
  const room = Math.max(20, Math.min(HINT_MAX, (output.columns ?? 80) - 32))
  return kleur.dim(text.length > room ? `${text.slice(0, room - 1)}…` : text)
}

export function intro(): void {
  clack.intro('mcp-gw: one gateway for all your AI clients', { output })
  clack.log.message('Nothing is changed until you say so, and mcp-gw undo takes everything back.', { output })
}

export function outro(): void {
  clack.outro('Done.', { output })
}

export function scanning<T>(work: () => Promise<T>): Promise<T> {
  return spinning('Looking at the clients of this machine', work)
}

async function spinning<T>(message: string, work: () => Promise<T>): Promise<T> {
  const spinner = clack.spinner({ output, indicator: 'timer' })
  spinner.start(message)
  try {
    const result = await work()
    spinner.stop(message)
    return result
  } catch (error) {
    spinner.error(message)
    throw error
  }
}

export function showTrials(trials: readonly Trial[]): void {
  if (trials.length > 0) clack.log.message(trials.map(trialLine), { output })
}

/** Whether servers that do not start are taken over as they are. */
export async function keepOn(failed: readonly Trial[]): Promise<boolean> {
  const names = failed.map(({ name }) => name).join(', ')
  const options = [
    {
      value: false,
      label: failed.length === 1 ? 'Take it over switched off' : 'Take them over switched off',
      hint: 'recommended',
    },
    { value: true, label: failed.length === 1 ? 'Take it over as it is' : 'Take them over as they are' },
  ]
  const message = failed.length === 1 ? `${names} does not start. What shall be done with it?` : `${names} do not start.`
  return answered(await clack.select({ message, options, initialValue: false, output }))
}
