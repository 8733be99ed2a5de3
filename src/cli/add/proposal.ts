/** A server that may be added: its entry, the values that it wants, and what there is to say about it. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { absolute } from '../../clients/import/absolute.ts'
import { withoutBridge } from '../../clients/import/bridges.ts'
import { aggregatorIn, isOwnGateway } from '../../clients/import/gateways.ts'
import { movedTo } from '../../clients/import/moved.ts'
import { runKey } from '../../clients/import/same.ts'
import { isPlaceholder } from '../../clients/import/secrets.ts'
import type { ServerEntry } from '../../clients/import/server-entry.ts'
import { mapTexts } from '../../clients/import/texts.ts'
import { variableName } from '../../clients/import/variables.ts'
import { unwrap } from '../../clients/import/wrappers.ts'
import type { Machine } from '../../clients/machine.ts'
import type { Input, KnownServer } from '../../config/known-servers.ts'
import { Exit } from '../exit.ts'

export interface Proposal {
  name: string
  /** Whether somebody has chosen the name. */
  named: boolean
  entry: ServerEntry
  inputs: Input[]
  /** Where its keys come from. */
  docs: string | undefined
  /** What a person should know, a sentence each. */
  notes: string[]
  /** What helps somebody who has to answer questions about it, or for whom it does not work. */
  background: string[]
  /** It comes from people whom nobody has checked, so it is started only on consent. */
  source?: string
}

/** What an entry is looked at with. */
export interface Around {
  machine: Machine
  known: readonly KnownServer[]
  /** The addresses at which this gateway listens. */
  own: string[]
}

const SCHEME = /^(?:Bearer|Basic|Token|ApiKey|Bot)\s+/i

/** The proposal for a server of the catalogue. */
export function fromCatalogue(known: KnownServer, name: string | undefined): Proposal {
  const { id, entry, inputs = [], docs, note, confidence } = known
  const background = [
    ...(note ? [note] : []),
    ...(confidence === 'medium' ? [`Its address comes from one source only; ${docs} says whether it is right.`] : []),
  ]
  return { name: name ?? id, named: name !== undefined, entry: entry as ServerEntry, inputs, docs, notes: [], background }
}

/** The proposal for an entry that somebody gave: without wrappers, at its new address, and with the keys that its kind wants. */
export function fromEntry(given: ServerEntry, name: string, named: boolean, around: Around): Proposal {
  const notes: string[] = []
  let entry = unwrap(atHome(given, around.machine), around.machine.system)
  if (isOwnGateway(name, entry, { urls: around.own }))
    throw new Exit(2, `${name} is this gateway itself; it cannot be a server of its own`)
  const bridge = withoutBridge(entry)
  if (bridge) notes.push(`${bridge.name} only leads to the address; the gateway goes there by itself.`)
  entry = bridge?.entry ?? entry
  const moved = entry.url === undefined ? undefined : movedTo(entry.url)
  if (moved !== undefined) {
    notes.push(`Its vendor has moved it from ${entry.url} to ${moved}.`)
    const { type: _type, ...rest } = entry
    entry = { ...rest, url: moved }
  }
  const gateway = aggregatorIn(entry)
  if (gateway) notes.push(`It is ${gateway}, with servers of its own behind it.`)
  const same = around.known.find((one) => isSame(one.entry as ServerEntry, entry))
  const { entry: open, inputs } = withPlaceholders(entry, name)
  if (!same) return { name, named, entry: open, inputs, docs: undefined, notes, background: [] }
  const wanted = (same.inputs ?? []).filter(
    (input) => !inputs.some((one) => one.name === input.name) && !saysAlready(open, same, input),
  )
  return {
    name,
    named,
    entry: withWanted(open, same, wanted),
    inputs: [...inputs, ...wanted],
    docs: same.docs,
    notes,
    background: [],
  }
}

/** The entry as it means the same from any folder, where it speaks of files in this one. */
function atHome(entry: ServerEntry, machine: Machine): ServerEntry {
  const words = [entry.command ?? '', ...(entry.args ?? [])]
  const isHere = (word: string, i: number): boolean =>
    /^\.{1,2}(?:[\\/]|$)/.test(word) ||
    /^--?[\w-]+=\.{1,2}[\\/]/.test(word) ||
    (i > 0 && /[./\\]/.test(word) && existsSync(join(machine.cwd, word)))
  return entry.cwd !== undefined || words.some(isHere) ? absolute(entry, machine.cwd, machine) : entry
}

/** The entry with each `<your token>` as an input that is to be asked for. */
function withPlaceholders(entry: ServerEntry, server: string): { entry: ServerEntry; inputs: Input[] } {
  const inputs: Input[] = []
  const open = mapTexts(entry, (text, [part, key]) => {
    if (part !== 'env' && part !== 'headers') return text
    const scheme = part === 'headers' ? (SCHEME.exec(text)?.[0] ?? '') : ''
    const value = text.slice(scheme.length)
    if (!isPlaceholder(value) || value === 'none' || value === 'null') return text
    const name = part === 'env' ? String(key) : variableName(`${server}_${/^authorization$/i.test(String(key)) ? 'token' : key}`)
    inputs.push({ name, required: true, secret: true, about: `in the place of ${value}` })
    return `${scheme}\${${name}}`
  })
  return { entry: open, inputs }
}

/** Whether two entries are the same server, whatever keys they are given. */
function isSame(a: ServerEntry, b: ServerEntry): boolean {
  if (a.url !== undefined || b.url !== undefined) return a.url?.replace(/\/+$/, '') === b.url?.replace(/\/+$/, '')
  const bare = ({ command = '', args = [] }: ServerEntry): string => runKey({ command, args: args.map(withoutVersion) })
  return bare(a) === bare(b)
}

function withoutVersion(arg: string): string {
  return arg.replace(/(.)@[^@/]*$/, '$1')
}

/** Whether the entry has a value of its own in the place of an input. */
function saysAlready(entry: ServerEntry, { entry: known }: KnownServer, input: Input): boolean {
  return (['env', 'headers'] as const).some((part) =>
    Object.entries((known as ServerEntry)[part] ?? {}).some(
      ([key, text]) =>
        text.includes(`\${${input.name}}`) &&
        Object.keys(entry[part] ?? {}).some((name) => name.toLowerCase() === key.toLowerCase()),
    ),
  )
}

/** The entry with the places of these inputs, as the catalogue has them. */
function withWanted(entry: ServerEntry, { entry: known }: KnownServer, wanted: readonly Input[]): ServerEntry {
  const filled = { ...entry }
  for (const part of ['env', 'headers'] as const) {
    const places = Object.entries((known as ServerEntry)[part] ?? {}).filter(([, text]) =>
      wanted.some(({ name }) => text.includes(`\${${name}}`)),
    )
    if (places.length > 0) filled[part] = { ...entry[part], ...Object.fromEntries(places) }
  }
  return filled
}
