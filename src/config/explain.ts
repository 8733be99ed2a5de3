/** Turns what the schema objects to into sentences, each at its place in the file. */
import type * as z from 'zod'
import { suggest } from '../std/suggest.ts'
import type { Report } from './problem.ts'
import { child, describe, keysOf, kinds, type Schema, wordsOf } from './shape.ts'
import { hasReference } from './template.ts'
import type { Tree } from './tree.ts'

type Issue = z.core.$ZodIssue
type Path = readonly PropertyKey[]

/** What other clients and gateways call our keys, where it is too far from ours to be a typing mistake. */
const OTHER_NAMES: Record<string, string> = {
  serverurl: 'url',
  httpurl: 'url',
  endpoint: 'url',
  transport: 'type',
  transporttype: 'type',
  environment: 'env',
  cmd: 'command',
  arguments: 'args',
  enabled: 'disabled',
  workingdirectory: 'cwd',
  insecureskipverify: 'tls_skip_verify',
}

/** These were facts in an older YAML and are texts in this one. */
const OTHER_FACTS: Record<string, string> = { yes: 'true', on: 'true', y: 'true', no: 'false', off: 'false', n: 'false' }

/** The issues that are said best by naming what belongs in the place. */
const DESCRIBED = new Set<Issue['code']>(['invalid_type', 'invalid_value', 'invalid_union', 'too_small', 'too_big'])

/** What people write under one key that belongs under another. */
const OTHER_KEYS = new Map([
  ['protocol: sse', 'type: sse'],
  ['protocol: http', 'type: http'],
  ['protocol: streamable', 'type: http'],
  ['protocol: streamable-http', 'type: http'],
  ['protocol: stdio', 'type: stdio'],
])

const SHOWN_LENGTH_MAX = 40
const KEYS_NAMED_MAX = 12

/** Reports one issue of the schema, unless its value is missing for a reason that was reported already. */
export function explain(issue: Issue, root: Tree, schema: Schema, unresolved: ReadonlySet<Tree>, report: Report): void {
  const tree = walk(root, issue.path)
  if (unresolved.has(tree)) return
  const here = issue.path.reduce<Schema | undefined>((above, key) => child(above, key), schema)
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) explainUnknown(key, tree, keysOf(here), report)
    return
  }
  const nearest = issue.code === 'invalid_union' ? nearestBranch(issue) : undefined
  if (nearest) {
    for (const inner of nearest) explain({ ...inner, path: [...issue.path, ...inner.path] }, root, schema, unresolved, report)
    return
  }
  const key = issue.path.at(-1)
  const missing = tree.kind === 'map' && key !== undefined && walk(root, issue.path.slice(0, -1)) === tree
  if (missing && here) report(tree.at, pathOf(tree, String(key)), `is missing; expected ${describe(here)}`)
  else report(tree.at, tree.key, sentence(issue, tree, here))
}

/** The value at a path, or the nearest one above it where the file has none. */
function walk(root: Tree, path: Path): Tree {
  let tree = root
  for (const key of path) {
    const next = tree.kind === 'map' ? tree.entries.get(String(key))?.value : undefined
    const item = tree.kind === 'list' ? tree.items[Number(key)] : undefined
    tree = next ?? item ?? tree
  }
  return tree
}

function pathOf(tree: Tree, key: string): string {
  return tree.key ? `${tree.key}.${key}` : key
}

function explainUnknown(key: string, tree: Tree, known: string[], report: Report): void {
  const entry = tree.kind === 'map' ? tree.entries.get(key) : undefined
  const translated = OTHER_NAMES[key.toLowerCase().replace(/[-_]/g, '')]
  const meant = translated && known.includes(translated) ? translated : suggest(key, known)
  const list = known.length > 0 && known.length <= KEYS_NAMED_MAX ? `; known here: ${known.join(', ')}` : ''
  report(entry?.keyAt ?? tree.at, pathOf(tree, key), meant ? `unknown key; did you mean ${meant}?` : `unknown key${list}`)
}

/** Of the alternatives of a union, the one whose outer form fits, so that the complaint is about what is inside. */
function nearestBranch(issue: z.core.$ZodIssueInvalidUnion): Issue[] | undefined {
  const fits = (inner: Issue): boolean => inner.path.length > 0 || inner.code === 'unrecognized_keys'
  return issue.errors.find((branch) => branch.length > 0 && branch.every(fits))
}

function sentence(issue: Issue, tree: Tree, schema: Schema | undefined): string {
  const expected = expectation(issue, tree, schema)
  return expected ? `expected ${expected}, got ${show(tree)}${meantWord(tree, schema)}` : issue.message
}

function expectation(issue: Issue, tree: Tree, schema: Schema | undefined): string | undefined {
  // Zod's own messages begin with a capital, those of our option files with this word.
  if (issue.message.startsWith('expected ')) return issue.message.slice('expected '.length)
  if (!schema || !DESCRIBED.has(issue.code)) return undefined
  if (issue.code === 'too_small' && tree.kind !== 'scalar') return `at least ${issue.minimum} entries`
  if (issue.code === 'too_big' && tree.kind !== 'scalar') return `at most ${issue.maximum} entries`
  const named = describe(schema)
  // That a number is whole goes without saying, except to somebody who wrote a fraction.
  const fraction = issue.code === 'invalid_type' && tree.kind === 'scalar' && typeof tree.value === 'number'
  return fraction ? named.replace('a number', 'a whole number') : named
}

function meantWord(tree: Tree, schema: Schema | undefined): string {
  if (!schema || tree.kind !== 'scalar') return ''
  const wanted = kinds(schema)
  const meant = wanted.includes('enum') ? suggest(tree.source, wordsOf(schema)) : undefined
  const fact = wanted.includes('boolean') ? OTHER_FACTS[tree.source.toLowerCase()] : undefined
  const elsewhere = OTHER_KEYS.get(`${tree.key.split('.').at(-1)}: ${tree.source}`)
  const word = elsewhere ?? meant ?? fact
  return word ? `; did you mean ${word}?` : ''
}

/** The value as it stands in the file: what came from the environment or from another file is never shown. */
function show(tree: Tree): string {
  if (tree.kind === 'list') return 'a list'
  if (tree.kind === 'map') return 'keys and values'
  if (hasReference(tree.template)) return `what ${tree.source} holds`
  if (tree.value === null) return 'nothing'
  if (typeof tree.value !== 'string') return tree.source
  const short = tree.value.length > SHOWN_LENGTH_MAX ? `${tree.value.slice(0, SHOWN_LENGTH_MAX)}…` : tree.value
  return JSON.stringify(short)
}
