/** How plans for clients, and what became of them, are shown. */
import kleur from 'kleur'
import type { AppliedFile } from '../../clients/export/apply.ts'
import type { ExportPlan } from '../../clients/export/request.ts'
import { shortPath } from '../../std/paths.ts'
import { print } from '../terminal.ts'

export interface Outcome {
  plan: ExportPlan
  files: AppliedFile[]
}

export function planAsJson({ client, mode, state, files, notes, problems }: ExportPlan): object {
  return {
    id: client.id,
    mode: mode ?? null,
    state,
    files: files.map(({ path, changes }) => ({ path, changes: changes.length })),
    notes: notes.map(({ text }) => text),
    problems,
    restart: client.restart,
  }
}

export function outcomeAsJson({ plan, files }: Outcome): object {
  const changed = files.flatMap(({ path, edited }) => (edited?.changed ? [path] : []))
  return { ...planAsJson(plan), changed, errors: errorsOf({ plan, files }) }
}

export function showNotes({ client, notes, problems }: ExportPlan): void {
  for (const problem of problems) print(`${kleur.red('✗')} ${client.name}: ${problem}`)
  for (const { text } of notes) print(`  ${client.name}: ${text}`)
}

export function showOutcome(outcome: Outcome, home: string): void {
  const { plan, files } = outcome
  const { client, notes } = plan
  const errors = errorsOf(outcome)
  const changed = files.flatMap(({ path, edited }) => (edited?.changed ? [shortPath(path, home)] : []))
  for (const error of errors) print(`${kleur.red('✗')} ${client.name}: ${error}`)
  if (changed.length > 0) print(`${kleur.green('✓')} ${client.name}: ${changed.join(', ')}\n  ${client.restart}`)
  else if (errors.length === 0) print(`${kleur.green('✓')} ${client.name}: it is set up already`)
  for (const { text } of notes) print(`  ${text}`)
}

export function errorsOf({ plan, files }: Outcome): string[] {
  return [...plan.problems, ...files.flatMap(({ error }) => error ?? [])]
}
