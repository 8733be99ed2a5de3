/** What `init` tells: what it is going to do, how each server did, and what to do in each client. */
import { dirname, join } from 'node:path'
import kleur from 'kleur'
import type { ExportPlan } from '../../clients/export/request.ts'
import { preview } from '../../clients/preview.ts'
import { shortPath } from '../../std/paths.ts'
import type { Trial } from '../add/trial.ts'
import type { ConfigEditing } from '../config-editing.ts'
import { clipped } from '../terminal.ts'
import type { AppliedClient } from './apply.ts'
import type { InitPlan } from './plan.ts'
import type { Survey } from './survey.ts'

/** A line for each file, and what is good to know before it is written. */
export function summary(plan: InitPlan, { shown }: ConfigEditing, { machine }: Survey): string {
  const { servers, change, exports } = plan
  const ours = change ? [`${shown}: ${servers.length > 0 ? `+ ${servers.map(({ name }) => name).join(', ')}` : 'new'}`] : []
  const theirs = exports.flatMap((plan) => plan.files.flatMap((file) => fileLine(plan, file, machine.home)))
  const notes = [
    ...servers.flatMap(({ name, notes }) => notes.map((text) => `${name}: ${text}`)),
    ...exports.flatMap(({ client, notes, problems }) =>
      [...problems, ...notes.map(({ text }) => text)].map((text) => `${client.name}: ${text}`),
    ),
  ]
  return [
    ...ours,
    ...secretLines(plan, shown),
    ...theirs,
    ...(notes.length > 0 ? ['', ...notes] : []),
    '',
    'mcp-gw undo takes everything back.',
  ].join('\n')
}

function secretLines({ secrets }: InitPlan, config: string): string[] {
  const names = (wanted: string): string => secrets.flatMap(({ name, place }) => (place === wanted ? `+ ${name}` : [])).join(', ')
  const lines = [
    ['The keychain', names('keychain')],
    [join(dirname(config), '.env'), names('env')],
  ]
  return lines.flatMap(([place, list]) => (list ? `${place}: ${list}` : []))
}

function fileLine({ client }: ExportPlan, { path, changes }: ExportPlan['files'][number], home: string): string[] {
  if (changes.length === 0) return [`${shortPath(path, home)}: up to date`]
  const names = (kind: 'set' | 'remove'): string[] =>
    changes.flatMap((change) => (kind in change ? [String(change.key.at(-1))] : []))
  const parts = [...names('set').map((name) => `+ ${name}`), ...names('remove').map((name) => `− ${name}`)]
  return [`${shortPath(path, home)} (${client.name}): ${parts.join(', ')}`]
}

/** Every changed line of every file, without secrets. */
export function wholeDiff({ change, exports }: InitPlan, editing: ConfigEditing, { machine, imported }: Survey): string {
  const hidden = imported.servers.flatMap(({ secrets }) => secrets.map(({ value }) => value.reveal()))
  const theirs = exports.flatMap(({ files }) =>
    files.map(({ path, before, after }) => preview(shortPath(path, machine.home), before, after, hidden)),
  )
  return [change ? editing.diffOf(change) : '', ...theirs].filter(Boolean).join('\n')
}

/** One line for each server that was started. */
export function trialLine({ name, ok, tools, ms, error }: Trial): string {
  if (ok) return `${kleur.green('✓')} ${name}  ${counted(tools.length, 'tool')}, ${ms} ms`
  return `${kleur.red('✗')} ${name}  ${clipped(error ?? 'it does not start', name.length + 8)}`
}

/** What a person does now, client by client. */
export function nextSteps(clients: readonly AppliedClient[]): string {
  const lines = clients.flatMap(({ plan, changed, errors }) => [
    ...errors.map((error) => `${kleur.red('✗')} ${plan.client.name}: ${error}`),
    ...(changed.length > 0 ? [`${kleur.green('✓')} ${plan.client.name}: ${plan.client.restart}`] : []),
    ...(changed.length === 0 && errors.length === 0 ? [`${kleur.green('✓')} ${plan.client.name}: it was set up already`] : []),
  ])
  return lines.join('\n')
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
