/** Makes a format of what differs between formats: every edit is read back, and where more than the entry has changed there is none. */
import { isDeepStrictEqual } from 'node:util'
import { entryAt, type Format, FormatRefusal, isTree, type KeyPath, put, type Tree } from './format.ts'

/**
 * What a format has to know by itself; `formatOf` adds what is the same for all. Texts have no byte order mark here, and except
 * in `read` they have been read before.
 */
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

const BOM = '\uFEFF'

/** An entry that has this value after an edit, or none. */
type Entry = { value: unknown } | undefined

export function formatOf(dialect: Dialect): Format {
  const set: Format['set'] = (text, path, value) => {
    const written = dialect.written(value)
    return edited(dialect, text, path, { value: written }, (body) => dialect.set(body, path, written))
  }
  return {
    set,
    read: (text) => dialect.read(split(text)[1]),
    remove: (text, path) => edited(dialect, text, path, undefined, (body) => dialect.remove(body, path)),
    slice: (text, path) => {
      const [, body] = split(text)
      treeOf(dialect, body)
      return dialect.slice(body, path)
    },
    insert: (text, path, source, value) => {
      const written = dialect.written(value)
      try {
        return edited(dialect, text, path, { value: written }, (body) => dialect.insert(body, path, source))
      } catch (error) {
        if (!(error instanceof FormatRefusal)) throw error
        // It does not fit in here as it was written; then it is written anew.
        return set(text, path, value)
      }
    },
  }
}

/** The text after an edit, by which nothing but the entry at the path has changed. */
function edited(dialect: Dialect, text: string, path: KeyPath, entry: Entry, make: (body: string) => string): string {
  const [bom, body] = split(text)
  try {
    const before = treeOf(dialect, body)
    if (isDeepStrictEqual(entryAt(before, path), entry)) return text
    const after = make(body)
    const expected = entry ? withValue(before, path, entry.value) : without(before, path)
    const result = dialect.read(after)
    if ('value' in result && isSame(dialect, result.value, expected, path)) return bom + after
  } catch (error) {
    // What can be read may still be too deep to be compared.
    if (error instanceof RangeError) throw new FormatRefusal('it is nested too deeply')
    throw error
  }
  throw new FormatRefusal(`${path.join('.')} cannot be changed without changing more than this entry`)
}

function treeOf(dialect: Dialect, text: string): Tree {
  const result = dialect.read(text)
  if ('problem' in result) throw new FormatRefusal(result.problem.message, result.problem)
  return result.value
}

function isSame({ parentsVanish }: Dialect, one: Tree, other: Tree, path: KeyPath): boolean {
  return parentsVanish ? isDeepStrictEqual(withoutEmpty(one, path), withoutEmpty(other, path)) : isDeepStrictEqual(one, other)
}

function split(text: string): [bom: string, body: string] {
  return text.startsWith(BOM) ? [BOM, text.slice(1)] : ['', text]
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
    const parent = entryAt(pruned, path.slice(0, depth))?.value
    if (isTree(parent) && Object.keys(parent).length === 0) pruned = without(pruned, path.slice(0, depth))
  }
  return pruned
}
