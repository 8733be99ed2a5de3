/** Reads source files the way the architecture rules need them: their text, their syntax tree and what they import. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import ts from 'typescript'

export interface Import {
  /** As written; undefined for an `import()` of a computed name. */
  specifier: string | undefined
  /** For a relative specifier, the imported file from the top of the project. */
  file: string | undefined
  /** For any other specifier that is not built into Node, the name of the package. */
  package: string | undefined
  line: number
}

export interface Source {
  /** From the top of the project, with slashes: `src/std/size.ts`. */
  path: string
  text: string
  tree: ts.SourceFile
  imports: Import[]
}

export interface Problem {
  path: string
  line: number
  what: string
  mend: string
}

export function describeProblems(problems: Problem[]): string {
  return problems.map(({ path, line, what, mend }) => `${path}:${line} ${what}; ${mend}`).join('\n')
}

export function parseSource(path: string, text: string): Source {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  return { path, text, tree, imports: findImports(path, tree) }
}

export function lineOf(tree: ts.SourceFile, node: ts.Node): number {
  return tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1
}

/** Every file that is in git or about to be, from the top of the project. */
export function projectFiles(top: string): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: top,
    encoding: 'utf8',
  })
  return listed.split('\0').filter((path) => path !== '' && existsSync(join(top, path)))
}

export function readSources(top: string, paths: string[]): Source[] {
  return paths.map((path) => parseSource(path, readFileSync(join(top, path), 'utf8')))
}

function findImports(path: string, tree: ts.SourceFile): Import[] {
  const imports: Import[] = []
  const add = (node: ts.Node, name: ts.Node | undefined) => imports.push(describeImport(path, name, lineOf(tree, node)))
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node, node.moduleSpecifier)
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier) add(node, node.moduleSpecifier)
    else if (ts.isImportTypeNode(node)) add(node, ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined)
    else if (ts.isCallExpression(node) && isImportCall(node)) add(node, node.arguments[0])
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return imports
}

function isImportCall({ expression }: ts.CallExpression): boolean {
  return expression.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(expression) && expression.text === 'require')
}

function describeImport(path: string, name: ts.Node | undefined, line: number): Import {
  const specifier = name && ts.isStringLiteralLike(name) ? name.text : undefined
  if (specifier === undefined || specifier.startsWith('node:')) return { specifier, file: undefined, package: undefined, line }
  if (specifier.startsWith('.')) return { specifier, file: posix.join(posix.dirname(path), specifier), package: undefined, line }
  const parts = specifier.split('/')
  return { specifier, file: undefined, package: parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/'), line }
}
