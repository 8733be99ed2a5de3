/** What the doctor found, for programs and for whoever is asked for help. */
import { VERSION } from '../version.ts'
import type { Group, Row } from './check.ts'
import { fixOf, problemsOf } from './show.ts'

export interface Surroundings {
  /** `linux 6.1 x64`. */
  system: string
  node: string
  config: string | undefined
}

export function reportJson(rows: readonly Row[], env: Surroundings): object {
  return {
    version: VERSION,
    ok: rows.every(({ status }) => status !== 'error'),
    env: { ...env, config: env.config ?? null },
    checks: rows.map(({ id, group, title, status, subject, message, detail, fix, repair }) => ({
      id,
      group,
      title,
      status,
      subject,
      message,
      detail: detail ?? [],
      fixable: repair ? (repair.asks ? 'asks' : 'yes') : 'no',
      fix:
        status === 'ok' || status === 'skip' ? null : fixOf({ id, ...(fix !== undefined && { fix }), ...(repair && { repair }) }),
    })),
  }
}

/** A block to paste into an issue. */
export function reportMarkdown(rows: readonly Row[], groups: readonly Group[], env: Surroundings): string {
  const problems = problemsOf(rows)
  const tables = groups.flatMap(({ name, title }) => {
    const here = rows.filter(({ group }) => group === name)
    if (here.length === 0) return []
    const lines = here.map(({ id, status, subject, message }) => `| ${id} | ${status} | ${cell(subject)} | ${cell(message)} |`)
    return [`### ${title}`, '', '| check | status | subject | finding |', '| --- | --- | --- | --- |', ...lines, '']
  })
  return [
    '## mcp-gw doctor',
    '',
    `- mcp-gw ${VERSION}`,
    `- node ${env.node}`,
    `- ${env.system}`,
    `- config: ${env.config ?? 'none'}`,
    '',
    `### Problems: ${problems.length}`,
    '',
    ...problems.flatMap((row) => [
      `- **${row.id} ${row.subject}** (${row.status}): ${row.message}`,
      ...(row.detail ?? []).map((line) => `      ${line}`),
    ]),
    ...(problems.length > 0 ? [''] : []),
    ...tables,
  ].join('\n')
}

function cell(text: string): string {
  return text.replace(/\s+/g, ' ').replaceAll('|', '\\|')
}
