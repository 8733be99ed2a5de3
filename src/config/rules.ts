/** The rules of the config that no single key can keep: which keys go together, and what a server may be called. */
import { reveal, Secret } from '../std/secret.ts'
import type { Report } from './problem.ts'
import type { Entry, MapTree, Tree } from './tree.ts'

const ONLY_WITH_COMMAND = ['args', 'env', 'inherit', 'cwd']
const ONLY_WITH_URL = ['headers', 'tls_skip_verify', 'quirks']

const NAME = /^[A-Za-z0-9_.-]{1,64}$/
const NAME_LENGTH_MAX = 64
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i

/** Values as settled, before the schema has checked them. */
type Input = Record<string, unknown>

/** Reports what is wrong with one entry of `servers:` as a whole. */
export function serverRules(name: string, entry: Entry, input: Input, unresolved: ReadonlySet<Tree>, report: Report): void {
  const { value: server } = entry
  nameRule(name, entry, report)
  if (server.kind !== 'map') return
  const command = server.entries.get('command')
  const url = server.entries.get('url')
  if (!command && !url) {
    report(entry.keyAt, server.key, 'needs a command (a program to start) or a url (where it listens)')
    return
  }
  if (command && url) {
    report(Math.max(command.keyAt, url.keyAt), server.key, 'has both command and url; keep the one that is meant')
    return
  }
  const [foreign, reached] = command ? [ONLY_WITH_URL, 'started by command'] : [ONLY_WITH_COMMAND, 'reached by url']
  for (const key of foreign) {
    const misplaced = server.entries.get(key)
    if (misplaced) report(misplaced.keyAt, `${server.key}.${key}`, `cannot apply to a server ${reached}; remove it`)
  }
  typeRule(server, input, report)
  if (command && !unresolved.has(command.value)) commandRule(command.value, input.command, report)
  if (url && !unresolved.has(url.value)) urlRule(url.value, input.url, report)
}

function nameRule(name: string, { keyAt, value }: Entry, report: Report): void {
  const complaint = nameComplaint(name)
  if (complaint) report(keyAt, value.key, `${complaint}; rename the server, for example to ${mendedName(name)}`)
}

function nameComplaint(name: string): string | undefined {
  if (!name) return 'a server needs a name'
  if (name.length > NAME_LENGTH_MAX) return `the name is longer than ${NAME_LENGTH_MAX} characters`
  if (!NAME.test(name)) return 'a name has only the letters A to Z and a to z, digits, _, . and -'
  if (name.includes('__')) return 'two underscores separate the server from the tool in exposed names, so a name cannot have them'
  if (name === 'profile') return 'the path /mcp/profile is taken, so this name cannot be used'
  // No URL can end in these: they mean this folder and the one above.
  if (name === '.' || name === '..') return 'dots alone are no name'
  return undefined
}

/** The name made fit for a server; one that is fit stays as it is. */
export function mendedName(name: string): string {
  const plain = name
    .slice(0, 4 * NAME_LENGTH_MAX)
    .replace(/[^A-Za-z0-9_.-]+/g, '-')
    .replace(/_{2,}/g, '_')
    .slice(0, NAME_LENGTH_MAX)
    .replace(/^[-.]+|[-.]+$/g, '')
  if (plain === 'profile') return 'profile-server'
  return plain || 'my-server'
}

function typeRule(server: MapTree, { type, protocol }: Input, report: Report): void {
  const entry = server.entries.get('type')
  if (!entry || typeof type !== 'string') return
  const key = `${server.key}.type`
  if (type === 'stdio' && !server.entries.has('command')) {
    report(entry.value.at, key, 'stdio needs a command, and this server has a url; remove type')
  } else if (type !== 'stdio' && server.entries.has('command')) {
    report(entry.value.at, key, `${type} needs a url, and this server has a command; remove type, or write stdio`)
  } else if (type === 'sse' && protocol === 'stateless') {
    report(entry.value.at, key, 'sse is a transport of servers with sessions, and protocol says stateless; remove one of them')
  }
}

function commandRule({ at, key }: Tree, command: unknown, report: Report): void {
  if (isTextual(command) && !reveal(command).trim()) report(at, key, 'is empty; name the program to start')
}

/** A URL may hold a password or a key, so no message repeats it. */
function urlRule({ at, key }: Tree, url: unknown, report: Report): void {
  if (!isTextual(url)) return
  const parsed = URL.canParse(reveal(url)) ? new URL(reveal(url)) : undefined
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return
  const origin = url instanceof Secret ? `; ${url.origin} gives something else` : ''
  report(at, key, `expected a whole address that begins with http:// or https://${origin}`)
}

function isTextual(value: unknown): value is string | Secret {
  return typeof value === 'string' || value instanceof Secret
}

/** Reports an endpoint that other machines could reach although nobody said so. */
export function listenRule(root: MapTree, input: unknown, report: Report): void {
  const listen = root.entries.get('listen')?.value
  const host = listen?.kind === 'map' ? listen.entries.get('host')?.value : undefined
  const settled = input as { host?: unknown; insecure?: unknown }
  if (!host || typeof settled.host !== 'string' || !settled.host) return
  if (LOOPBACK.test(settled.host) || settled.insecure === true) return
  report(
    host.at,
    host.key,
    'other machines could use the gateway without a password at this address; ' +
      'listen on 127.0.0.1, or add listen.insecure: true if that is meant',
  )
}
