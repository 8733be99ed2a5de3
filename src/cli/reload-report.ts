/** What a reload has changed, in words and as JSON. */
import kleur from 'kleur'
import type { ServerChange, ServerChanges } from '../gateway/roster.ts'

export interface ReloadReport {
  /** Null where the built-in defaults hold. */
  config: string | null
  /** When the config in force was loaded. */
  loadedAt: string
  servers: ServerChanges
  /** The MCP endpoint before and after, null where it stayed. */
  listen: { from: string; to: string } | null
  /** The dotted keys outside of `servers` whose values differ. */
  keys: string[]
  /** Where nothing has changed: what the reload before did, in words. The file watch is often faster than a person. */
  last: string | null
}

export function changesNothing({ servers, keys }: ReloadReport): boolean {
  return servers.added.length + servers.removed.length + servers.changed.length + keys.length === 0
}

/** The report as the end of one line: `added github; changed memory (timeout); 3 unchanged`. */
export function reportLine(report: ReloadReport): string {
  if (changesNothing(report)) return 'nothing has changed'
  const { added, removed, changed, unchanged } = report.servers
  const parts = [
    added.length > 0 && `added ${added.join(', ')}`,
    removed.length > 0 && `removed ${removed.join(', ')}`,
    changed.length > 0 && `changed ${changed.map((one) => `${one.name} (${inWords(one)})`).join(', ')}`,
    unchanged.length > 0 && `left ${unchanged.length} unchanged`,
    report.listen && `moved to ${report.listen.to}`,
    report.keys.length > 0 && `changed ${report.keys.join(', ')}`,
  ]
  return parts.filter(Boolean).join('; ')
}

/** The report as a person reads it, a line for each thing. */
export function reportText(report: ReloadReport): string {
  const source = report.config ?? 'the built-in defaults'
  if (changesNothing(report)) {
    const since = `Nothing has changed in ${source} since it was loaded at ${report.loadedAt}`
    return report.last ? `${since}, which ${report.last}.` : `${since}.`
  }
  const { added, removed, changed, unchanged } = report.servers
  return [
    `Reloaded ${source}.`,
    ...added.map((name) => `  ${kleur.green('+')} ${name}`),
    ...removed.map((name) => `  ${kleur.red('-')} ${name}`),
    ...changed.map((one) => `  ${kleur.yellow('~')} ${one.name}: ${inWords(one)}`),
    ...(unchanged.length > 0 ? [`    ${unchanged.length} ${unchanged.length === 1 ? 'server' : 'servers'} unchanged`] : []),
    ...(report.listen ? [`  ${kleur.yellow('~')} listens at ${report.listen.to}, no longer at ${report.listen.from}`] : []),
    ...report.keys.map((key) => `  ${kleur.yellow('~')} ${key}`),
  ].join('\n')
}

function inWords({ keys, restarts }: ServerChange): string {
  return `${keys.join(', ')}${restarts ? '; starts anew' : ''}`
}
