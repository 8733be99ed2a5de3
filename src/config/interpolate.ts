/** Puts values in the place of `${…}`, and makes secrets of what came from outside the file. */
import { resolve } from 'node:path'
import { expandHome } from '../std/paths.ts'
import { type Redactor, Secret, type Text } from '../std/secret.ts'
import { fileErrorText } from './problem.ts'
import { hasReference, type Part, type Reference, type Template } from './template.ts'
import type { Tree } from './tree.ts'

/** Everything that values may be taken from. */
export interface Sources {
  env: NodeJS.ProcessEnv
  /** By the path as written in `${file:…}`: the content, or why it could not be read. */
  files: ReadonlyMap<string, { content: string } | { error: string }>
}

/** A template with its values in place; `parts` are those that came from outside. */
export interface Filled {
  value: string
  parts: { value: string; origin: string }[]
  problems: string[]
}

/** The value behind one reference. A default counts as text of the file, so it is nothing to hide. */
export function lookUp(reference: Reference, sources: Sources): { value: string; outside: boolean } | { problem: string } {
  const { raw, name } = reference
  if (reference.found) return reference.found
  if (reference.from === 'file') {
    const file = sources.files.get(name)
    if (file && 'content' in file) return { value: file.content, outside: true }
    return { problem: `${raw}, which cannot be read: ${file ? file.error : 'it was not looked for'}` }
  }
  const value = sources.env[name]
  if (typeof value === 'string' && (value || reference.fallback === undefined)) return { value, outside: true }
  if (reference.fallback !== undefined) return { value: reference.fallback, outside: false }
  return { problem: `${raw}, which is not set; set it, or give a default: \${${name}:-…}` }
}

/** Fills a template; `needer` is who it is for, in the words of the problems. */
export function fill(template: Template, sources: Sources, needer: string): Filled {
  const filled: Filled = { value: '', parts: [], problems: [...template.errors] }
  for (const part of template.parts) {
    const found = typeof part === 'string' ? { value: part, outside: false } : lookUp(part, sources)
    if ('problem' in found) {
      filled.problems.push(`${needer} needs ${found.problem}`)
      continue
    }
    filled.value += found.value
    if (found.outside) filled.parts.push({ value: found.value, origin: (part as Reference).raw })
  }
  return filled
}

/** The text of a leaf that may hold a secret; what came from outside is never logged again. */
export function textOf(source: string, template: Template, filled: Filled, redactor: Redactor): Text {
  if (!hasReference(template)) return filled.value
  for (const part of filled.parts) conceal(redactor, part.value, part.origin)
  if (filled.parts.length > 0) conceal(redactor, filled.value, source)
  return new Secret(filled.value, source)
}

function conceal(redactor: Redactor, value: string, origin: string): void {
  redactor.add(value, origin)
  // A log line is JSON, where a secret with a quote, a backslash or a line break looks different.
  const escaped = JSON.stringify(value).slice(1, -1)
  if (escaped !== value) redactor.add(escaped, origin)
}

/** Reads every file that the values below a tree name, side by side. */
export async function readFiles(
  tree: Tree,
  context: { folder: string; home: string; readFile(path: string): Promise<string> },
): Promise<Sources['files']> {
  const names = new Set<string>()
  collectFiles(tree, names, new Set())
  const read = async (name: string): Promise<[string, { content: string } | { error: string }]> => {
    const path = resolve(context.folder, expandHome(name, context.home))
    try {
      return [name, { content: withoutEnd(await context.readFile(path)) }]
    } catch (error) {
      return [name, { error: `${fileErrorText(error)} (${path})` }]
    }
  }
  return new Map(await Promise.all([...names].map(read)))
}

function collectFiles(tree: Tree, names: Set<string>, seen: Set<Tree>): void {
  // Aliases share trees, so one may be met again.
  if (seen.has(tree)) return
  seen.add(tree)
  if (tree.kind === 'list') for (const item of tree.items) collectFiles(item, names, seen)
  else if (tree.kind === 'map') for (const entry of tree.entries.values()) collectFiles(entry.value, names, seen)
  else for (const part of tree.template.parts) if (isFile(part)) names.add(part.name)
}

function isFile(part: Part): part is Reference {
  return typeof part !== 'string' && part.from === 'file'
}

/** Editors end a file with a line break and some begin it with a byte order mark; neither belongs to the secret. */
function withoutEnd(content: string): string {
  let end = content.length
  while (end > 0 && (content[end - 1] === '\n' || content[end - 1] === '\r')) end--
  return content.slice(content.startsWith('\uFEFF') ? 1 : 0, end)
}
