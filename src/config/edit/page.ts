/** A config as an edit sees it: the text, its nodes, and the sections with servers. */
import { type Document, isAlias, LineCounter } from 'yaml'
import { suggest } from '../../std/suggest.ts'
import type { Problem } from '../problem.ts'
import { readDocument, readTree } from '../tree.ts'
import { type Splice, splice } from './lines.ts'
import { isExplicit, keyAt, keyOf, type MapNode, type PairNode, repeatedElsewhere } from './nodes.ts'
import { findServer, isMapNode, type Section, sectionsOf, serverNames } from './sections.ts'

/** The text after an edit, or why the edit cannot be made, at its place. */
export type Edited = { text: string } | { problems: Problem[] }

/** Changes the text of a config; `file` is its name in problems. */
export type Edit = (source: string, file: string) => Edited

/** Why something cannot be edited, at an offset. */
export interface Refusal {
  at: number
  key: string
  message: string
}

export interface Page {
  source: string
  document: Document | undefined
  /** Undefined where the file holds nothing but comments. */
  root: MapNode | undefined
  sections: Section[]
}

/** The server's entry and its section, or why it cannot be edited. */
export type Found = { section: Section; map: MapNode; pair: PairNode }

/** Makes an edit of what finds the places to change. A text that cannot be read is refused with the places of its faults. */
export function editing(change: (page: Page) => Splice[] | Refusal): Edit {
  return (source, file) => {
    const page = readPage(source, file)
    if ('problems' in page) return page
    const changed = change(page)
    if (Array.isArray(changed)) return { text: splice(source, changed) }
    const { at, key, message } = changed
    const { line, col } = linesOf(source).linePos(at)
    return { problems: [{ file, line, column: col, key, message }] }
  }
}

/** Edits one after the other; the first that cannot be made refuses all of them. None at all still asks for a text that can be read. */
export function sequence(edits: readonly Edit[]): Edit {
  return (source, file) => {
    const page = readPage(source, file)
    if ('problems' in page) return page
    let text = source
    for (const edit of edits) {
      const edited = edit(text, file)
      if ('problems' in edited) return edited
      text = edited.text
    }
    return { text }
  }
}

export function readPage(source: string, file: string): Page | { problems: Problem[] } {
  const problems: Problem[] = []
  const lines = new LineCounter()
  const report = (at: number, key: string, message: string): void => {
    const { line, col } = lines.linePos(at)
    problems.push({ file, line, column: col, key, message })
  }
  const tree = readTree(source, report, lines)
  if (tree?.kind === 'list' || (tree?.kind === 'scalar' && tree.value !== null)) {
    report(tree.at, '', 'a config has keys and values, such as servers: and listen:')
  }
  if (problems.length > 0) return { problems }
  const document = readDocument(source, () => undefined, new LineCounter())
  const root = document && isMapNode(document.contents) ? document.contents : undefined
  const { sections, wrong } = root ? sectionsOf(root) : { sections: [], wrong: undefined }
  if (wrong) {
    const what = isAlias(wrong.value)
      ? `*${wrong.value.source} stands here; write the servers out`
      : 'no keys and values stand here'
    report(keyAt(wrong), keyOf(wrong), `${what}, so that they can be edited`)
    return { problems }
  }
  return { source, document, root, sections }
}

/** The entry of a server; what is not there is refused with what was meant. */
export function entryOf({ sections }: Page, name: string): Found | Refusal {
  const found = findServer(sections, name)
  if (found && isExplicit(found.pair)) {
    return {
      at: keyAt(found.pair),
      key: pathOf(found),
      message: 'a key after ? cannot be edited; write it as name: and try again',
    }
  }
  if (found) return found
  const names = serverNames(sections)
  const meant = suggest(name, names)
  const hint = meant ? `; did you mean ${meant}?` : names.length > 0 ? `; there are ${names.join(', ')}` : ''
  return { at: sections[0] ? keyAt(sections[0].pair) : 0, key: '', message: `no server is called ${name}${hint}` }
}

/** Refuses to take away what an alias elsewhere repeats. */
export function repetition({ document, source }: Page, found: Found, [from, to]: [number, number]): Refusal | undefined {
  const repeated = repeatedElsewhere(document?.contents ?? null, from, to)
  if (!repeated) return undefined
  const { line, col } = linesOf(source).linePos(repeated.at)
  const message = `line ${line}, column ${col} repeats this with *${repeated.name}; write that out first, and try again`
  return { at: keyAt(found.pair), key: pathOf(found), message }
}

export function pathOf({ section, pair }: Pick<Found, 'section' | 'pair'>): string {
  return `${keyOf(section.pair)}.${keyOf(pair)}`
}

function linesOf(source: string): LineCounter {
  const lines = new LineCounter()
  lines.addNewLine(0)
  for (let i = source.indexOf('\n'); i >= 0; i = source.indexOf('\n', i + 1)) lines.addNewLine(i + 1)
  return lines
}
