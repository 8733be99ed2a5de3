/** Recognises programs that only lead to an address (mcp-remote and others), so that the gateway can go there itself. */
import type { ServerEntry } from './server-entry.ts'
import { plain } from './variables.ts'
import { programName } from './wrappers.ts'

const URL_FORM = /^https?:\/\//i

/** How one bridge says what it does. Values of flags that are not listed here mean that it does more than we know. */
interface Bridge {
  readonly names: readonly string[]
  /** The flag before the address and the transport that it means; without flags, the address stands alone. */
  readonly urlFlags?: Readonly<Record<string, ServerEntry['type']>>
  /** The flag before a header: one word `Name: value`, or two words. */
  readonly headerFlags: readonly string[]
  readonly headerWords: 1 | 2
  readonly bearerFlags?: readonly string[]
  readonly transport?: { readonly flag: string; readonly values: Readonly<Record<string, ServerEntry['type']>> }
  /** Flags that change nothing about where it leads, with the number of words after each. */
  readonly harmless: Readonly<Record<string, number>>
}

const BRIDGES: readonly Bridge[] = [
  {
    names: ['mcp-remote'],
    headerFlags: ['--header'],
    headerWords: 1,
    transport: {
      flag: '--transport',
      values: { 'http-only': 'http', 'sse-only': 'sse', 'http-first': undefined, 'sse-first': undefined },
    },
    harmless: { '--debug': 0, '--allow-http': 0, '--silent': 0, '--host': 1, '--auth-timeout': 1 },
  },
  {
    names: ['supergateway'],
    urlFlags: { '--sse': 'sse', '--streamableHttp': 'http' },
    headerFlags: ['--header'],
    headerWords: 1,
    bearerFlags: ['--oauth2Bearer'],
    harmless: { '--logLevel': 1, '--outputTransport': 1 },
  },
  {
    names: ['mcp-proxy'],
    headerFlags: ['--headers', '-H'],
    headerWords: 2,
    transport: { flag: '--transport', values: { streamablehttp: 'http', sse: 'sse' } },
    harmless: { '--debug': 0 },
  },
]

/** The server that a bridge leads to; undefined where the entry is no bridge, or does more than to lead there. */
export function withoutBridge(entry: ServerEntry): { entry: ServerEntry; name: string } | undefined {
  const found = findBridge([entry.command ?? '', ...(entry.args ?? [])])
  if (!found) return undefined
  const target = readArguments(found.bridge, found.args, entry)
  if (!target) return undefined
  const { command: _c, args: _a, env: _e, inherit: _i, cwd: _d, type: _t, ...rest } = entry
  return { entry: { ...target, ...rest }, name: found.name }
}

/** The bridge among the words of a command, and what it is told: `npx -y mcp-remote@latest URL …`. */
function findBridge(words: string[]): { bridge: Bridge; name: string; args: string[] } | undefined {
  const runner = ['npx', 'bunx', 'uvx', 'pnpx'].includes(programName(words[0] ?? ''))
  let at = 0
  if (runner) {
    at = 1
    while (/^(?:-y|--yes|-q|--quiet|--)$/.test(words[at] ?? '')) at++
  }
  const name = programName(words[at] ?? '').replace(/(.)@[^@/]*$/, '$1')
  const bridge = BRIDGES.find(({ names }) => names.includes(name))
  return bridge && { bridge, name, args: words.slice(at + 1) }
}

/** Reads the arguments of a bridge; undefined where one of them is not understood for certain. */
function readArguments(bridge: Bridge, args: string[], entry: ServerEntry): ServerEntry | undefined {
  const headers: Record<string, string> = {}
  let url: string | undefined
  let type: ServerEntry['type']
  for (let i = 0; i < args.length; i++) {
    const word = args[i] as string
    const next = args[i + 1] ?? ''
    if (bridge.headerFlags.includes(word)) {
      const [name, value] = bridge.headerWords === 2 ? [next, args[i + 2] ?? ''] : headerOf(next)
      headers[name] = fromEnv(value, entry)
      i += bridge.headerWords
    } else if (bridge.bearerFlags?.includes(word)) {
      headers.Authorization = `Bearer ${fromEnv(next, entry)}`
      i++
    } else if (bridge.urlFlags && Object.hasOwn(bridge.urlFlags, word)) {
      url = next
      type = bridge.urlFlags[word]
      i++
    } else if (word === bridge.transport?.flag && Object.hasOwn(bridge.transport.values, next)) {
      type = bridge.transport.values[next]
      i++
    } else if (Object.hasOwn(bridge.harmless, word)) i += bridge.harmless[word] as number
    else if (url === undefined && !bridge.urlFlags && !word.startsWith('-')) url = word
    // The port on which mcp-remote waits for the browser.
    else if (!/^\d+$/.test(word)) return undefined
  }
  if (url === undefined || !URL_FORM.test(url)) return undefined
  const bearer = entry.env?.API_ACCESS_TOKEN
  if (bridge.names.includes('mcp-proxy') && bearer !== undefined) headers.Authorization ??= `Bearer ${bearer}`
  return { ...(type && { type }), url, ...(Object.keys(headers).length > 0 && { headers }) }
}

function headerOf(text: string): [string, string] {
  const colon = text.indexOf(':')
  return colon < 0 ? [text, ''] : [text.slice(0, colon).trim(), text.slice(colon + 1).trim()]
}

/** Bridges fill in `${VAR}` from their environment by themselves, which is how people get blanks past Windows. */
function fromEnv(value: string, { env = {} }: ServerEntry): string {
  return plain(value).replace(/\$\{(\w+)\}/g, (whole, name: string) => env[name] ?? whole)
}
