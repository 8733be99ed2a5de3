/** How a person sees what the doctor found: problems first, each with what mends it, and the rest in one line a group. */
import kleur from 'kleur'
import type { Group, Row, Status } from './check.ts'

export interface ShowOptions {
  /** Columns of the terminal. */
  width: number
  verbose: boolean
  /** Signs that every terminal has. */
  ascii: boolean
}

export interface Report {
  /** The line at the top. */
  about: string
  groups: readonly Group[]
  rows: readonly Row[]
  seconds: number
}

const SIGNS: Record<Status, { plain: string; ascii: string; paint(text: string): string }> = {
  ok: { plain: '✓', ascii: '[ok]', paint: kleur.green },
  warn: { plain: '!', ascii: '[!!]', paint: kleur.yellow },
  error: { plain: '✗', ascii: '[XX]', paint: kleur.red },
  skip: { plain: '-', ascii: '[--]', paint: kleur.dim },
}

const SUBJECT_MAX = 18
const TITLE_WIDTH = 10

export function reportText(report: Report, options: ShowOptions): string {
  const { about, groups, rows } = report
  const shown = groups.filter(({ name }) => rows.some(({ group }) => group === name))
  const lines = shown.flatMap((group) => {
    const here = rows.filter((row) => row.group === group.name)
    const summary = groupLine(group, here, options)
    return options.verbose ? [summary, ...here.flatMap((row) => verboseLines(row, options)), ''] : [summary]
  })
  const problems = problemLines(rows, options)
  return [about, '', ...problems, ...lines, ...(options.verbose ? [] : ['']), countLine(report, options)].join('\n')
}

/** Those that need somebody, errors before warnings. */
export function problemsOf(rows: readonly Row[]): Row[] {
  return [...rows.filter(({ status }) => status === 'error'), ...rows.filter(({ status }) => status === 'warn')]
}

function problemLines(rows: readonly Row[], options: ShowOptions): string[] {
  const problems = problemsOf(rows)
  if (problems.length === 0) return []
  const head = problems.length === 1 ? '1 problem needs attention' : `${problems.length} problems need attention`
  return [`  ${kleur.bold(head)}`, ...problems.flatMap((row) => problemText(row, problems, options)), '']
}

function problemText(row: Row, all: readonly Row[], options: ShowOptions): string[] {
  const widest = Math.min(SUBJECT_MAX, Math.max(...all.map(({ subject }) => subject.length)))
  const mark = signOf(row.status, options)
  const indent = 3 + signWidth(options) + 1
  const column = indent + widest + 2
  const first = `   ${mark} ${row.subject.padEnd(widest)}`
  const message = wrapped(row.message, options.width - column)
  const pad = ' '.repeat(column)
  const below = [
    ...(row.detail ?? []).map((line) => pad + kleur.dim(clip(line, options.width - column))),
    ...wrapped(`fix: ${fixOf(row)}`, options.width - column).map((line) => pad + kleur.cyan(line)),
  ]
  if (row.subject.length > widest) return [first, ...message.map((line) => pad + line), ...below]
  return [`${first}  ${message[0]}`, ...message.slice(1).map((line) => pad + line), ...below]
}

/** What a person does; a repair that has to be agreed to says what it would do. */
export function fixOf({ fix, repair, id }: Pick<Row, 'fix' | 'repair' | 'id'>): string {
  const only = `--only ${id.replace('MGW-', '')}`
  if (!repair) return fix ?? `mcp-gw doctor ${only} -v`
  const command = repair.asks ? `mcp-gw doctor --fix --yes ${only}` : 'mcp-gw doctor --fix'
  return repair.asks ? `${command} would ${repair.does}` : command
}

function groupLine({ title }: Group, rows: readonly Row[], options: ShowOptions): string {
  const count = (status: Status): number => rows.filter((row) => row.status === status).length
  const [good, all] = [count('ok'), rows.length - count('skip')]
  const counts =
    good === all
      ? [all === 0 ? `${signOf('skip', options)} nothing to check` : `${signOf('ok', options)} ${good}/${all}`]
      : (['error', 'warn', 'ok'] as const).flatMap((status) =>
          count(status) > 0 ? `${signOf(status, options)} ${count(status)}` : [],
        )
  return `${kleur.bold(title.padEnd(TITLE_WIDTH))}  ${counts.join('  ')}`
}

function verboseLines(row: Row, options: ShowOptions): string[] {
  const first = `  ${signOf(row.status, options)} ${kleur.dim(row.id)}  `
  const indent = 2 + signWidth(options) + 1 + row.id.length + 2
  const pad = ' '.repeat(indent)
  const [head = '', ...rest] = wrapped(`${row.subject}: ${row.message}`, options.width - indent)
  return [first + head, ...rest.map((line) => pad + line)]
}

function countLine({ rows, seconds }: Report, { verbose }: ShowOptions): string {
  const count = (status: Status): number => rows.filter((row) => row.status === status).length
  const many = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`
  const counts = [`${count('ok')} ok`, many(count('warn'), 'warning'), many(count('error'), 'error'), `${count('skip')} skipped`]
  const more = verbose ? '' : '\nmcp-gw doctor -v for details, --json for machines'
  return `${counts.join(' · ')}    ${seconds.toFixed(1)} s${kleur.dim(more)}`
}

export function signOf(status: Status, { ascii }: Pick<ShowOptions, 'ascii'>): string {
  const sign = SIGNS[status]
  return sign.paint(ascii ? sign.ascii : sign.plain)
}

function signWidth({ ascii }: ShowOptions): number {
  return ascii ? 4 : 1
}

/** The words in lines of this width; a word that is longer stands alone. */
function wrapped(text: string, width: number): string[] {
  const lines = ['']
  for (const word of text.replace(/\s+/g, ' ').trim().split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && line.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines
}

function clip(line: string, width: number): string {
  return line.length > width ? `${line.slice(0, Math.max(1, width - 1))}…` : line
}
