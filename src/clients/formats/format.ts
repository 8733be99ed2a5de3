/** What can be done with a config file of another program, whatever it is written in: read it, and change one entry of it. */
import { isDeepStrictEqual } from 'node:util'

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

/** What a format has to know by itself; `formatOf` adds what is the same for all. Texts have no byte order mark here. */
export interface Dialect {
  read: Format['read']
  set: Format['set']
  remove: Format['remove']
  slice: Format['slice']
  insert(text: string, path: KeyPath, source: string): string
  /** The value as it will be read back. Throws FormatRefusal for what cannot be written. */
  written(value: unknown): unknown
  /** A parent that holds nothing any more is not there any more: it is only written as a part of its children's names. */
  parentsVanish?: true
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

const BOM = '\uFEFF'
const NOTHING = Symbol('no entry')

/** A format whose every edit is read back: nothing but the entry has changed, or there is no edit. */
export function formatOf(dialect: Dialect): Format {
  const tree = (text: string): Tree => {
    const result = dialect.read(text)
    if ('problem' in result) throw new FormatRefusal(result.problem.message, result.problem)
    return result.value
  }
  const edit = (text: string, path: KeyPath, value: unknown, make: (body: string) => string): string => {
    const [bom, body] = split(text)
    const before = tree(body)
    if (isDeepStrictEqual(lookup(before, path), value)) return text
    const after = make(body)
    const expected = value === NOTHING ? without(before, path) : withValue(before, path, value)
    const result = dialect.read(after)
    const same = (one: Tree, other: Tree): boolean =>
      dialect.parentsVanish
        ? isDeepStrictEqual(withoutEmpty(one, path), withoutEmpty(other, path))
        : isDeepStrictEqual(one, other)
    if ('problem' in result || !same(result.value, expected))
      throw new FormatRefusal(`${path.join('.')} cannot be changed without changing more than this entry`)
    return bom + after
  }
  const set: Format['set'] = (text, path, value) => {
    const written = dialect.written(value)
    return edit(text, path, written, (body) => dialect.set(body, path, written))
  }
  return {
    read: (text) => dialect.read(split(text)[1]),
    set,
    remove: (text, path) => edit(text, path, NOTHING, (body) => dialect.remove(body, path)),
    slice: (text, path) => dialect.slice(split(text)[1], path),
    insert: (text, path, source, value) => {
      const written = dialect.written(value)
      try {
        return edit(text, path, written, (body) => dialect.insert(body, path, source))
      } catch (error) {
        if (!(error instanceof FormatRefusal)) throw error
        // It does not fit in here as it was written; then it is written anew.
        return set(text, path, value)
      }
    },
  }
}

function split(text: string): [bom: string, body: string] {
  return text.startsWith(BOM) ? [BOM, text.slice(1)] : ['', text]
}

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}

/** The value at the path, or the sign for none. */
function lookup(tree: Tree, path: KeyPath): unknown {
  let value: unknown = tree
  for (const key of path) {
    if (!isTree(value) || !Object.hasOwn(value, key)) return NOTHING
    value = value[key]
  }
  return value
}

/** The value at the path, undefined where there is none. */
export function valueAt(tree: Tree, path: KeyPath): unknown {
  const value = lookup(tree, path)
  return value === NOTHING ? undefined : value
}

function withValue(tree: Tree, [key, ...rest]: KeyPath, value: unknown): Tree {
  if (key === undefined) return tree
  const inner = Object.hasOwn(tree, key) ? tree[key] : undefined
  const copy = { ...tree }
  put(copy, key, rest.length === 0 ? value : withValue(isTree(inner) ? inner : {}, rest, value))
  return copy
}

function without(tree: Tree, [key, ...rest]: KeyPath): Tree {
  if (key === undefined || !Object.hasOwn(tree, key)) return tree
  const copy = { ...tree }
  const inner = copy[key]
  if (rest.length === 0) delete copy[key]
  else if (isTree(inner)) put(copy, key, without(inner, rest))
  return copy
}

/** The tree without those parents of the path that are empty. */
function withoutEmpty(tree: Tree, path: KeyPath): Tree {
  let pruned = tree
  for (let depth = path.length - 1; depth > 0; depth--) {
    const parent = lookup(pruned, path.slice(0, depth))
    if (isTree(parent) && Object.keys(parent).length === 0) pruned = without(pruned, path.slice(0, depth))
  }
  return pruned
}

/** Sets a key whatever it is called: plain assignment of `__proto__` would set something else. */
export function put(tree: Tree, key: string, value: unknown): void {
  Object.defineProperty(tree, key, { value, enumerable: true, configurable: true, writable: true })
}

/** The place of an offset. */
export function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset)
  const lineStart = before.lastIndexOf('\n') + 1
  return { line: before.split('\n').length, column: offset - lineStart + 1 }
}

/** How the lines of the text end. */
export function eolOf(text: string): string {
  const first = text.indexOf('\n')
  return first > 0 && text[first - 1] === '\r' ? '\r\n' : '\n'
}

/** What is in front of the line that the offset is in, up to its first visible character. */
export function indentAt(text: string, offset: number): string {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1
  return /^[ \t]*/.exec(text.slice(lineStart))?.[0] ?? ''
}

/** Whether nothing but blanks stands between the start of the line and the offset. */
export function beginsLine(text: string, offset: number): boolean {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1
  return /^[ \t]*$/.test(text.slice(lineStart, offset))
}

export function splice(text: string, start: number, end: number, replacement: string): string {
  return text.slice(0, start) + replacement + text.slice(end)
}
