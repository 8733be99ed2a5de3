/** Finds the servers that a request means: in the catalogue, in the registry, in what was pasted, or by its own words. */
import type { ServerEntry } from '../../clients/import/server-entry.ts'
import { thisMachine } from '../../clients/machine.ts'
import { type KnownServer, knownServers } from '../../config/known-servers.ts'
import { suggest } from '../../std/suggest.ts'
import { Exit } from '../exit.ts'
import { nameOfPackage } from './infer-name.ts'
import { type Around, fromCatalogue, fromEntry, type Proposal } from './proposal.ts'
import type { Request } from './request.ts'

/** The grammar of npm; what else npm takes (addresses, files, repositories) is not started without being named as such. */
const PACKAGE = /^(?:@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*(?:@[\w.~^-]+)?$/i
/** `io.github.somebody/server` */
const REGISTRY_NAME = /^[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)+\/[a-zA-Z0-9._-]+$/

export interface Finder {
  request: Request
  /** The addresses at which this gateway listens. */
  own: string[]
  readStdin(): Promise<string>
  fromRegistry(server: string, name: string | undefined): Promise<Proposal>
  fromPasted(text: string, name: string | undefined, around: Around): Promise<Proposal[]>
}

/** The servers of a request; ends the command where there is none. */
export async function proposalsFor(finder: Finder): Promise<Proposal[]> {
  const { subject } = finder.request
  const around = { known: await knownServers(), machine: thisMachine(process.env, process.cwd()), own: finder.own }
  switch (subject.kind) {
    case 'entry':
      return [fromEntry(subject.entry, subject.name, true, around)]
    case 'registry':
      return [withGiven(await finder.fromRegistry(subject.server, subject.name), finder.request)]
    case 'pasted': {
      const text = subject.text === '-' ? await finder.readStdin() : subject.text
      const proposals = await finder.fromPasted(text, subject.name, around)
      return forAll(proposals, finder.request)
    }
    case 'word':
      return [await byWord(subject.word, subject.name, finder, around)]
    // Neither is about a server.
    case 'list':
    case 'help':
      return []
  }
}

/** What the flags say is for one server; of several, only values that one of them asks for can be meant. */
function forAll(proposals: Proposal[], request: Request): Proposal[] {
  const [only, another] = proposals
  if (only && !another) return [withGiven(only, request)]
  const { given, more } = request
  const lost = [...Object.keys(given.env), ...Object.keys(given.headers)].find(
    (key) => !proposals.some(({ inputs }) => inputs.some(({ name }) => name === key)),
  )
  if (lost !== undefined)
    throw new Exit(2, `the text holds ${proposals.length} servers, and nothing says which of them gets ${lost}`)
  return proposals.map((one) => ({ ...one, entry: { ...one.entry, ...more } }))
}

async function byWord(word: string, name: string | undefined, finder: Finder, around: Around): Promise<Proposal> {
  const found = around.known.find(({ id }) => id === word.toLowerCase())
  if (found) return withGiven(fromCatalogue(found, name), finder.request)
  if (REGISTRY_NAME.test(word)) return withGiven(await finder.fromRegistry(word, name), finder.request)
  const isPackage = PACKAGE.test(word) && (word.startsWith('@') || /mcp|server/i.test(word))
  if (!isPackage) throw new Exit(1, notFound(word, around.known))
  const entry: ServerEntry = { command: 'npx', args: ['-y', word] }
  return withGiven(fromEntry(entry, name ?? nameOfPackage(word), name !== undefined, around), finder.request)
}

function notFound(word: string, known: readonly KnownServer[]): string {
  const meant = suggest(
    word,
    known.map(({ id }) => id),
  )
  const lines = [
    `the catalogue has no ${word}${meant ? `; did you mean ${meant}?` : ''}`,
    `  what there is:   mcp-gw add --list`,
    `  a package:       mcp-gw add ${word} -- npx -y ${word}`,
    `  an address:      mcp-gw add ${word} https://…`,
    `  the registry:    mcp-gw add --registry ${word}`,
  ]
  return lines.join('\n')
}

/** The proposal with what the flags say beside the values that it asks for. */
function withGiven(proposal: Proposal, { given, more }: Request): Proposal {
  const { entry, inputs, name } = proposal
  const env = Object.fromEntries(Object.entries(given.env).filter(([key]) => !inputs.some((input) => input.name === key)))
  const [unfit] = Object.keys(entry.url === undefined ? given.headers : env)
  if (unfit !== undefined) {
    const wants = inputs.length > 0 ? `; it takes ${inputs.map((input) => `-e ${input.name}=…`).join(' and ')}` : ''
    const way = entry.url === undefined ? 'a program, and takes no headers' : 'reached over the network, and gets no variables'
    throw new Exit(2, `${name} is ${way}, so ${unfit} would be lost${wants}`)
  }
  const parts = {
    ...(Object.keys(env).length > 0 && { env: { ...entry.env, ...env } }),
    ...(Object.keys(given.headers).length > 0 && { headers: mergedHeaders(entry.headers, given.headers) }),
  }
  const said = Object.keys(given.headers).map((header) => header.toLowerCase())
  const covered = Object.entries(entry.headers ?? {}).filter(([header]) => said.includes(header.toLowerCase()))
  // A header that is given whole needs no key any more.
  const open = inputs.filter((input) => !covered.some(([, text]) => text.includes(`\${${input.name}}`)))
  return { ...proposal, inputs: open, entry: { ...entry, ...parts, ...more } }
}

function mergedHeaders(before: Record<string, string> = {}, given: Record<string, string>): Record<string, string> {
  const said = Object.keys(given).map((header) => header.toLowerCase())
  return { ...Object.fromEntries(Object.entries(before).filter(([header]) => !said.includes(header.toLowerCase()))), ...given }
}
