/** Matches names against globs in time proportional to the name, whatever the patterns are. */

/** One state of the automaton: it eats a character that fits and goes on, or stands for several states at once. */
interface State {
  fits?: (char: string) => boolean
  next: State[]
}

const ACCEPT: State = { next: [] }
const anyChar = (): boolean => true

/**
 * Whether a whole name matches one of the patterns: `*` any run, `?` one character, `[abc]`, `[a-z]` and `[!abc]` a class,
 * `{a,b}` alternatives, `\` takes the next character literally. A bracket without its partner is an ordinary character.
 */
export function globMatcher(patterns: readonly string[]): (name: string) => boolean {
  if (patterns.includes('*')) return () => true
  const literals = new Set(patterns.filter((pattern) => !/[*?[{\\]/.test(pattern)))
  const starts = patterns.filter((pattern) => !literals.has(pattern)).map((pattern) => compile(pattern))
  if (starts.length === 0) return (name) => literals.has(name)
  return (name) => literals.has(name) || run(starts, name)
}

/** Follows every possible way through the automaton at the same time, so there is nothing to go back to. */
function run(starts: State[], name: string): boolean {
  let states = closure(starts)
  for (const char of name) {
    const eaten: State[] = []
    for (const state of states) if (state.fits?.(char)) eaten.push(...state.next)
    if (eaten.length === 0) return false
    states = closure(eaten)
  }
  return states.has(ACCEPT)
}

/** The states, and those reached from them without eating a character. */
function closure(states: State[]): Set<State> {
  const reached = new Set(states)
  // A set hands out what is added while it is walked.
  for (const state of reached) if (!state.fits) for (const next of state.next) reached.add(next)
  return reached
}

function compile(pattern: string): State {
  const chars = [...pattern]
  return sequence(chars, 0, chars.length, bracePairs(chars), ACCEPT)
}

/** Builds from the end to the start, because each state has to know what follows it. */
function sequence(chars: string[], start: number, end: number, pairs: Map<number, Pair>, after: State): State {
  const atoms: number[] = []
  for (let i = start; i < end; i = atomEnd(chars, i, end, pairs)) atoms.push(i)
  let next = after
  for (const i of atoms.reverse()) next = atom(chars, i, end, pairs, next)
  return next
}

function atomEnd(chars: string[], i: number, end: number, pairs: Map<number, Pair>): number {
  if (chars[i] === '\\') return Math.min(i + 2, end)
  if (chars[i] === '[') return (classEnd(chars, i, end) ?? i) + 1
  return (pairs.get(i)?.close ?? i) + 1
}

function atom(chars: string[], i: number, end: number, pairs: Map<number, Pair>, next: State): State {
  const char = chars[i] as string
  if (char === '*') {
    const star: State = { next: [] }
    star.next.push({ fits: anyChar, next: [star] }, next)
    return star
  }
  if (char === '?') return { fits: anyChar, next: [next] }
  const close = char === '[' ? classEnd(chars, i, end) : undefined
  if (close) return { fits: charClass(chars.slice(i + 1, close)), next: [next] }
  const pair = pairs.get(i)
  if (pair) return { next: pair.parts.map(([from, to]) => sequence(chars, from, to, pairs, next)) }
  const literal = char === '\\' && i + 1 < end ? chars[i + 1] : char
  return { fits: (other) => other === literal, next: [next] }
}

/** The `]` that closes the class opened at `i`; one that stands first is a member, as in a shell. */
function classEnd(chars: string[], i: number, end: number): number | undefined {
  const first = chars[i + 1] === '!' || chars[i + 1] === '^' ? i + 2 : i + 1
  const close = chars.indexOf(']', first + 1)
  return close < 0 || close >= end ? undefined : close
}

function charClass(body: string[]): (char: string) => boolean {
  const negated = body[0] === '!' || body[0] === '^'
  const ranges: [string, string][] = []
  for (let i = negated ? 1 : 0; i < body.length; i++) {
    const from = body[i] as string
    const to = body[i + 1] === '-' ? body[i + 2] : undefined
    ranges.push([from, to ?? from])
    if (to !== undefined) i += 2
  }
  return (char) => ranges.some(([from, to]) => from <= char && char <= to) !== negated
}

/** An alternation: where its `}` stands, and from where to where each alternative goes. */
interface Pair {
  close: number
  parts: [from: number, to: number][]
}

/** Finds the partners of all braces in one pass; a group without a comma is ordinary text, as in a shell. */
function bracePairs(chars: string[]): Map<number, Pair> {
  const pairs = new Map<number, Pair>()
  const open: { at: number; cuts: number[] }[] = []
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i]
    if (char === '\\') i++
    else if (char === '[') i = classEnd(chars, i, chars.length) ?? i
    else if (char === '{') open.push({ at: i, cuts: [] })
    else if (char === ',') open.at(-1)?.cuts.push(i)
    else if (char === '}') {
      const group = open.pop()
      if (!group?.cuts.length) continue
      const edges = [group.at, ...group.cuts, i]
      pairs.set(group.at, { close: i, parts: group.cuts.concat(i).map((cut, part) => [(edges[part] as number) + 1, cut]) })
    }
  }
  return pairs
}
