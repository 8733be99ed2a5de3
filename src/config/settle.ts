/** Turns the tree of a config into the plain values that the schema checks, with `${…}` filled in. */
import { type Redactor, Secret } from '../std/secret.ts'
import { fill, type Sources, textOf } from './interpolate.ts'
import type { Report } from './problem.ts'
import { child, isText, kinds, type Schema } from './shape.ts'
import { hasReference } from './template.ts'
import type { ListTree, MapTree, ScalarTree, Tree } from './tree.ts'

export interface Settling {
  sources: Sources
  redactor: Redactor
  report: Report
  /** The leaves whose value could not be found. */
  unresolved: Set<Tree>
  /** Who needs the values, for the problems: `server github`. */
  needer: string
}

const NUMBER = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/
const BOOLEANS: Record<string, boolean> = { true: true, True: true, TRUE: true, false: false, False: false, FALSE: false }

/** The value of a tree. Nothing is interpolated where the schema knows no such key: that is a problem already. */
export function settle(tree: Tree, schema: Schema | undefined, settling: Settling): unknown {
  if (tree.kind === 'map') return settleMap(tree, schema, settling)
  if (tree.kind === 'list') return settleList(tree, schema, settling)
  return schema ? settleScalar(tree, schema, settling) : tree.value
}

function settleMap(tree: MapTree, schema: Schema | undefined, settling: Settling): unknown {
  const entries = [...tree.entries].map(([key, { value }]) => [key, settle(value, child(schema, key), settling)])
  return Object.fromEntries(entries)
}

function settleList(tree: ListTree, schema: Schema | undefined, settling: Settling): unknown {
  return tree.items.map((item, i) => {
    const value = settle(item, child(schema, i), settling)
    if (value !== undefined) return value
    // An item without a value keeps its place, so that the items behind it keep their numbers.
    return item.kind === 'scalar' && settling.unresolved.has(item) ? item.source : null
  })
}

function settleScalar(tree: ScalarTree, schema: Schema, settling: Settling): unknown {
  const { source, template } = tree
  const wanted = kinds(schema)
  const wantsText = isText(schema) || wanted.includes('string') || wanted.includes('enum')
  // YAML reads a lone ~ as null, but whoever writes `cwd: ~` means the home folder.
  if (tree.value === null && source === '~' && isText(schema)) return source
  // A section whose keys are all commented out is an empty section.
  // Where the section is off unless it is there, it is there.
  if (tree.value === null && wanted.includes('object')) return {}
  if (tree.value === null) return wanted.includes('record') || wanted.includes('array') ? undefined : null
  if (!source.includes('${')) {
    if (!wantsText || typeof tree.value === 'string') return tree.value
    // `PORT: 8080` and `VERSION: 1.10` are texts where a text belongs, to the digit as they were written.
    return wanted.includes(typeof tree.value) ? tree.value : source
  }
  const filled = fill(template, settling.sources, settling.needer)
  for (const problem of filled.problems) settling.report(tree.at, tree.key, problem)
  if (filled.problems.length > 0) {
    settling.unresolved.add(tree)
    return isText(schema) ? new Secret('', source) : undefined
  }
  if (isText(schema)) return textOf(source, template, filled, settling.redactor)
  return hasReference(template) ? converted(filled.value, wanted) : filled.value
}

/** What YAML would have made of the value, had it stood in the file. */
function converted(value: string, wanted: string[]): string | number | boolean {
  if (wanted.includes('number') && NUMBER.test(value)) return Number(value)
  if (wanted.includes('boolean') && Object.hasOwn(BOOLEANS, value)) return BOOLEANS[value] as boolean
  return value
}
