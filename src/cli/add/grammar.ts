/** Reads the words of an add command by its grammar: which flags there are, what they take, and where the server's own words begin. */

/** What a flag says, in our words. */
export type Field =
  | 'name'
  | 'url'
  | 'command'
  | 'args'
  | 'transport'
  | 'env'
  | 'env-file'
  | 'header'
  | 'bearer'
  /** A duration, or milliseconds. */
  | 'timeout'
  | 'cwd'
  | 'allow'
  | 'deny'
  | 'disabled'
  /** A server as JSON. */
  | 'json'
  /** It speaks of the client alone: which file, which window. */
  | 'client'
  /** It lets tools run without a question, which only the client can allow. */
  | 'approval'
  /** How to sign in. */
  | 'login'
  | OwnField

/** What only our own command knows. */
export type OwnField =
  | 'config'
  | 'scope'
  | 'registry'
  | 'registry-url'
  | 'trust-registry'
  | 'secrets'
  | 'list'
  | 'force'
  | 'dry-run'
  | 'yes'
  | 'no-check'
  | 'as-json'
  | 'log-level'
  | 'help'

/** `pairs` are several words in a row, as long as they look like pairs; `two` is a name and a value apart. */
type Takes = 'nothing' | 'value' | 'pairs' | 'two'

export interface Grammar {
  id: string
  flags: Readonly<Record<string, readonly [Field, Takes]>>
  /** What the words without a flag are, in their order. The last one takes the words that follow it. */
  words: readonly ('name' | 'target' | 'json')[]
  /** Once the target is a program, every word after it is the program's. */
  greedy?: true
}

export interface Parsed {
  fields: Partial<Record<Field, string[]>>
  /** The words without a flag. */
  words: string[]
  /** What stood behind `--`. */
  command: string[] | undefined
  /** Those that the grammar knows and we have no use for. */
  unused: { flag: string; field: Field }[]
}

const PAIR = { env: /^[A-Za-z_][A-Za-z0-9_]*=/, header: /^[A-Za-z0-9-]+(?::\s|=)/ }
const UNUSED: ReadonlySet<Field> = new Set(['client', 'approval', 'login'])

/** Reads all words; `first` ends before the first word that belongs to no flag, and gives the rest. */
export function parseWords(
  all: readonly string[],
  grammar: Grammar,
  first?: 'first',
): (Parsed & { rest: string[] }) | { error: string } {
  const parsed: Parsed = { fields: {}, words: [], command: undefined, unused: [] }
  let i = 0
  while (i < all.length) {
    const word = all[i] as string
    if (word === '--') return { ...parsed, command: all.slice(i + 1), rest: [] }
    const flag = flagIn(word, grammar)
    if (!flag) {
      const isFlag = /^-\w|^--\w/.test(word) && parsed.words.length < grammar.words.length
      if (isFlag) return { error: `${word.split('=')[0]} is no option here${first ? '' : ` of ${grammar.id}`}` }
      if (first) return { ...parsed, rest: all.slice(i) }
      parsed.words.push(word)
      i++
      if (grammar.greedy && isProgram(parsed.words, grammar))
        return { ...parsed, words: [...parsed.words, ...all.slice(i)], rest: [] }
      continue
    }
    const taken = takeValues(all, i + 1, flag)
    if ('error' in taken) return taken
    add(parsed, flag, taken.values)
    i = taken.next
  }
  return { ...parsed, rest: [] }
}

interface Flag {
  flag: string
  field: Field
  takes: Takes
  /** What stands in the same word: `--env=A=b`, `-eA=b`. */
  inline: string | undefined
}

function flagIn(word: string, { flags }: Grammar): Flag | undefined {
  const [, long, inline] = /^(--?[A-Za-z][\w-]*)(?:=([\s\S]*))?$/.exec(word) ?? []
  const [flag, value] = long !== undefined && Object.hasOwn(flags, long) ? [long, inline] : shortFlag(word, flags)
  if (flag === undefined) return undefined
  const [field, takes] = flags[flag] as readonly [Field, Takes]
  return { flag, field, takes, inline: value }
}

/** `-eA=b` is `-e A=b`. */
function shortFlag(word: string, flags: Grammar['flags']): [string | undefined, string | undefined] {
  const flag = word.slice(0, 2)
  const attached = /^-[A-Za-z]./.test(word) && Object.hasOwn(flags, flag) && flags[flag]?.[1] !== 'nothing'
  return attached ? [flag, word.slice(2)] : [undefined, undefined]
}

function takeValues(
  all: readonly string[],
  from: number,
  { flag, field, takes, inline }: Flag,
): { values: string[]; next: number } | { error: string } {
  if (takes === 'nothing') return { values: [inline ?? 'true'], next: from }
  if (inline !== undefined) return { values: [inline], next: from }
  const value = all[from]
  if (value === undefined || (value === '--' && takes !== 'two')) return { error: `${flag} needs a value` }
  if (takes === 'two') return { values: [`${value}=${all[from + 1] ?? ''}`], next: from + 2 }
  let next = from + 1
  const pair = field === 'env' || field === 'header' ? PAIR[field] : undefined
  if (takes === 'pairs' && pair) while (next < all.length && pair.test(all[next] as string)) next++
  return { values: all.slice(from, next), next }
}

function add(parsed: Parsed, { flag, field }: Flag, values: string[]): void {
  if (UNUSED.has(field)) parsed.unused.push({ flag, field })
  else parsed.fields[field] = [...(parsed.fields[field] ?? []), ...values]
}

function isProgram(words: string[], grammar: Grammar): boolean {
  const at = grammar.words.indexOf('target')
  const target = words[at]
  return target !== undefined && !isUrl(target) && !isText(target)
}

/** JSON, or TOML, or what comes on stdin. */
export function isText(word: string): boolean {
  return word === '-' || /^\s*[{[]/.test(word) || /\n\s*\[/.test(word)
}

/** A bare address is never taken for a program. */
export function isUrl(word: string): boolean {
  return /^https?:\/\//i.test(word)
}
