/** What is asked before a server is started or written, and what happens where there is nobody to ask. */
import kleur from 'kleur'
import type { ServerEntry } from '../../clients/import/server-entry.ts'
import { Exit } from '../exit.ts'
import type { Questions } from '../interactive.ts'
import type { Proposal } from './proposal.ts'
import { failureText } from './report.ts'
import type { Settled } from './settle.ts'
import type { Trial } from './trial.ts'

/** Shows what a server from the registry would start, and asks whether it may. */
export async function consentTo(
  one: Proposal,
  { questions, trust }: { questions: Questions | undefined; trust: boolean },
): Promise<void> {
  const { source } = one
  if (source === undefined || trust) return
  const starts = one.entry.command ? `It starts: ${lineOf(one.entry)}` : `It connects to: ${one.entry.url}`
  if (!questions) {
    throw new Exit(
      2,
      `${one.name} comes from ${source}, where anybody may publish. ${starts}\n  If you trust it, say so: --trust-registry`,
    )
  }
  process.stderr.write(`${kleur.yellow('!')} ${one.name} comes from ${source}, where anybody may publish.\n  ${starts}\n`)
  if (!(await questions.confirm('Do you trust it?', false))) throw new Exit(130, 'cancelled; nothing was changed')
}

/** What becomes of a server that does not work: left out, or kept switched off, where somebody says so. */
export async function afterFailure(
  trial: Trial,
  one: Settled,
  questions: Questions | undefined,
): Promise<'leave out' | 'disabled' | 'as it is'> {
  process.stderr.write(`${kleur.red('✗')} ${failureText(trial, one)}\n`)
  if (!questions) return 'leave out'
  return questions.select(`Add ${one.name} anyway?`, [
    { value: 'leave out', label: 'no', hint: 'nothing is changed' },
    { value: 'disabled', label: 'yes, switched off', hint: `mcp-gw enable ${one.name} switches it on` },
    { value: 'as it is', label: 'yes, as it is' },
  ])
}

/** A command line as a person could type it. */
function lineOf({ command = '', args = [] }: ServerEntry): string {
  return [command, ...args]
    .map((word) => (/^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ')
}
