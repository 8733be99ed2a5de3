/** Makes a command line of a package in the registry: pinned, of its own kind, and with nothing in it that is more than a word. */
import type { ServerEntry } from '../../clients/import/server-entry.ts'
import { literal, variableName } from '../../clients/import/variables.ts'
import type { Input } from '../../config/known-servers.ts'
import { Exit } from '../exit.ts'
import type { Proposal } from './proposal.ts'
import { isObject, type Json, objects, oneLine, unique, wordedValue } from './registry-json.ts'

export interface Package {
  type: string
  identifier: string
  version: string
  /** The registry that it is fetched from, where that is not the usual one of its kind. */
  baseUrl: string | undefined
  runtimeArguments: Json[]
  packageArguments: Json[]
  variables: Json[]
}

/** What starts each kind, the best first. Bundles (mcpb) are not started. */
export const RUNTIMES: Readonly<Record<string, string>> = { npm: 'npx', pypi: 'uvx', oci: 'docker', nuget: 'dnx' }

/** The grammar of names: what is an address, a file, a repository or a flag is refused. */
const IDENTIFIERS: Readonly<Record<string, RegExp>> = {
  npm: /^(?:@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~][\w.~-]*$/,
  pypi: /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
  oci: /^[a-z0-9][a-z0-9._-]*(?::\d+)?(?:\/[a-z0-9._-]+)*(?::[\w][\w.-]*)?(?:@sha256:[a-f0-9]{64})?$/,
  nuget: /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/,
}
const USUAL: Readonly<Record<string, RegExp>> = {
  npm: /^https:\/\/registry\.npmjs\.org$/,
  pypi: /^https:\/\/pypi\.org(?:\/simple)?$/,
  oci: /^https:\/\/(?:docker\.io|ghcr\.io|quay\.io|mcr\.microsoft\.com|gcr\.io)$/,
  nuget: /^https:\/\/api\.nuget\.org(?:\/v3(?:\/index\.json)?)?$/,
}
const VERSION = /^[0-9A-Za-z][\w.+-]*$/
const FLAG = /^--?[A-Za-z0-9][\w.-]*$/
/** They give a container the whole machine. */
const UNSAFE = /^--privileged$|docker\.sock|^--(?:pid|userns|ipc)(?:=host)?$/

/** The packages that are started as a program and talk over its pipes, in the order of what starts them. */
export function readPackages(list: readonly Json[]): Package[] {
  const packages = list.flatMap((one): Package[] => {
    const { registryType, identifier, version, registryBaseUrl, transport } = one
    const overPipes = !isObject(transport) || transport.type === undefined || transport.type === 'stdio'
    if (typeof registryType !== 'string' || typeof identifier !== 'string' || !overPipes) return []
    return [
      {
        type: registryType,
        identifier,
        version: typeof version === 'string' ? version : '',
        baseUrl: typeof registryBaseUrl === 'string' ? registryBaseUrl.replace(/\/+$/, '') : undefined,
        runtimeArguments: objects(one.runtimeArguments),
        packageArguments: objects(one.packageArguments),
        variables: objects(one.environmentVariables),
      },
    ]
  })
  const order = Object.keys(RUNTIMES)
  const placeOf = ({ type }: Package): number => (order.includes(type) ? order.indexOf(type) : order.length)
  return packages.sort((a, b) => placeOf(a) - placeOf(b))
}

/** The entry that starts a package, and the values that it wants. Ends the command where the package is not one that may be started. */
export function commandOf(one: Package, server: string): Pick<Proposal, 'entry' | 'inputs'> {
  refuseUnfit(one)
  const runtime = argumentsOf(one.runtimeArguments)
  const own = argumentsOf(one.packageArguments)
  const variables = variablesOf(one.variables, server)
  const names = Object.keys(variables.env)
  const unsafe = [...runtime.words, ...own.words].find((word) => one.type === 'oci' && UNSAFE.test(word))
  if (unsafe)
    throw new Exit(1, `${one.identifier} asks for ${unsafe}, which gives it the whole machine; add it by hand if you want that`)
  const entry: ServerEntry = {
    command: RUNTIMES[one.type] as string,
    args: lineOf(one, { runtime: runtime.words, own: own.words, names }),
    ...(names.length > 0 && { env: variables.env }),
  }
  return { entry, inputs: unique([...variables.inputs, ...runtime.inputs, ...own.inputs]) }
}

