/** Reads one entry of a client's file, in whatever words it is written, into the words of our config. */
import { shellSplit } from '../../std/shell-split.ts'
import type { Dialect } from '../client.ts'
import { isTree } from '../formats/format.ts'
import { RawEntry } from './raw-entry.ts'
import { readSettings } from './read-settings.ts'
import type { ImportNote, ServerEntry } from './server-entry.ts'
import { asText, strings, textMap } from './strings.ts'
import { hasVariable, type Need, type Surroundings } from './variables.ts'

/** What came out of an entry, or why nothing did. */
export type EntryRead = { entry: ServerEntry; needs: Need[]; notes: ImportNote[] } | { unusable: string }

const URL_KEYS = ['url', 'httpUrl', 'serverUrl', 'uri', 'endpoint', 'http_url', 'sse_url']
const TYPE_KEYS = ['type', 'transport', 'transportType']
const CWD_KEYS = ['cwd', 'working_directory', 'workingDirectory', 'workingDir']
const ENV_KEYS = ['env', 'environment', 'envs']

type Transport = 'stdio' | 'http' | 'sse'

/** Names of transports, by what we call them; undefined where the name only says that there is an address. */
const TRANSPORTS: Record<string, Transport | undefined> = {
  stdio: 'stdio',
  local: 'stdio',
  http: 'http',
  'streamable-http': 'http',
  streamablehttp: 'http',
  streamable_http: 'http',
  streamable: 'http',
  sse: 'sse',
  remote: undefined,
  auto: undefined,
}

/** Reads an entry. Texts come out in the words of our config; nothing else about them is decided here. */
export function readEntry(values: unknown, dialect: Dialect, around: Surroundings): EntryRead {
  if (!isTree(values)) return { unusable: 'it is no map of keys and values' }
  const raw = new RawEntry(values, dialect, around)
  const command = commandOf(raw)
  const url = raw.first(URL_KEYS, 'url')
  const transport = transportOf(raw)
  if ('unusable' in transport) return transport
  if (values.source === 'extension') return { unusable: 'an extension of the client starts it' }
  if (command === undefined && url === undefined) return { unusable: 'it names neither a command nor a url' }
  const isRemote = url !== undefined && (command === undefined || (transport.type !== undefined && transport.type !== 'stdio'))
  if (isRemote && !isAddress(url.text)) return { unusable: `the gateway cannot reach ${schemeOf(url.text)}` }
  const runs = isRemote ? remote(raw, url.text, transport.type ?? typeByKey(url.key)) : local(raw, command ?? [])
  const entry = { ...runs, ...readSettings(raw) }
  return { entry, needs: raw.needs, notes: raw.notes }
}

