/** What `init` has to know, and what it takes for granted where nobody says anything else. */
import type { FoundClient } from '../../clients/find.ts'
import type { ImportedServer } from '../../clients/import/import.ts'
import { suggest } from '../../std/suggest.ts'
import { Exit } from '../exit.ts'
import type { Survey } from './survey.ts'

/** What becomes of the entries that are taken over: out of the clients, switched off there, or left as they are. */
export const ORIGINALS = ['move', 'disable', 'keep'] as const
/** How clients reach the gateway: over HTTP, by the bridge, or as fits each. */
export const MODES = ['auto', 'http', 'stdio'] as const
/** Where secrets go that stand in plain text in the clients' files. */
export const SECRETS = ['keychain', 'env', 'keep'] as const

export interface Answers {
  /** Ids of the clients that are pointed at the gateway. */
  clients: string[]
  /** Names of the servers that are taken over. */
  servers: string[]
  secrets: (typeof SECRETS)[number]
  /** Values that no file says, by variable. */
  values: Record<string, string>
  /** Servers that are taken over switched off, and why. */
  off: Record<string, string>
  originals: (typeof ORIGINALS)[number]
  mode: (typeof MODES)[number]
}

/** The flags that answer a question; one that is absent leaves the question open. */
export interface InitFlags {
  clients?: string
  servers?: string
  secrets?: Answers['secrets']
  originals?: Answers['originals']
  mode?: Answers['mode']
}

/** Everything sensible: the clients that are installed, the servers that are on, and nothing of anybody's taken away. */
export function sensibleAnswers({ found, imported, machine }: Survey, keychain: boolean): Answers {
  return {
    clients: found.filter((one) => canBeWritten(one)).map(({ client }) => client.id),
    servers: imported.servers.filter((server) => isSensible(server, machine.cwd)).map(({ name }) => name),
    secrets: keychain ? 'keychain' : 'env',
    values: {},
    off: {},
    originals: 'keep',
    mode: 'auto',
  }
}

/** With what the flags say in place of what is sensible. Throws `Exit` where they name something that is not there. */
export function withFlags(answers: Answers, flags: InitFlags, { found, imported }: Survey): Answers {
  const ids = found.filter(({ client }) => client.tier !== 'import').map(({ client }) => client.id)
  const names = imported.servers.map(({ name }) => name)
  return {
    ...answers,
    clients: flags.clients === undefined ? answers.clients : chosen(flags.clients, ids, answers.clients, 'client'),
    servers: flags.servers === undefined ? answers.servers : chosen(flags.servers, names, answers.servers, 'server'),
    ...(flags.secrets && { secrets: flags.secrets }),
    ...(flags.originals && { originals: flags.originals }),
    ...(flags.mode && { mode: flags.mode }),
  }
}

/** `a,b`, `all`, `none`, or `!a` for what is sensible without one. */
function chosen(text: string, known: readonly string[], sensible: readonly string[], noun: string): string[] {
  if (text === 'all') return [...known]
  if (text === 'none' || text === '') return []
  const words = text.split(',').map((word) => word.trim())
  const without = new Set(words.filter((word) => word.startsWith('!')).map((word) => word.slice(1)))
  const named = words.filter((word) => !word.startsWith('!'))
  for (const word of named) {
    if (known.includes(word)) continue
    const near = suggest(word, known)
    const list = known.length > 0 ? `there are: ${known.join(', ')}` : 'there are none'
    throw new Exit(2, `there is no ${noun} "${word}" on this machine${near ? `; did you mean ${near}?` : ''} (${list})`)
  }
  const base = named.length > 0 ? named : sensible
  return base.filter((word) => !without.has(word))
}

/** Installed, written by itself, and with no file that cannot be read. */
export function canBeWritten({ client, sign, files }: FoundClient): boolean {
  const readable = files.every(({ problem, file }) => !problem || file.scope !== 'user')
  return client.tier === 'full' && sign !== undefined && readable
}

/** On, anybody's to move, complete, and not of another project than this one. */
function isSensible({ entry, readOnly, origins, needs }: ImportedServer, cwd: string): boolean {
  const here = origins.some(({ project }) => project === undefined || project === cwd)
  return !entry.disabled && readOnly === undefined && here && needs.every(({ from }) => from === 'environment')
}

/** The same answers as a command that asks nothing. */
export function asCommand({ clients, servers, secrets, originals, mode }: Answers): string {
  const list = (words: string[]): string => words.join(',') || 'none'
  const parts = [`--clients ${list(clients)}`, `--servers ${list(servers)}`, `--secrets ${secrets}`]
  return ['mcp-gw init --yes', ...parts, `--originals ${originals}`, `--mode ${mode}`].join(' ')
}
