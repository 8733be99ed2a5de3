/** What a machine has before it is set up: its clients, their servers, and our own config. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type FoundClient, findClients } from '../../clients/find.ts'
import { type Imported, importServers } from '../../clients/import/import.ts'
import { type Machine, thisMachine } from '../../clients/machine.ts'
import { readServer, readServerNames } from '../../config/edit/edit.ts'
import { find, namedFile } from '../../config/find.ts'
import { defaults, load, type Settled } from '../../config/load.ts'
import { configDir } from '../../std/paths.ts'
import { problemText } from '../context.ts'
import { Exit } from '../exit.ts'

export interface Survey {
  machine: Machine
  found: FoundClient[]
  imported: Imported
  config: OwnConfig
}

/** Our config file: the one that there is, or the one that will be. */
export interface OwnConfig {
  path: string
  exists: boolean
  settled: Settled
  /** The entries of `servers:` as they are written. */
  servers: Record<string, unknown>
}

/** Looks at everything and changes nothing. Ends the command where our own config has problems: nothing could be added to it. */
export async function survey(file: string | undefined): Promise<Survey> {
  const machine = thisMachine(process.env, process.cwd())
  const config = await ownConfig(file, machine)
  const found = await findClients(machine)
  const installed = found.filter(
    ({ sign, files, problem }) => sign !== undefined || problem || files.some(({ exists }) => exists),
  )
  const urls = [`http://127.0.0.1:${config.settled.config.listen.port}/mcp`]
  const imported = await importServers(installed, machine, { own: { urls }, existing: config.servers })
  return { machine, found: installed, imported, config }
}

async function ownConfig(file: string | undefined, { env, home, cwd }: Machine): Promise<OwnConfig> {
  const search = { cwd, env, ...(file !== undefined && { file }) }
  const named = namedFile(search)
  const place = find(search)
  const path = typeof place === 'string' ? place : (named?.path ?? join(configDir(env, process.platform, home), 'mcp-gw.yaml'))
  // A file that is named and not there yet is the one to be made.
  if (typeof place !== 'string') return { path, exists: false, settled: defaults(), servers: {} }
  const loaded = await load(search)
  if ('problems' in loaded)
    throw new Exit(1, `${problemText(loaded.problems)}\nNothing was changed. Mend the config first, then run this again.`)
  const text = await readFile(path, 'utf8')
  const names = readServerNames(text, path)
  return {
    path,
    exists: true,
    settled: loaded,
    servers: Object.fromEntries(names.map((name) => [name, readServer(text, path, name)])),
  }
}
