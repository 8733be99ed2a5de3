/** `mcp-gw doctor`: checks the machine, the config, the gateway, the clients and every server, and mends what it can. */
import kleur from 'kleur'
import { shortPath } from '../../std/paths.ts'
import { Around } from '../checks/around.ts'
import type { Row } from '../checks/check.ts'
import { GROUPS } from '../checks/groups.ts'
import { reportJson, reportMarkdown, type Surroundings } from '../checks/machine-report.ts'
import { hidePrivate, privacyOf } from '../checks/privacy.ts'
import { type Mended, mend } from '../checks/repair.ts'
import { type Chosen, chooseChecks, runChecks } from '../checks/run.ts'
import { systemText } from '../checks/runtime.ts'
import { reportText, type ShowOptions, signOf } from '../checks/show.ts'
import type { CommonOptions } from '../context.ts'
import { Exit } from '../exit.ts'
import { interactive, questions } from '../interactive.ts'
import { print, printJson } from '../terminal.ts'
import { VERSION } from '../version.ts'

export interface DoctorOptions extends CommonOptions {
  verbose?: boolean
  json?: boolean
  only?: string
  offline?: boolean
  report?: boolean
  ascii?: boolean
  strict?: boolean
  fix?: boolean
  yes?: boolean
}

/** Where nobody says how wide the terminal is. */
const WIDTH = 100

export async function doctor(options: DoctorOptions): Promise<void> {
  const begun = performance.now()
  const chosen = chooseChecks(GROUPS, options.only)
  if ('unknown' in chosen) {
    const groups = GROUPS.map(({ name }) => name).join(', ')
    throw new Exit(2, `--only: "${chosen.unknown}" is no group and no check; there are ${groups}, and ids such as K03`)
  }
  const around = await Around.look(options)
  const before = await look(chosen, around)
  const mended = options.fix ? await mend(before, await agreement(options)) : undefined
  const after = mended ? await lookAgain(before, mended, chosen, options) : before
  const seconds = (performance.now() - begun) / 1_000
  if (options.json) printJson({ ...reportJson(after, surroundings(around)), ...(mended && { fixed: outcome(mended) }) })
  else if (options.report) print(reportMarkdown(after, GROUPS, surroundings(around)))
  else {
    if (mended) showMended(mended, before, after, showOptions(options))
    print(reportText({ about: aboutLine(around), groups: GROUPS, rows: after, seconds }, showOptions(options)))
  }
  const failed = after.some(({ status }) => status === 'error' || (options.strict && status === 'warn'))
  if (failed) process.exitCode = 1
}

async function look(chosen: readonly Chosen[], around: Around): Promise<Row[]> {
  const rows = await runChecks(chosen, around)
  const hide = privacyOf(around)
  return rows.map((row) => hidePrivate(row, hide))
}

/** The rows as they are after the repairs; only the checks that they were about are made again. */
async function lookAgain(
  before: readonly Row[],
  { ids }: Mended,
  chosen: readonly Chosen[],
  options: DoctorOptions,
): Promise<Row[]> {
  if (ids.size === 0) return [...before]
  const affected = chosen.filter(({ check }) => ids.has(check.id))
  const fresh = await look(affected, await Around.look(options))
  return chosen.flatMap(({ check }) => (ids.has(check.id) ? fresh : before).filter(({ id }) => id === check.id))
}

/** Whether a repair that takes something away is made: with `--yes`, or where a person says so. */
async function agreement(options: DoctorOptions): Promise<(does: string) => Promise<boolean>> {
  if (options.yes) return async () => true
  if (!interactive(options)) return async () => false
  const ask = await questions()
  return (does) => ask.confirm(`${does[0]?.toUpperCase()}${does.slice(1)}?`, false)
}

function showMended({ ids, done, failed, left }: Mended, before: readonly Row[], after: readonly Row[], show: ShowOptions): void {
  for (const does of done) print(`${signOf('ok', show)} done: ${does}`)
  for (const why of failed) print(`${signOf('error', show)} not done: ${why}`)
  for (const does of left) print(`${signOf('warn', show)} left: ${does}; --fix --yes does it`)
  if (done.length + failed.length + left.length === 0) print('There is nothing that --fix can mend.')
  const signs = (rows: readonly Row[]): string => [...new Set(rows.map(({ status }) => signOf(status, show)))].join(' ')
  for (const id of ids) {
    const was = before.filter((row) => row.id === id)
    const is = after.filter((row) => row.id === id)
    print(`  ${kleur.dim(id)} ${was[0]?.title ?? ''}: ${signs(was)} → ${signs(is)}`)
  }
  if (done.length > 0) print(kleur.dim('mcp-gw undo takes back what was changed in files'))
  print()
}

function outcome({ done, failed, left }: Mended): object {
  return { done, failed, left }
}

function surroundings(around: Around): Surroundings {
  const { file, machine } = around
  return {
    system: systemText(around),
    node: process.versions.node,
    config: file === undefined ? undefined : shortPath(file, machine.home),
  }
}

function aboutLine(around: Around): string {
  const { system } = surroundings(around)
  return kleur.dim(`mcp-gw doctor ${VERSION} · ${system} · node ${process.versions.node}`)
}

function showOptions({ verbose = false, ascii = false }: DoctorOptions): ShowOptions {
  const { LC_ALL, LC_CTYPE, LANG } = process.env
  const locale = LC_ALL || LC_CTYPE || LANG || 'UTF-8'
  // A locale that names no encoding, such as C, has no signs beyond ASCII.
  const isPlain = process.platform !== 'win32' && process.stdout.isTTY && !/utf-?8/i.test(locale)
  return { width: process.stdout.columns ?? WIDTH, verbose, ascii: ascii || isPlain }
}
