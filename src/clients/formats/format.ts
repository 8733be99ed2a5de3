/** What can be done with a config file of another program, whatever it is written in: read it, and change one entry of it. */

/** The keys that lead to an entry, from the outside in. */
export type KeyPath = readonly string[]

/** `json` is strict; `json-comments` has comments, but no trailing commas; `jsonc` has both. */
export type FormatName = 'json' | 'json-comments' | 'jsonc' | 'toml' | 'yaml'

export type Tree = Record<string, unknown>

/** Both from 1. */
export interface FormatProblem {
  message: string
  line: number
  column: number
}

export interface Format {
  /** What the file says, as strictly as its program reads it; an empty file says `{}`. */
  read(text: string): { value: Tree } | { problem: FormatProblem }
  /** The text with this value at the path; parents that are missing are made. No other byte changes. Throws FormatRefusal. */
  set(text: string, path: KeyPath, value: unknown): string
  /** The text without the entry, or the same text where there is none. No other byte changes. Throws FormatRefusal. */
  remove(text: string, path: KeyPath): string
  /** The source of the entry, key included, for `insert`; undefined where there is none. Throws FormatRefusal. */
  slice(text: string, path: KeyPath): string | undefined
  /** The text with an entry as `slice` gave it, its comments and spacing included; it holds this value. Throws FormatRefusal. */
  insert(text: string, path: KeyPath, source: string, value: unknown): string
}

/** The text cannot be changed without doing more than was asked. */
export class FormatRefusal extends Error {
  readonly problem: FormatProblem | undefined

  constructor(message: string, problem?: FormatProblem) {
    super(problem ? `line ${problem.line}, column ${problem.column}: ${message}` : message)
    this.name = 'FormatRefusal'
    this.problem = problem
  }
}

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}

/** The value at the path, undefined where there is none. */
export function valueAt(tree: Tree, path: KeyPath): unknown {
  return entryAt(tree, path)?.value
}

/** What stands at the path; undefined where nothing does. */
export function entryAt(tree: Tree, path: KeyPath): { value: unknown } | undefined {
  let value: unknown = tree
  for (const key of path) {
    if (!isTree(value) || !Object.hasOwn(value, key)) return undefined
    value = value[key]
  }
  return { value }
}

/** Sets a key whatever it is called: plain assignment of `__proto__` would set something else. */
export function put(tree: Tree, key: string, value: unknown): void {
  Object.defineProperty(tree, key, { value, enumerable: true, configurable: true, writable: true })
}
