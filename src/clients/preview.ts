/** Shows what an edit would change, as a diff in which no secret can be read. */
import { structuredPatch } from 'diff'

/** A text that must not be seen, or what such texts look like. */
export type Hidden = string | RegExp

const MASK = '••••••'
/** Shorter texts stand in half of all lines for other reasons. */
const HIDDEN_LENGTH_MIN = 4
const CONTEXT_LINES = 3

/** The unified diff of one file, named as people know it; empty where nothing changes. Undefined is no file. */
export function preview(name: string, before: string | undefined, after: string | undefined, hidden: readonly Hidden[]): string {
  const { hunks } = structuredPatch(name, name, before ?? '', after ?? '', '', '', { context: CONTEXT_LINES })
  if (hunks.length === 0) return ''
  const lines = hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${from(oldStart, oldLines)},${oldLines} +${from(newStart, newLines)},${newLines} @@`,
    ...lines.map((line) => masked(line.replace(/\r$/, ''), hidden)),
  ])
  const named = (text: string | undefined): string => (text === undefined ? '(no file)' : name)
  return `${[`--- ${named(before)}`, `+++ ${named(after)}`, ...lines].join('\n')}\n`
}

/** Where a hunk begins; one of no lines is said to stand behind the line before it. */
function from(start: number, lines: number): number {
  return lines === 0 ? start - 1 : start
}

/** The text with everything hidden replaced, also where it is written with escapes. */
export function masked(text: string, hidden: readonly Hidden[]): string {
  return [...hidden].sort(longestFirst).reduce<string>((line, one) => {
    if (one instanceof RegExp) return line.replace(new RegExp(one.source, withGlobal(one.flags)), MASK)
    // A text of several lines is several texts in a diff.
    const forms = one.split(/\r?\n/).flatMap((part) => [part, JSON.stringify(part).slice(1, -1), encodeURIComponent(part)])
    return forms.filter(({ length }) => length >= HIDDEN_LENGTH_MIN).reduce((rest, form) => rest.replaceAll(form, MASK), line)
  }, text)
}

function withGlobal(flags: string): string {
  return flags.includes('g') ? flags : `${flags}g`
}

/** A secret that holds another one is replaced whole. */
function longestFirst(a: Hidden, b: Hidden): number {
  return (b instanceof RegExp ? 0 : b.length) - (a instanceof RegExp ? 0 : a.length)
}
