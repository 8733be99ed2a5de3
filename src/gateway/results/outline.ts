/** The outline of JSON: which members there are, of which types, how many of each; made in one walk over the bytes. */
import { estimateTokens } from '../../observe/tokens.ts'
import { eachElement, eachMember, readString, skipSpace, skipValue } from '../../protocol/scan.ts'
import { formatSize } from '../../std/format-size.ts'

/** What is deeper is not looked at. */
const DEPTH_MAX = 12
/** So many elements of an array tell what is in it; all are counted. */
const ELEMENTS_MAX = 1_000
/** An object with more names than this is a dictionary: its names say nothing of its form, and its values are alike. */
const MEMBERS_MAX = 40
/** Texts shorter than this are nothing to mention. */
const LONG_TEXT = 1_000

const OPEN_OBJECT = 0x7b
const OPEN_ARRAY = 0x5b

type Kind = 'string' | 'integer' | 'number' | 'boolean' | 'null' | 'object' | 'array'

/** What several values have in common. */
interface Form {
  readonly kinds: Map<Kind, number>
  readonly members: Map<string, { seen: number; form: Form }>
  /** What stands under names beyond those in `members`. */
  others: Form | undefined
  /** The names in the largest object. */
  names: number
  item: Form | undefined
  /** The lengths of the arrays. */
  shortest: number
  longest: number
  /** Bytes of the longest text. */
  text: number
}

/** A text for so many tokens; undefined where the bytes are no objects or arrays. There may be several, one behind the other. */
export function outline(bytes: Buffer, tokensMax: number): string | undefined {
  if (!mayHaveOutline(bytes)) return undefined
  const form = newForm()
  let values = 0
  for (let at = skipSpace(bytes, 0); at < bytes.length; values++) {
    const end = values < ELEMENTS_MAX ? walk(bytes, at, form, 0) : skipValue(bytes, at)
    if (end < 0) return undefined
    at = skipSpace(bytes, end)
  }
  const prefix = values === 1 ? '' : `${count(values)} values, each `
  let text = ''
  for (let depth = DEPTH_MAX; depth > 0; depth--) {
    text = prefix + show(form, depth)
    if (estimateTokens(text) <= tokensMax) return text
  }
  return text
}

/** Whether the bytes begin as an object or an array does. */
export function mayHaveOutline(bytes: Buffer): boolean {
  const first = bytes[skipSpace(bytes, 0)]
  return first === OPEN_OBJECT || first === OPEN_ARRAY
}

function newForm(): Form {
  return {
    kinds: new Map(),
    members: new Map(),
    others: undefined,
    names: 0,
    item: undefined,
    shortest: Number.POSITIVE_INFINITY,
    longest: 0,
    text: 0,
  }
}

/** Adds the value that begins at `at`; returns the offset behind it, or -1. */
function walk(bytes: Buffer, at: number, form: Form, depth: number): number {
  const kind = kindOf(bytes, at)
  const end = depth >= DEPTH_MAX ? skipValue(bytes, at) : walkKind(kind, bytes, at, form, depth)
  if (end < 0) return -1
  const exact = kind === 'number' && isInteger(bytes, at, end) ? 'integer' : kind
  form.kinds.set(exact, (form.kinds.get(exact) ?? 0) + 1)
  if (kind === 'string') form.text = Math.max(form.text, end - at - 2)
  return end
}

function walkKind(kind: Kind, bytes: Buffer, at: number, form: Form, depth: number): number {
  if (kind === 'object') return walkObject(bytes, at, form, depth)
  if (kind !== 'array') return skipValue(bytes, at)
  let length = 0
  const item = form.item ?? newForm()
  form.item = item
  const end = eachElement(bytes, at, (start) => {
    if (length++ < ELEMENTS_MAX) walk(bytes, start, item, depth + 1)
  })
  form.shortest = Math.min(form.shortest, length)
  form.longest = Math.max(form.longest, length)
  return end
}

function walkObject(bytes: Buffer, at: number, form: Form, depth: number): number {
  let names = 0
  const end = eachMember(bytes, at, (keyStart, keyEnd, start) => {
    if (names++ >= ELEMENTS_MAX) return skipValue(bytes, start)
    const key = readString(bytes, keyStart, keyEnd)
    let member = form.members.get(key)
    if (!member && form.members.size >= MEMBERS_MAX) {
      form.others ??= newForm()
      return walk(bytes, start, form.others, depth + 1)
    }
    member ??= { seen: 0, form: newForm() }
    form.members.set(key, member)
    member.seen++
    return walk(bytes, start, member.form, depth + 1)
  })
  form.names = Math.max(form.names, names)
  return end
}

/** Adds what one form knows to another one. */
function merge(into: Form, from: Form): Form {
  for (const [kind, times] of from.kinds) into.kinds.set(kind, (into.kinds.get(kind) ?? 0) + times)
  for (const [key, { seen, form }] of from.members) {
    const known = into.members.get(key)
    into.members.set(key, { seen: seen + (known?.seen ?? 0), form: merge(known?.form ?? newForm(), form) })
  }
  if (from.others) into.others = merge(into.others ?? newForm(), from.others)
  if (from.item) into.item = merge(into.item ?? newForm(), from.item)
  into.names = Math.max(into.names, from.names)
  into.shortest = Math.min(into.shortest, from.shortest)
  into.longest = Math.max(into.longest, from.longest)
  into.text = Math.max(into.text, from.text)
  return into
}

function kindOf(bytes: Buffer, at: number): Kind {
  const byte = bytes[at]
  if (byte === OPEN_OBJECT) return 'object'
  if (byte === OPEN_ARRAY) return 'array'
  if (byte === 0x22) return 'string'
  if (byte === 0x74 || byte === 0x66) return 'boolean'
  return byte === 0x6e ? 'null' : 'number'
}

function isInteger(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i]
    if (byte === 0x2e || byte === 0x65 || byte === 0x45) return false
  }
  return true
}

function show(form: Form, depth: number): string {
  return [...form.kinds].map(([kind, times]) => showKind(kind, form, times, depth)).join(' | ') || 'nothing'
}

function showKind(kind: Kind, form: Form, times: number, depth: number): string {
  if (kind === 'string') return form.text >= LONG_TEXT ? `string up to ${formatSize(form.text)}` : 'string'
  if (kind === 'array') return showArray(form, depth)
  return kind === 'object' ? showObject(form, times, depth) : kind
}

function showArray({ shortest, longest, item }: Form, depth: number): string {
  const length = shortest === longest ? count(longest) : `${count(shortest)}–${count(longest)}`
  if (longest === 0) return '[]'
  return depth <= 1 || !item ? `[${length} elements]` : `[${length} × ${show(item, depth - 1)}]`
}

function showObject(form: Form, times: number, depth: number): string {
  const { members, names, others } = form
  if (members.size === 0) return '{}'
  if (depth <= 1) return `{${count(names)} members}`
  if (others || members.size > MEMBERS_MAX) {
    const forms = [...[...members.values()].map((member) => member.form), ...(others ? [others] : [])]
    const value = forms.reduce(merge, newForm())
    return `{ ${count(names)} names, each ${show(value, depth - 1)} }`
  }
  const shown = [...members].map(([key, { seen, form }]) => {
    const name = /^[\w$-]+$/.test(key) ? key : JSON.stringify(key)
    return `${name}${seen < times ? '?' : ''}: ${show(form, depth - 1)}`
  })
  return `{ ${shown.join(', ')} }`
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}
