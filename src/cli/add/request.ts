/** Understands what somebody wants to add, in whatever shape it was typed or pasted. */
import type { ServerEntry } from '../../clients/import/server-entry.ts'
import { shellSplit } from '../../std/shell-split.ts'
import { entryFrom, type Given, givenIn, has, type Made, moreOf } from './entry.ts'
import { foreignCommand } from './foreign.ts'
import { type Grammar, isText, isUrl, type Parsed, parseWords } from './grammar.ts'
import { nameOfCommand, nameOfUrl } from './infer-name.ts'
import { OWN } from './own.ts'

/** What is to be added. */
export type Subject =
  /** A server whose entry is known; the name was given, or found. */
  | { kind: 'entry'; name: string; entry: ServerEntry }
  /** One word: a name of the catalogue, a package, a name of the registry. */
  | { kind: 'word'; word: string; name: string | undefined }
  /** JSON or TOML; `-` is what comes on stdin. */
  | { kind: 'pasted'; text: string; name: string | undefined }
  | { kind: 'registry'; server: string; name: string | undefined }
  | { kind: 'list'; query: string }
  | { kind: 'help' }

export interface Request {
  subject: Subject
  /** What was said about it beside the entry, for subjects that have none yet. */
  given: Given
  more: Pick<ServerEntry, 'timeout' | 'tools' | 'disabled'>
  /** Flags of a pasted command that have no counterpart here, by what they are about. */
  unused: Parsed['unused']
  /** The flags of our own command. */
  fields: Parsed['fields']
}

/** Reads the words behind `mcp-gw add`; `readEnvFile` gives the variables of `--env-file`. */
export function readRequest(
  words: readonly string[],
  readEnvFile: (path: string) => Made<Record<string, string>>,
): Made<Request> {
  const own = parseWords(words, OWN, 'first')
  if ('error' in own) return own
  const pasted = pastedCommand(own.rest)
  const parsed = pasted ? parseWords(pasted.words, pasted.grammar) : parseWords(words, own.fields.name ? WITHOUT_NAME : OWN)
  if ('error' in parsed) return parsed
  const fields = pasted ? { ...parsed.fields, ...own.fields } : parsed.fields
  const all = { ...parsed, fields }
  const [envFile] = fields['env-file'] ?? []
  const variables = envFile === undefined ? {} : readEnvFile(envFile)
  if ('error' in variables) return variables as { error: string }
  const given = givenIn(all, variables as Record<string, string>)
  if ('error' in given) return given as { error: string }
  const more = moreOf(fields)
  if ('error' in more) return more
  const meant = pasted ? foreignGiven(given as Given) : (given as Given)
  const subject = subjectOf(all, pasted?.grammar ?? OWN, meant)
  if ('error' in subject) return subject
  return { subject, given: meant, more, unused: parsed.unused, fields }
}

/** Where the name is given by a flag, the words begin with what is started. */
const WITHOUT_NAME: Grammar = { ...OWN, words: ['target'] }

/** A command of another program, word by word or as one text. */
function pastedCommand(words: readonly string[]): { grammar: Grammar; words: string[] } | undefined {
  const [only] = words
  if (words.length !== 1 || only === undefined || !/\s/.test(only) || isText(only)) return foreignCommand(words)
  const split = shellSplit(only.replace(/[<>]/g, (sign) => (sign === '<' ? OPEN : CLOSE)))
  if ('error' in split) return undefined
  return foreignCommand(split.map((word) => variable(word.replaceAll(OPEN, '<').replaceAll(CLOSE, '>'))))
}

/** `<your key>` stands in many READMEs, where it is no redirection. Signs that no text has carry it past the rules of shells. */
const OPEN = '\uE000'
const CLOSE = '\uE001'

/** No shell has filled in the variables of a text in quotes: `$TOKEN` and `KEY=$TOKEN` mean the variable. */
function variable(word: string): string {
  return word.replace(/\$([A-Za-z_]\w*)/g, (whole, name: string) => (name ? `\${${name}}` : whole))
}

/** A pasted command may name variables, as a shell would; nothing else of ours is meant there, least of all a file. */
function foreignGiven({ env, headers }: Given): Given {
  const mere = (values: Record<string, string>) =>
    Object.fromEntries(
      Object.entries(values).map(([name, text]) => [name, text.replace(/\$\{(?![A-Za-z_]\w*(?::-[^{}]*)?\})/g, '$$${')]),
    )
  return { env: mere(env), headers: mere(headers) }
}

function subjectOf(parsed: Parsed, grammar: Grammar, given: Given): Made<Subject> {
  const { fields, command } = parsed
  if (fields.help) return { kind: 'help' }
  if (fields.list) return { kind: 'list', query: parsed.words.join(' ') }
  const placed = placeWords(parsed, grammar)
  const { json } = placed
  const [flagged] = fields.name ?? []
  const name = flagged ?? placed.name
  const target = flagged !== undefined && placed.name !== undefined ? [placed.name, ...placed.target] : placed.target
  const [server] = fields.registry ?? []
  if (server !== undefined) return { kind: 'registry', server, name: name ?? placed.target[0] }
  const text = json ?? [target[0], name].find((word) => word !== undefined && isText(word))
  if (text !== undefined && !command) return { kind: 'pasted', text, name: text === name ? undefined : name }
  if (command?.length === 0) return { error: 'nothing stands behind --: give the command to start there' }
  const started = command ?? target
  const byFlags = has(fields, 'url', 'command')
  if (started.length === 0 && !byFlags) {
    if (name === undefined) return { error: 'nothing says what to add; see mcp-gw add --help' }
    return word(name, undefined, parsed, given)
  }
  const [lone, another] = target
  const isNamed = flagged !== undefined || grammar.words[0] === 'target'
  if (!command && !byFlags && isNamed && lone !== undefined && another === undefined) return word(lone, name, parsed, given)
  return named(name, started, parsed, given)
}

/** One word that is neither an address nor a command line is looked up. */
function word(one: string, name: string | undefined, parsed: Parsed, given: Given): Made<Subject> {
  if (isUrl(one) || /\s/.test(one)) return named(name, [one], parsed, given)
  return { kind: 'word', word: one, name }
}

/** The words without flags by what the grammar says that they are. */
function placeWords(
  { words, command }: Parsed,
  grammar: Grammar,
): { name: string | undefined; target: string[]; json: string | undefined } {
  const at = (kind: 'name' | 'target' | 'json'): number => grammar.words.indexOf(kind)
  const name = at('name') >= 0 ? words[at('name')] : undefined
  const json = at('json') >= 0 ? words[at('json')] : undefined
  const target = at('target') >= 0 && !command ? words.slice(at('target')) : []
  return { name, target, json }
}

function named(name: string | undefined, target: readonly string[], parsed: Parsed, given: Given): Made<Subject> {
  const entry = entryFrom(target, parsed, given)
  if ('error' in entry) return entry as { error: string }
  const made = entry as ServerEntry
  return { kind: 'entry', name: name ?? inferName(made), entry: made }
}

/** A name for a server that was given none. */
export function inferName({ url, command = '', args = [] }: ServerEntry): string {
  return url === undefined ? nameOfCommand(command, args) : nameOfUrl(url)
}