function isAddress(url: string): boolean {
  return hasVariable(url) || (/^https?:\/\//i.test(url) && URL.canParse(url))
}

/** The address itself may hold a secret. */
function schemeOf(url: string): string {
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(url)?.[0]
  return scheme === undefined ? 'an address without https://' : `a ${scheme} address`
}

/** The program and its arguments: `command` may be one text or a list, and Goose says `cmd`. */
function commandOf(raw: RawEntry): string[] | undefined {
  const [value, cmd, given] = [raw.get('command'), raw.get('cmd'), raw.get('args')]
  const first = value ?? cmd
  const all = [
    ...(typeof first === 'string' ? [first] : texts(first)),
    ...(typeof given === 'string' ? words(given) : texts(given)),
  ]
  const [whole = ''] = all
  // A few people write the whole line as the command; a path with blanks in it is none.
  const [program, ...args] = all.length === 1 && !isPathWithBlanks(whole) ? words(whole) : all
  if (program === undefined || program.trim() === '') return undefined
  return [raw.text(program, 'command'), ...args.map((arg) => raw.text(arg, 'args'))]
}

function texts(list: unknown): string[] {
  return Array.isArray(list) ? list.map((item) => asText(item) ?? '') : []
}

/** The words of a line; the line itself where no shell would split it either. */
function words(line: string): string[] {
  const split = shellSplit(line)
  return 'error' in split ? [line] : split
}

/** `C:\Program Files\nodejs\node.exe` is one word; `npx -y some-server` is three. */
function isPathWithBlanks(command: string): boolean {
  return /^(?:[A-Za-z]:[\\/]|[\\/~])/.test(command) && !/\s-/.test(command)
}

function local(raw: RawEntry, [command = '', ...args]: string[]): ServerEntry {
  const cwd = raw.first(CWD_KEYS, 'cwd')?.text
  const { env, inherit } = environment(raw)
  return {
    command,
    // Without arguments, our config would split a command with blanks.
    ...((args.length > 0 || /\s/.test(command)) && { args }),
    ...(Object.keys(env).length > 0 && { env }),
    ...(inherit !== undefined && { inherit }),
    ...(cwd !== undefined && { cwd }),
  }
}

function environment(raw: RawEntry): { env: Record<string, string>; inherit: ServerEntry['inherit'] } {
  const env: Record<string, string> = {}
  const inherit: string[] = []
  for (const value of ENV_KEYS.map((key) => raw.get(key))) {
    for (const [name, text] of textMap(value)) env[name] = raw.text(text, 'env')
    // `null` is how mcp-hub passes a variable on.
    if (isTree(value)) inherit.push(...Object.keys(value).filter((name) => value[name] === null))
    // 1MCP has lists of `NAME` and `NAME=value`.
    for (const item of strings(value)) {
      const [name = '', ...rest] = item.split('=')
      if (rest.length === 0) inherit.push(name)
      else env[name] = raw.text(rest.join('='), 'env')
    }
  }
  const passed = raw.get('env_vars')
  for (const item of Array.isArray(passed) ? passed : []) inherit.push(...strings([isTree(item) ? item.name : item]))
  for (const name of strings(raw.get('env_keys')).filter((name) => env[name] === undefined)) {
    env[name] = `\${${name}}`
    raw.needs.push({ variable: name, from: 'client', input: name })
  }
  if (raw.get('inheritParentEnv') === true) return { env, inherit: 'all' }
  return { env, inherit: inherit.length > 0 ? inherit : undefined }
}

function remote(raw: RawEntry, url: string, type: Transport | undefined): ServerEntry {
  const headers = headersOf(raw)
  return {
    ...(type !== undefined && type !== 'stdio' && { type }),
    url,
    ...(Object.keys(headers).length > 0 && { headers }),
  }
}

function headersOf(raw: RawEntry): Record<string, string> {
  const nested = ['requestInit', 'requestOptions'].map((key) => raw.get(key)).filter(isTree)
  const maps = [raw.get('headers'), raw.get('http_headers'), ...nested.map(({ headers }) => headers)]
  const headers = Object.fromEntries(maps.flatMap(textMap).map(([name, text]) => [name, raw.text(text, 'headers')]))
  for (const [name, variable] of textMap(raw.get('env_http_headers'))) headers[name] = raw.variable(variable)
  const bearer = raw.get('bearer_token_env_var')
  if (typeof bearer === 'string') headers.Authorization = `Bearer ${raw.variable(bearer)}`
  return headers
}

function transportOf(raw: RawEntry): { type: Transport | undefined } | { unusable: string } {
  const said = TYPE_KEYS.map((key) => raw.get(key)).find((value) => typeof value === 'string')
  const name = said?.toLowerCase()
  if (name === undefined || Object.hasOwn(TRANSPORTS, name)) return { type: name === undefined ? undefined : TRANSPORTS[name] }
  return { unusable: `the gateway cannot run what is of type ${said}` }
}

/** What the name of the key says about the transport. */
function typeByKey(key: string): Transport | undefined {
  if (key === 'httpUrl') return 'http'
  return key === 'sse_url' ? 'sse' : undefined
}
