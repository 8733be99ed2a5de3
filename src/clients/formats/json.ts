/** JSON and its relatives: changes one key of an object and leaves comments, commas and spacing alone. */
import { type Dialect, formatOf } from './dialect.ts'
import { type Format, FormatRefusal, type KeyPath } from './format.ts'
import { addMember, commentBehind, cutMember, type Entry, layoutOf, printMember, printValue } from './json-splice.ts'
import { type JsonObject, type JsonStrictness, type Member, objectAt, readJson, rootOf } from './json-tree.ts'
import { eolOf, placeOf, splice } from './source-text.ts'

export function jsonFormat(strictness: JsonStrictness): Format {
  return formatOf({ ...dialect, read: (text) => readJson(text, strictness) })
}

const dialect: Omit<Dialect, 'read'> = {
  set: (text, path, value) => {
    const whole = withRoot(text)
    const { member, object, missing } = find(whole, path)
    const layout = layoutOf(whole, object)
    if (member) return splice(whole, member.valueStart, member.end, printValue(value, layout))
    const [name = '', ...rest] = missing
    const nested = rest.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value)
    return addMember(whole, object, { member: printMember(name, nested, layout), comment: '' }, layout)
  },
  insert: (text, path, source) => {
    const whole = withRoot(text)
    const { object, missing } = find(whole, path)
    if (missing.length !== 1) throw new FormatRefusal(`there is no ${path.slice(0, -1).join('.')} to put ${path.at(-1)} into`)
    return addMember(whole, object, entryIn(source), layoutOf(whole, object))
  },
  remove: (text, path) => {
    const { member, object } = find(withRoot(text), path)
    return member ? cutMember(text, object, member) : text
  },
  slice: (text, path) => {
    const { member } = find(withRoot(text), path)
    return member && text.slice(member.start, member.end) + commentBehind(text, member)
  },
  written: (value) => JSON.parse(JSON.stringify(value)) as unknown,
}

/** An entry as `slice` gave it. */
function entryIn(source: string): Entry {
  const [one] = objectAt(`{${source}`, 0).members
  // The brace in front counts too.
  const end = one ? one.end - 1 : source.length
  return { member: source.slice(0, end), comment: source.slice(end) }
}

/** The text, with an empty object where it has none yet. */
function withRoot(text: string): string {
  if (rootOf(text) !== undefined) return text
  const comments = text.trimEnd()
  const eol = eolOf(text)
  return `${comments && comments + eol}{}${eol}`
}

interface Found {
  /** The innermost object on the way. */
  object: JsonObject
  /** The entry itself. */
  member?: Member
  /** The keys that are not there: of parents, and of the entry. */
  missing: KeyPath
}

function find(text: string, path: KeyPath): Found {
  let open = rootOf(text) ?? 0
  for (const [depth, name] of path.entries()) {
    const object = objectAt(text, open)
    refuseTwice(text, object.members)
    const member = object.members.find((one) => one.name === name)
    if (!member) return { object, missing: path.slice(depth) }
    if (depth === path.length - 1) return { object, member, missing: [] }
    if (text[member.valueStart] !== '{') throw notAnObject(text, path.slice(0, depth + 1), member)
    open = member.valueStart
  }
  throw new FormatRefusal('no entry was named')
}

function notAnObject(text: string, path: KeyPath, { valueStart }: Member): FormatRefusal {
  return new FormatRefusal(`expected ${path.join('.')} to be an object`, { message: 'expected {', ...placeOf(text, valueStart) })
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
