/** JSON and its relatives: changes one key of an object and leaves comments, commas and spacing alone. */
import type { Node } from 'jsonc-parser'
import { type Dialect, eolOf, type Format, FormatRefusal, formatOf, type KeyPath, placeOf, splice, type Tree } from './format.ts'
import { addMember, commentBehind, cutMember, type Entry, layoutOf, printMember, printValue } from './json-splice.ts'
import { type JsonStrictness, jsonValue, type Member, membersOf, parseJson } from './json-tree.ts'

export function jsonFormat(strictness: JsonStrictness): Format {
  const dialect: Dialect = {
    read: (text) => {
      const parsed = parseJson(text, strictness)
      return 'problem' in parsed ? parsed : { value: (jsonValue(parsed.root) ?? {}) as Tree }
    },
    set: (text, path, value) => {
      const whole = withRoot(text, strictness)
      const { member, object, missing } = find(whole, path, strictness)
      const layout = layoutOf(whole, object)
      if (member) return splice(whole, member.value.offset, member.end, printValue(value, layout))
      const [name = '', ...rest] = missing
      const nested = rest.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value)
      return addMember(whole, object, { member: printMember(name, nested, layout), comment: '' }, layout)
    },
    insert: (text, path, source) => {
      const whole = withRoot(text, strictness)
      const { object, missing } = find(whole, path, strictness)
      if (missing.length !== 1) throw new FormatRefusal(`there is no ${path.slice(0, -1).join('.')} to put ${path.at(-1)} into`)
      return addMember(whole, object, entryIn(source), layoutOf(whole, object))
    },
    remove: (text, path) => {
      const { member, object } = find(withRoot(text, strictness), path, strictness)
      return member ? cutMember(text, object, member) : text
    },
    slice: (text, path) => {
      const { member } = find(withRoot(text, strictness), path, strictness)
      return member && text.slice(member.start, member.end) + commentBehind(text, member)
    },
    written: (value) => JSON.parse(JSON.stringify(value)) as unknown,
  }
  return formatOf(dialect)
}

/** An entry as `slice` gave it. */
function entryIn(source: string): Entry {
  const parsed = parseJson(`{${source}\n}`, { comments: true, trailingCommas: false })
  const [one] = 'root' in parsed && parsed.root ? membersOf(parsed.root) : []
  // The brace in front counts too.
  const end = one ? one.end - 1 : source.length
  return { member: source.slice(0, end), comment: source.slice(end) }
}

/** The text, with an empty object where it has none yet. */
function withRoot(text: string, strictness: JsonStrictness): string {
  const parsed = parseJson(text, strictness)
  if ('problem' in parsed) throw new FormatRefusal(parsed.problem.message, parsed.problem)
  if (parsed.root) return text
  const comments = text.trimEnd()
  const eol = eolOf(text)
  return `${comments && comments + eol}{}${eol}`
}

interface Found {
  /** The innermost object on the way. */
  object: Node
  /** The entry itself. */
  member?: Member
  /** The keys that are not there: of parents, and of the entry. */
  missing: KeyPath
}

function find(text: string, path: KeyPath, strictness: JsonStrictness): Found {
  const parsed = parseJson(text, strictness)
  if ('problem' in parsed) throw new FormatRefusal(parsed.problem.message, parsed.problem)
  let object = parsed.root
  for (const [depth, name] of path.entries()) {
    if (object?.type !== 'object') break
    const members = membersOf(object)
    refuseTwice(text, members)
    const member = members.find((one) => one.name === name)
    if (!member) return { object, missing: path.slice(depth) }
    if (depth === path.length - 1) return { object, member, missing: [] }
    if (member.value.type !== 'object')
      throw new FormatRefusal(`expected ${path.slice(0, depth + 1).join('.')} to be an object`, {
        message: 'expected {',
        ...placeOf(text, member.value.offset),
      })
    object = member.value
  }
  throw new FormatRefusal('no entry was named')
}

/** Programs read the last of two, and people see the first. */
function refuseTwice(text: string, members: Member[]): void {
  const seen = new Set<string>()
  for (const { name, start } of members) {
    if (seen.has(name)) {
      const message = `the key ${JSON.stringify(name)} stands twice; remove one of them`
      throw new FormatRefusal(message, { message, ...placeOf(text, start) })
    }
    seen.add(name)
  }
}
