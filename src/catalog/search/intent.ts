/** What a tool or a query is about to do to things: look at them, add, change or remove them. */
import { stem } from './stem.ts'

/** Bits, because a word may belong to several, as `set` or `save` do. */
const READ = 1
const VERBS: readonly (readonly [bit: number, verbs: string])[] = [
  [
    READ,
    `get list read show view fetch find search look lookup retrieve describe check count see display browse open query print
     export download explain inspect status history locate identify detect compare preview tail watch monitor`,
  ],
  [
    2,
    `create add new make insert send post upload publish generate append import register write draft copy duplicate fork clone
     book schedule invite save start open store reply answer`,
  ],
  [
    4,
    `update edit change modify set rename move patch close replace mark assign enable disable toggle resize scale approve merge
     reopen archive adjust switch complete finish put cancel`,
  ],
  [8, 'delete remove drop erase clear purge uninstall wipe trash destroy discard forget cancel unlink detach revoke'],
]

const INTENTS = intents()

function intents(): ReadonlyMap<string, number> {
  const bits = new Map<string, number>()
  for (const [bit, verbs] of VERBS) {
    for (const verb of verbs.split(/\s+/)) bits.set(stem(verb), (bits.get(stem(verb)) ?? 0) | bit)
  }
  return bits
}

/** What a tool does, by the first verb of its name; 0 where that cannot be told. */
export function toolIntent(nameStems: readonly string[], annotations: Readonly<Record<string, unknown>>): number {
  for (const word of nameStems) {
    const bits = INTENTS.get(word)
    if (bits !== undefined) return bits
  }
  return annotations.readOnlyHint === true ? READ : 0
}

/** What a query asks for: all that its words say, and to look where they say nothing. */
export function queryIntent(stems: Iterable<string>): number {
  let bits = 0
  for (const word of stems) bits |= INTENTS.get(word) ?? 0
  return bits === 0 ? READ : bits
}
