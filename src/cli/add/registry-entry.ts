/** Makes an entry of a `server.json` of the registry. All of it is written by strangers, so nothing in it is taken on trust. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { ServerEntry } from '../../clients/import/server-entry.ts'
import { variableName } from '../../clients/import/variables.ts'
import { Exit } from '../exit.ts'
import { nameOfPackage } from './infer-name.ts'
import type { Proposal } from './proposal.ts'
import { isObject, type Json, objects, oneLine, renamed, template, unique, type Worded, wordedValue } from './registry-json.ts'
import { commandOf, type Package, RUNTIMES, readPackages } from './registry-package.ts'

/** What we read of a `server.json`. */
export interface RegistryServer {
  name: string
  description: string
  version: string
  docs: string | undefined
  remotes: Json[]
  packages: Package[]
}

const NAME = /^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/
/** Reads a `server.json`; undefined where it is none. */
export function readServerJson(json: Json): RegistryServer | undefined {
  const server = renamed(json) as Json
  const { name, description, version, websiteUrl, repository } = server
  if (typeof name !== 'string' || !NAME.test(name) || typeof version !== 'string') return undefined
  const repositoryUrl = isObject(repository) ? repository.url : undefined
  const docs = [websiteUrl, repositoryUrl].find((url) => typeof url === 'string' && /^https?:\/\//.test(url))
  return {
    name,
    description: typeof description === 'string' ? oneLine(description) : '',
    version: oneLine(version),
    docs: docs as string | undefined,
    remotes: objects(server.remotes),
    packages: readPackages(objects(server.packages)),
  }
}

/** The best way to run it here: at its maker's place, or as a package that something on this machine can start. */
export function proposalOf(
  server: RegistryServer,
  given: { name: string | undefined; source: string; env: NodeJS.ProcessEnv },
): Proposal {
  const name = given.name ?? nameOfPackage(server.name.split('/').at(-1) as string)
  const about = { name, named: given.name !== undefined, docs: server.docs, notes: [], background: [], source: given.source }
  const remote = ['streamable-http', 'sse'].flatMap((type) => server.remotes.filter((one) => one.type === type))[0]
  if (remote) return { ...about, ...remoteEntry(remote, name) }
  const usable = server.packages.filter(({ type }) => RUNTIMES[type] && inPath(RUNTIMES[type], given.env))
  const [best] = usable
  if (best) return { ...about, ...commandOf(best, name) }
  const wanted = [...new Set(server.packages.flatMap(({ type }) => RUNTIMES[type] ?? []))]
  throw new Exit(
    1,
    `${server.name} cannot be run here: ${wanted.length > 0 ? `it needs ${wanted.join(' or ')}; install one of them` : 'it brings nothing that is started or reached'}`,
  )
}

function remoteEntry({ type, url, headers, variables }: Json, name: string): Pick<Proposal, 'entry' | 'inputs'> {
  if (typeof url !== 'string') throw new Exit(1, `${name} has no address in the registry`)
  const worded = wordedUrl(url, isObject(variables) ? variables : {})
  const host = URL.canParse(worded.text) ? new URL(worded.text) : undefined
  const isLocal = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(host?.hostname ?? '')
  if (!/^https:\/\//i.test(url) && !isLocal)
    throw new Exit(1, `${name} is reached at ${oneLine(url)}, which is not encrypted; add it by hand if you want it`)
  const inputs = [...worded.inputs]
  const texts: Record<string, string> = {}
  for (const header of objects(headers)) {
    const { name: key } = header
    if (typeof key !== 'string' || !/^[A-Za-z0-9-]+$/.test(key)) continue
    const value = wordedValue(header, variableName(`${name}_${/^authorization$/i.test(key) ? 'token' : key}`))
    texts[key] = value.text
    inputs.push(...value.inputs)
  }
  const entry: ServerEntry = {
    url: worded.text,
    ...(type === 'sse' && { type: 'sse' }),
    ...(Object.keys(texts).length > 0 && { headers: texts }),
  }
  return { entry, inputs: unique(inputs) }
}

/** An address with each `{variable}` as an input; without one there is no address, so each is needed. */
function wordedUrl(url: string, variables: Json): Worded {
  const { text, inputs } = template(url, variables)
  return { text, inputs: inputs.map((input) => ({ ...input, required: true })) }
}

function inPath(program: string, { PATH = '' }: NodeJS.ProcessEnv): boolean {
  const names = process.platform === 'win32' ? [`${program}.exe`, `${program}.cmd`] : [program]
  return PATH.split(delimiter).some((folder) => names.some((name) => isExecutable(join(folder, name))))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
