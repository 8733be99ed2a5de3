/** How `mcp-gw add` tells what it has found and done. */
import kleur from 'kleur'
import { sequence } from '../../config/edit/page.ts'
import { homeDir, shortPath } from '../../std/paths.ts'
import type { ConfigEditing } from '../config-editing.ts'
import { mendFor } from '../mend.ts'
import type { KeptSecret } from '../secret-keeper.ts'
import { print, printJson, wrapped } from '../terminal.ts'
import { editFor, type Settled } from './settle.ts'
import type { Trial } from './trial.ts'

/** More names than these make nobody wiser. */
const TOOLS_NAMED_MAX = 24

export interface AddReport {
  settled: readonly Settled[]
  /** Those that were written. */
  chosen: readonly Settled[]
  trials: readonly Trial[]
  secrets: readonly KeptSecret[]
  /** The gateway that runs with this config. */
  gateway: string | undefined
  envFile: string
  /** The `.env` could be committed by accident. */
  exposed: boolean
  editing: ConfigEditing
}

/** Says what was added, what was not, and what comes next. */
export function tellAdded(report: AddReport, json: boolean): void {
  if (json) return printJson(jsonOf(report))
  const { settled, chosen, trials, secrets, gateway, envFile, editing } = report
  for (const trial of trials) if (trial.ok) tellTrial(trial)
  if (chosen.length === 0) return print(`Nothing was added. To add it all the same: --no-check, or --disabled.`)
  print(`${kleur.green('✓')} ${doneText(chosen)} ${editing.shown}`)
  for (const line of secretLines(secrets, envFile)) print(`  ${line}`)
  if (report.exposed)
    print(`  ${kleur.yellow('!')} git would commit ${shortPath(envFile, homeDir(process.env))}; add .env to .gitignore`)
  const left = settled
    .filter(({ standing }) => standing !== 'same')
    .filter((one) => !chosen.some(({ name }) => name === one.name))
  if (left.length > 0)
    print(
      `  ${left.map(({ name }) => name).join(', ')} ${left.length > 1 ? 'were' : 'was'} left out. To add it all the same: --no-check, or --disabled.`,
    )
  print(gateway ? `  The gateway at ${gateway} takes it over by itself.` : '  mcp-gw serve starts the gateway.')
  print('  mcp-gw undo takes this back.')
}

/** Says that the config has it all already. */
export function tellSame(settled: readonly Settled[], editing: ConfigEditing, json: boolean): void {
  if (json)
    return printJson({
      file: editing.target.path,
      changed: false,
      servers: settled.map(({ name, entry }) => ({ name, entry, change: 'unchanged' })),
    })
  for (const { name } of settled) print(`${name} is in ${editing.shown} already, just like that.`)
}

/** Why a server is not added under the name of another, and how they differ. */
export function conflictText(taken: readonly Settled[], editing: ConfigEditing): string {
  const names = taken.map(({ name }) => name)
  const text = editing.text()
  const after = sequence(taken.map(editFor))(text, editing.shown)
  const diff = 'text' in after ? editing.diffOf({ before: text, after: after.text }) : ''
  if (diff === '') return `${editing.shown} has ${names.join(', ')} with another key; --force puts the new one in its place`
  const what = names.length === 1 ? `another server called ${names[0]}` : `other servers called ${names.join(', ')}`
  return `${editing.shown} has ${what}; replace it with --force, or give another name with --name\n${diff.trimEnd()}`
}

function doneText(chosen: readonly Settled[]): string {
  const of = (wanted: boolean): string[] =>
    chosen.filter(({ standing }) => (standing === 'new') === wanted).map(({ name }) => name)
  const added = of(true)
  const replaced = of(false)
  const off = chosen.some(({ entry }) => entry.disabled) ? ', switched off,' : ''
  const parts = [
    ...(added.length > 0 ? [`added ${added.join(', ')}${off} to`] : []),
    ...(replaced.length > 0 ? [`replaced ${replaced.join(', ')}${off} in`] : []),
  ]
  const sentence = parts.length === 2 ? `${parts[0]?.replace(/ to$/, '')} and ${parts[1]}` : (parts[0] ?? '')
  return sentence.charAt(0).toUpperCase() + sentence.slice(1)
}

function jsonOf({ settled, chosen, trials, secrets, gateway, editing }: AddReport): object {
  const servers = settled.map((one) => {
    const written = chosen.find(({ name }) => name === one.name)
    const change = one.standing === 'same' ? 'unchanged' : !written ? 'failed' : one.standing === 'new' ? 'added' : 'replaced'
    return { name: one.name, entry: (written ?? one).entry, change, check: trials.find(({ name }) => name === one.name) ?? null }
  })
  const kept = secrets.map(({ name, place }) => ({ name, place }))
  return { file: editing.target.path, changed: chosen.length > 0, servers, secrets: kept, gateway: gateway ?? null }
}

/** What a server offers, in its own words. */
function tellTrial(trial: Trial): void {
  const { name, tools, tokens, prompts, resources, ms } = trial
  const offers = [
    `${count(tools.length, 'tool')}${tools.length > 0 ? ` (about ${tokens.toLocaleString('en')} tokens)` : ''}`,
    ...(prompts ? [count(prompts, 'prompt')] : []),
    ...(resources ? [count(resources, 'resource')] : []),
  ]
  print(`${kleur.green('✓')} ${kleur.bold(name)} works: ${offers.join(', ')} in ${seconds(ms)}`)
  const named = tools.slice(0, TOOLS_NAMED_MAX)
  const rest = tools.length - named.length
  if (named.length > 0) print(kleur.dim(wrapped(`${named.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`, 2)))
}

/** Why a server does not work, with its last words and what helps. */
export function failureText({ name, error = '' }: Trial, { entry, proposal }: Settled): string {
  const mend = mendFor(error, entry, proposal.docs)
  return [
    `${name} does not work: ${error}`,
    ...[...(mend ? [mend] : []), ...proposal.background].map((line) => `  ${line}`),
  ].join('\n')
}

/** Where each secret is. */
function secretLines(secrets: readonly KeptSecret[], envFile: string): string[] {
  return secrets.map(({ name, place }) =>
    place === 'keychain'
      ? `${name} is kept in the keychain of the system.`
      : `${name} is kept in ${shortPath(envFile, homeDir(process.env))}, which only you can read.`,
  )
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`
}

function seconds(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(1)} s`
}
