/** The rules about single files: their length, first sentence, name and exports. */
import { posix } from 'node:path'
import ts from 'typescript'
import { lineOf, type Problem, type Source } from './source.ts'

/** A page ends where a reader loses the thread. */
export function lengthProblems(files: { path: string; text: string }[], linesMax: number): Problem[] {
  return files.flatMap(({ path, text }) => {
    const lines = text.replace(/\n$/, '').split('\n').length
    if (lines <= linesMax) return []
    return [
      { path, line: linesMax + 1, what: `has ${lines} lines, and a page ends at ${linesMax}`, mend: 'look for the second noun' },
    ]
  })
}

/** Each file opens with a sentence that a newcomer understands. */
export function firstSentenceProblems(sources: Source[]): Problem[] {
  return sources.flatMap(({ path, text }) => {
    const what = firstSentenceProblem(text)
    return what ? [{ path, line: 1, what, mend: 'open it with /** One sentence that a newcomer understands. */' }] : []
  })
}

function firstSentenceProblem(text: string): string | undefined {
  const [comment] = ts.getLeadingCommentRanges(text, text.startsWith('#!') ? text.indexOf('\n') : 0) ?? []
  if (!comment) return 'begins with code'
  const words = text
    .slice(comment.pos, comment.end)
    .replace(/^\/\*+|\*\/$|^\/\//g, '')
    .replace(/^\s*\*/gm, '')
    .trim()
  if (words.split(/\s+/).length < 3) return 'does not begin with a sentence'
  return words.endsWith('.') ? undefined : 'begins with a sentence that has no full stop'
}

/** Names are found by what they are called, so everything is exported by name, from the file that makes it. */
export function exportProblems(sources: Source[]): Problem[] {
  return sources.flatMap((source) => [...defaultExports(source), ...barrels(source)])
}

function defaultExports({ path, tree }: Source): Problem[] {
  const named = { path, mend: 'export it by name' }
  return tree.statements.flatMap((statement) => {
    const at = { ...named, line: lineOf(tree, statement) }
    if (ts.isExportAssignment(statement)) return [{ ...at, what: 'has a default export' }]
    if (isDefaultModifier(statement)) return [{ ...at, what: 'has a default export' }]
    return exportsAsDefault(statement) ? [{ ...at, what: 'has a default export' }] : []
  })
}

function isDefaultModifier(statement: ts.Statement): boolean {
  return ts.canHaveModifiers(statement) && !!ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)
}

function exportsAsDefault(statement: ts.Statement): boolean {
  if (!ts.isExportDeclaration(statement) || !statement.exportClause || !ts.isNamedExports(statement.exportClause)) return false
  return statement.exportClause.elements.some(({ name }) => name.text === 'default')
}

/** A file with nothing but re-exports, or one that re-exports everything of another. */
function barrels({ path, tree }: Source): Problem[] {
  const passesOn = (statement: ts.Statement) => ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined
  const reexports = tree.statements.filter(passesOn)
  const mend = 'import from the file that makes it'
  const stars = reexports.filter((statement) => !(statement as ts.ExportDeclaration).exportClause)
  if (stars[0]) return [{ path, line: lineOf(tree, stars[0]), what: 'exports everything of another file', mend }]
  const own = tree.statements.filter((statement) => !passesOn(statement) && !ts.isImportDeclaration(statement))
  if (reexports[0] && own.length === 0)
    return [{ path, line: lineOf(tree, reexports[0]), what: 'only passes on what others export', mend }]
  return []
}

/** kebab-case, so that no file system and no import ever trips over a capital letter. */
export function nameProblems(paths: string[]): Problem[] {
  return paths.flatMap((path) => {
    const name = posix.basename(path)
    if (name === 'README.md' || /^[a-z0-9]+(-[a-z0-9]+)*\.ts$/.test(name)) return []
    return [{ path, line: 1, what: 'is not named in kebab-case with .ts', mend: 'name it after its main export: rate-limit.ts' }]
  })
}
