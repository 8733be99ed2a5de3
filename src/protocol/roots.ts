/** The folders that a client works in, in a form in which equal sets are equal (specification: Roots). */
import { createHash } from 'node:crypto'
import { basename, isAbsolute, parse, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Message } from './message.ts'

export interface Root {
  readonly uri: string
  readonly name?: string
}

export interface RootSet {
  /** Equal for equal sets. */
  readonly id: string
  /** As `roots/list` gives them: each once, sorted by URI. */
  readonly roots: readonly Root[]
}

/** Nowhere in particular. */
export const NO_ROOTS: RootSet = rootSet([])

/** The set of these URIs, whatever their order, and however those of files are spelled. */
export function rootSet(uris: readonly string[]): RootSet {
  const sorted = [...new Set(uris.map(canonical))].sort()
  const id = createHash('sha256').update(JSON.stringify(sorted)).digest('base64url').slice(0, 22)
  return { id, roots: sorted.map(root) }
}

/** The set that consists of one folder. */
export function rootOf(folder: string): RootSet {
  return rootSet([pathToFileURL(folder).href])
}

/**
 * The folder that a program was started in, as one that it works in; undefined where that says nothing: what is started by a
 * desktop runs in the root of the file system, and nobody means all of it.
 */
export function workFolder(path: string): string | undefined {
  const folder = resolve(path)
  return isAbsolute(path) && !path.includes('\0') && folder !== parse(folder).root ? folder : undefined
}

/** The set that a client tells in its answer to `roots/list`; undefined where it tells none. */
export function readRoots({ kind, body }: Message): RootSet | undefined {
  if (kind !== 'result' || !Array.isArray(body?.roots)) return undefined
  return rootSet(body.roots.flatMap((one) => ((one as { uri?: unknown } | null)?.uri as string | undefined) ?? []).filter(isText))
}

/** The path of the one folder that a set consists of; undefined where it is none of this machine, or not one. */
export function folderOf({ roots }: RootSet): string | undefined {
  const [only, ...others] = roots
  return only && others.length === 0 ? pathOf(only.uri) : undefined
}

/** Where sessions share an instance, a name that one of them gave its folder is no business of the other: the path gives it. */
function root(uri: string): Root {
  const name = basename(pathOf(uri) ?? '')
  return name === '' ? { uri } : { uri, name }
}

/** The one spelling of a file's URI: dots resolved, no slash at the end, escaped as little as need be. Others stay as they are. */
function canonical(uri: string): string {
  const path = pathOf(uri)
  return path === undefined ? uri : pathToFileURL(path).href
}

function pathOf(uri: string): string | undefined {
  const url = URL.canParse(uri) ? new URL(uri) : undefined
  if (url?.protocol !== 'file:' || url.search !== '' || url.hash !== '') return undefined
  try {
    const path = resolve(fileURLToPath(url))
    // A drive has one name, which clients write in either case.
    return path.includes('\0') ? undefined : path.replace(/^[a-z]:/, (drive) => drive.toUpperCase())
  } catch {
    // It names another machine, or nothing that a path could say.
    return undefined
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