function refuseUnfit({ type, identifier, version, baseUrl }: Package): void {
  const shown = oneLine(identifier)
  if (!IDENTIFIERS[type]?.test(identifier))
    throw new Exit(1, `"${shown}" is no name of a package of ${type}, so it is not started`)
  if (baseUrl !== undefined && !USUAL[type]?.test(baseUrl)) {
    throw new Exit(
      1,
      `${shown} comes from ${oneLine(baseUrl)} and not from where packages of ${type} usually come from; add it by hand if you trust that`,
    )
  }
  const needsVersion = type !== 'oci' || version !== ''
  if (needsVersion && (!VERSION.test(version) || version === 'latest'))
    throw new Exit(1, `${shown} has no version that could be pinned`)
}

/** The words behind the launcher: its own flags, the pinned package, and the words of the server. */
function lineOf({ type, identifier, version }: Package, words: { runtime: string[]; own: string[]; names: string[] }): string[] {
  const { runtime, own, names } = words
  const without = (...usual: string[]): string[] => runtime.filter((word) => !usual.includes(word))
  switch (type) {
    case 'npm':
      return ['-y', ...without('-y', '--yes'), `${identifier}@${version}`, ...own]
    case 'pypi':
      // With --from, the identifier is the program that the package brings.
      return [...runtime, runtime.includes('--from') ? identifier : `${identifier}@${version}`, ...own]
    case 'oci': {
      const isPinned = identifier.includes('@') || /:[^/]*$/.test(identifier)
      const image = isPinned || version === '' ? identifier : `${identifier}:${version}`
      const told = without('run', '-i', '--rm')
      const passed = names.filter((name) => !told.includes(name)).flatMap((name) => ['-e', name])
      return ['run', '-i', '--rm', ...passed, ...told, image, ...own]
    }
    default:
      return [`${identifier}@${version}`, ...without('--yes'), '--yes', ...(own.length > 0 ? ['--', ...own] : [])]
  }
}

/** The words of arguments. What may be left out and has no value is left out, with its flag. */
function argumentsOf(list: readonly Json[]): { words: string[]; inputs: Input[] } {
  const words: string[] = []
  const inputs: Input[] = []
  for (const one of list) {
    const { type, name, format, valueHint } = one
    const flag = type === 'named' && typeof name === 'string' ? name : undefined
    if (type === 'named' && (flag === undefined || !FLAG.test(flag)))
      throw new Exit(1, `${oneLine(String(name))} is no flag; the server is not added`)
    const fixed = [one.value, one.default].find((text) => typeof text === 'string') as string | undefined
    if (format === 'boolean') {
      if (fixed === 'true' && flag) words.push(flag)
      continue
    }
    // A flag without a value is a switch.
    if (flag && fixed === undefined && one.isRequired !== true && valueHint === undefined) {
      if (one.value === undefined && one.isSecret === undefined && one.description === undefined) words.push(flag)
      continue
    }
    if (fixed === undefined && one.isRequired !== true) continue
    const hint = typeof valueHint === 'string' ? valueHint : (flag ?? 'argument').replace(/^-+/, '')
    const worded =
      one.value === undefined && fixed !== undefined
        ? { text: literal(oneLine(fixed)), inputs: [] }
        : wordedValue(one, variableName(hint))
    words.push(...(flag ? [flag] : []), worded.text)
    inputs.push(...worded.inputs)
  }
  return { words, inputs }
}

function variablesOf(list: readonly Json[], server: string): { env: Record<string, string>; inputs: Input[] } {
  const env: Record<string, string> = {}
  const inputs: Input[] = []
  for (const one of list) {
    const { name } = one
    if (typeof name !== 'string' || !/^[A-Za-z_]\w*$/.test(name))
      throw new Exit(1, `${server} wants a variable called ${oneLine(String(name))}, which cannot be`)
    const worded = wordedValue(one, name)
    env[name] = worded.text
    inputs.push(...worded.inputs)
  }
  return { env, inputs }
}
