/** Settles what one client can take: what the config says, else what is known of it, else nothing in particular. */
import { globMatcher } from '../../std/glob.ts'
import type { Facts, Fit } from './fit.ts'
import { type ClientRecord, KNOWN_CLIENTS } from './known.ts'
import type { ClientOptions } from './options.ts'

/** Clients of which nothing is known keep this much of the instructions of one server; the config says how much of all. */
const USUAL: Facts = { instructions: { server: 2_048 } }

/** What a client says of itself. */
export interface ClientName {
  readonly name: string
  readonly version?: string | undefined
}

/** The first entry of the config that fits the name changes what is known. */
export function fitOf(options: Readonly<Record<string, ClientOptions>>, named: ClientName): Fit {
  const record = knownClient(named)
  const known = record?.facts ?? {}
  const changed = configuredFacts(options, named)
  const facts: Facts = {
    ...known,
    ...changed,
    instructions: { ...USUAL.instructions, ...(record && known.instructions), ...changed.instructions },
  }
  const { nameMax, descriptionMax, passes = [], formats } = facts
  const untouched = nameMax === undefined && descriptionMax === undefined && passes.length === 0
  return { ...facts, client: record?.client, key: untouched ? '' : JSON.stringify([nameMax, descriptionMax, passes, formats]) }
}

/** What the config says of a client. */
export function configuredFacts(options: Readonly<Record<string, ClientOptions>>, { name }: ClientName): Facts {
  const own = Object.entries(options).find(([glob]) => matcher([glob])(name))?.[1]
  return own ? factsOf(own) : {}
}

/** The record that fits the name and the version; of a client that gives no version, the newest. */
export function knownClient({ name, version }: ClientName): ClientRecord | undefined {
  return RECORDS.find(({ before, fits }) => fits(name) && (before === undefined || isBefore(version, before)))?.record
}

function matcher(globs: readonly string[]): (name: string) => boolean {
  const matches = globMatcher(globs.map((glob) => glob.toLowerCase()))
  return (name) => matches(name.toLowerCase())
}

/** Made once: every session asks all of them. */
const RECORDS = KNOWN_CLIENTS.map((record) => ({ record, before: record.before, fits: matcher(record.names) }))

/** Compares the numbers of two versions; what is no version is before none. */
function isBefore(version: string | undefined, limit: string): boolean {
  const [own, other] = [numbers(version ?? ''), numbers(limit)]
  if (own.length === 0) return false
  const at = other.findIndex((one, index) => one !== (own[index] ?? 0))
  return at >= 0 && (own[at] ?? 0) < (other[at] as number)
}

function numbers(version: string): number[] {
  return /^v?(\d+(?:\.\d+)*)/.exec(version)?.[1]?.split('.').map(Number) ?? []
}

function factsOf(options: ClientOptions): Facts {
  const { tool_name, tools, description, schemas, formats, results, list_changes, tool_search, instructions } = options
  const facts: Facts = {
    nameMax: tool_name,
    toolsMax: tools,
    descriptionMax: description,
    passes: schemas,
    formats,
    resultTokensMax: results,
    listChanges: list_changes,
    toolSearch: tool_search,
    instructions: Object.keys(given(instructions)).length > 0 ? given(instructions) : undefined,
  }
  return given(facts)
}

function given<T extends object>(facts: T): T {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as T
}
