/** Makes an entry of our config from what the flags of an add command say. */
import type { ServerEntry } from '../../clients/import/server-entry.ts'
import { formatDuration, parseDuration } from '../../std/duration.ts'
import { shellSplit } from '../../std/shell-split.ts'
import { type Field, isUrl, type Parsed } from './grammar.ts'

export type Made<T> = T | { error: string }

/** What people call the transports; an empty text says nothing that the address does not say. */
const TRANSPORTS: Readonly<Record<string, 'stdio' | 'http' | 'sse' | ''>> = {
  stdio: 'stdio',
  local: 'stdio',
  http: 'http',
  'streamable-http': 'http',
  streamablehttp: 'http',
  streamable_http: 'http',
  streamable: 'http',
  sse: 'sse',
  remote: '',
  auto: '',
}

/** Names and values as `-e` and `-H` give them. */
export interface Given {
  env: Record<string, string>
  headers: Record<string, string>
}

/** The pairs of `-e`, of the file of `--env-file`, and of `-H`. */
export function givenIn({ fields }: Pick<Parsed, 'fields'>, file: Record<string, string> = {}): Made<Given> {
  const env: Record<string, string> = { ...file }
  for (const pair of fields.env ?? []) {
    const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=([\s\S]*)$/.exec(pair) ?? []
    if (name === undefined || value === undefined) return { error: `expected NAME=value behind -e, got "${shown(pair)}"` }
    env[name] = value
  }
  const headers: Record<string, string> = {}
  for (const header of fields.header ?? []) {
    const at = header.search(/[:=]/)
    const name = header.slice(0, at).trim()
    const value = header.slice(at + 1).trim()
    if (at < 0 || !/^[!#$%&'*+.^_`|~A-Za-z0-9-]+$/.test(name))
      return { error: `expected "Name: value" behind -H, got "${shown(header)}"` }
    if (/[\r\n\0]/.test(value)) return { error: `the header ${name} goes over several lines, which HTTP does not allow` }
    headers[name] = value
  }
  const [variable] = fields.bearer ?? []
  if (variable !== undefined) headers.Authorization = `Bearer \${${variable}}`
  return { env, headers }
}

/** The entry of a program or an address; `target` is the words that name it. */
export function entryFrom(target: readonly string[], parsed: Pick<Parsed, 'fields'>, given: Given): Made<ServerEntry> {
  const { fields } = parsed
  const transport = transportIn(fields)
  if (typeof transport === 'object') return transport
  const words = wordsOf(target, fields)
  if ('error' in words) return words
  const [url] = [...(fields.url ?? []), ...words.filter((word, i) => i === 0 && isUrl(word))]
  if (url !== undefined) return remote(url, words, transport, { parsed, given })
  const [command, ...args] = words
  if (!command) return { error: 'nothing says what to start: give a command behind --, or an address' }
  if (transport && transport !== 'stdio')
    return { error: `${command} is a program, and ${transport} needs an address that begins with http` }
  const unfit = Object.keys(given.headers)[0]
  if (unfit !== undefined)
    return { error: `${command} is a program, and the header ${unfit} needs an address; give it as -e NAME=value` }
  const { env } = given
  const [cwd] = fields.cwd ?? []
  const more = moreOf(fields)
  if ('error' in more) return more
  return {
    command,
    ...(args.length > 0 && { args }),
    ...(Object.keys(env).length > 0 && { env }),
    ...(cwd !== undefined && { cwd }),
    ...more,
  }
}

function remote(
  url: string,
  words: readonly string[],
  transport: 'stdio' | 'http' | 'sse' | '',
  { parsed: { fields }, given }: { parsed: Pick<Parsed, 'fields'>; given: Given },
): Made<ServerEntry> {
  if (!URL.canParse(url)) return { error: `${url} is no address` }
  const extra = words.filter((word) => word !== url)
  if (extra.length > 0) return { error: `${url} is an address, so nothing can stand behind it, and there is ${extra.join(' ')}` }
  if (transport === 'stdio') return { error: `${url} is an address, and stdio needs a program` }
  const { headers } = given
  // A value for a variable that the headers name is welcome; nothing else could get there.
  const lost = Object.keys(given.env).find(
    (name) => ![url, ...Object.values(headers)].some((text) => text.includes(`\${${name}}`)),
  )
  if (lost !== undefined) return { error: `${url} is reached over the network and gets no ${lost}; give it as -H "Name: value"` }
  if (fields.cwd) return { error: `${url} is reached over the network, where --cwd means nothing` }
  const more = moreOf(fields)
  if ('error' in more) return more
  return { url, ...(transport && { type: transport }), ...(Object.keys(headers).length > 0 && { headers }), ...more }
}

/** The keys that any server may have. */
export function moreOf(fields: Parsed['fields']): Made<Pick<ServerEntry, 'timeout' | 'tools' | 'disabled'>> {
  const timeout = timeoutIn(fields)
  if (typeof timeout === 'object') return timeout
  const allow = listOf(fields.allow).filter((name) => name !== '*')
  const deny = listOf(fields.deny)
  const tools = { ...(allow.length > 0 && { allow }), ...(deny.length > 0 && { deny }) }
  return {
    ...(timeout !== undefined && { timeout }),
    ...(Object.keys(tools).length > 0 && { tools }),
    ...(fields.disabled && { disabled: true }),
  }
}

/** `30s` is ours, and a bare number is milliseconds everywhere. */
function timeoutIn({ timeout }: Parsed['fields']): Made<string> | undefined {
  const [text] = timeout ?? []
  if (text === undefined) return undefined
  if (/^\d+$/.test(text)) return formatDuration(Number(text))
  return parseDuration(text) === undefined ? { error: `--timeout: expected 30s, 2m or milliseconds, got "${text}"` } : text
}

function transportIn({ transport }: Parsed['fields']): 'stdio' | 'http' | 'sse' | '' | { error: string } {
  const said = transport?.[0]?.toLowerCase() ?? ''
  if (said === '') return ''
  return Object.hasOwn(TRANSPORTS, said)
    ? (TRANSPORTS[said] as 'stdio')
    : { error: `there is no transport ${said}; there are stdio, http and sse` }
}

/** The words of what is started: behind the name, or by flags. One word with blanks means several. */
function wordsOf(target: readonly string[], fields: Parsed['fields']): Made<string[]> {
  const named = [...(fields.command ?? []), ...target]
  const [only] = named
  let words = named
  if (named.length === 1 && only !== undefined && /\s/.test(only) && !isUrl(only)) {
    const split = shellSplit(only)
    if ('error' in split) return { error: `${only}: ${split.error}` }
    words = split
  }
  for (const text of fields.args ?? []) {
    // Some take a list with commas, some a piece of a command line.
    const more = /\s/.test(text) ? shellSplit(text) : text.split(',')
    if ('error' in more) return { error: `--args: ${more.error}` }
    words = [...words, ...more]
  }
  return words
}

function listOf(texts: string[] | undefined): string[] {
  return (texts ?? []).flatMap((text) => text.split(',')).flatMap((name) => name.trim() || [])
}

/** As much of a value as may be seen. */
function shown(pair: string): string {
  return pair.length > 20 ? `${pair.slice(0, 12)}…` : pair
}

/** Whether any flag of these was given. */
export function has(fields: Parsed['fields'], ...names: Field[]): boolean {
  return names.some((name) => fields[name] !== undefined)
}
