/** `mcp-gw undo`: takes back what init, setup-export, add and doctor --fix have written, byte for byte where nobody has changed it. */
import kleur from 'kleur'
import { historyOf, type RecordedEntry } from '../../clients/journal.ts'
import { listUndo, type Undone, type UndoResult, undo as undoEdits } from '../../clients/undo.ts'
import { homeDir, shortPath } from '../../std/paths.ts'
import { Exit } from '../exit.ts'
import { interactive, questions } from '../interactive.ts'
import { print, printJson, table } from '../terminal.ts'

export interface UndoOptions {
  client?: string
  run?: string
  list?: boolean
  yes?: boolean
  force?: boolean
  json?: boolean
}

const WORDS: Record<UndoResult, string> = {
  restored: 'is as it was, to the byte',
  cleaned: 'is without what mcp-gw wrote; what others wrote meanwhile stays',
  deleted: 'is gone; it was made by mcp-gw',
  unchanged: 'had nothing of mcp-gw left',
  refused: 'was left as it is',
}

export async function undo(options: UndoOptions): Promise<void> {
  const history = historyOf(process.env)
  const entries = await listUndo(history)
  const { client } = options
  const chosen = entries.filter((entry) => client === undefined || entry.client === client)
  if (options.list) return options.json ? printJson(chosen.map(shownEntry)) : showList(chosen)
  if (client !== undefined && chosen.length === 0) throw new Exit(2, nothingOf(client, entries))
  if (chosen.length === 0) return options.json ? printJson([]) : print('There is nothing to undo.')
  const run = options.run ?? (client === undefined ? 'last' : undefined)
  if (!(await agreed(chosen, run, options))) throw new Exit(130, 'cancelled; nothing was changed')
  const results = await undoEdits(history, {
    ...(client !== undefined && { client }),
    ...(run !== undefined && run !== 'all' && { run }),
    ...(options.force && { customised: 'overwrite' }),
  })
  if (options.json)
    printJson(results.map(({ error, ...rest }) => ({ ...rest, ...(error !== undefined && { error: messageOf(error) }) })))
  else for (const result of results) showResult(result)
  const refused = results.filter(({ result }) => result === 'refused').length
  if (refused > 0) process.exitCode = refused === results.length ? 1 : 4
}

/** Somebody at a terminal is shown what is about to be taken back. */
async function agreed(entries: readonly RecordedEntry[], run: string | undefined, options: UndoOptions): Promise<boolean> {
  if (!interactive(options)) return true
  const runId = run === 'last' ? entries[0]?.runId : run
  const meant = entries.filter((entry) => runId === undefined || runId === 'all' || entry.runId === runId)
  showList(meant)
  return (await questions()).confirm('Take these edits back?', true)
}

function showList(entries: readonly RecordedEntry[]): void {
  if (entries.length === 0) return print('There is nothing to undo.')
  const home = homeDir(process.env)
  const rows = entries.map(({ at, reason, client, path, runId }) => [
    at.slice(0, 16).replace('T', ' '),
    reason,
    client,
    shortPath(path, home),
    runId.slice(0, 8),
  ])
  print(table(['WHEN (UTC)', 'BY', 'CLIENT', 'FILE', 'RUN'], rows))
}

function showResult({ path, result, error }: Undone): void {
  const mark = result === 'refused' ? kleur.red('✗') : kleur.green('✓')
  const why = error === undefined ? '' : `: ${messageOf(error)}`
  print(`${mark} ${shortPath(path, homeDir(process.env))} ${WORDS[result]}${why}`)
}

function nothingOf(client: string, entries: readonly RecordedEntry[]): string {
  const known = [...new Set(entries.map((entry) => entry.client))].join(', ') || 'nothing at all'
  return `there is nothing to undo for "${client}"; there is something for: ${known}`
}

function shownEntry({ at, runId, client, reason, path, state }: RecordedEntry): object {
  return { at, run: runId, client, by: reason, path, state }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
