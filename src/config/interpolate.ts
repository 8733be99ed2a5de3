/** Puts values in the place of `${…}`, and makes secrets of what came from outside the file. */
import { resolve } from 'node:path'
import { expandHome } from '../std/paths.ts'
import { type Redactor, Secret, type Text } from '../std/secret.ts'
import { fileErrorText } from './problem.ts'
import { hasReference, type Reference, type Template } from './template.ts'
import type { Tree } from './tree.ts'

/** A value from outside the config, or why it could not be had. */
export type Fetched = { value: string } | { error: string }

/** Everything that values may be taken from. */
export interface Sources {
  env: NodeJS.ProcessEnv
  /** By the path as written in `${file:…}`. */
  files: ReadonlyMap<string, Fetched>
  /** By the name in `${keychain:…}`. */
  keychain: ReadonlyMap<string, Fetched>
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
  if (reference.from !== 'env') {
    const fetched = (reference.from === 'file' ? sources.files : sources.keychain).get(name)
    if (fetched && 'value' in fetched) return { value: fetched.value, outside: true }
    return { problem: `${raw}, which cannot be read: ${fetched ? fetched.error : 'it was not looked for'}` }
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

/** Reads every file and every secret of the keychain that the values below a tree name, side by side. */
export async function fetchAll(
  tree: Tree,
  context: {
    folder: string
    home: string
    readFile(path: string): Promise<string>
    readKeychain(name: string): Promise<Fetched>
  },
): Promise<Pick<Sources, 'files' | 'keychain'>> {
  const named = { file: new Set<string>(), keychain: new Set<string>() }
  collect(tree, named, new Set())
  const readFile = async (name: string): Promise<Fetched> => {
    const path = resolve(context.folder, expandHome(name, context.home))
    try {
      return { value: withoutEnd(await context.readFile(path)) }
    } catch (error) {
      return { error: `${fileErrorText(error)} (${path})` }
    }
  }
  const all = async (names: Set<string>, fetch: (name: string) => Promise<Fetched>) =>
    new Map(await Promise.all([...names].map(async (name) => [name, await fetch(name)] as const)))
  const [files, keychain] = await Promise.all([all(named.file, readFile), all(named.keychain, context.readKeychain)])
  return { files, keychain }
}

function collect(tree: Tree, named: Record<'file' | 'keychain', Set<string>>, seen: Set<Tree>): void {
  // Aliases share trees, so one may be met again.
  if (seen.has(tree)) return
  seen.add(tree)
  if (tree.kind === 'list') for (const item of tree.items) collect(item, named, seen)
  else if (tree.kind === 'map') for (const entry of tree.entries.values()) collect(entry.value, named, seen)
  else
    for (const part of tree.template.parts) if (typeof part !== 'string' && part.from !== 'env') named[part.from].add(part.name)
}

/** Editors end a file with a line break and some begin it with a byte order mark; neither belongs to the secret. */
function withoutEnd(content: string): string {
  let end = content.length
  while (end > 0 && (content[end - 1] === '\n' || content[end - 1] === '\r')) end--
  return content.slice(content.startsWith('\uFEFF') ? 1 : 0, end)
}
