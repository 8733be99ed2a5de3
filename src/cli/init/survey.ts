/** What a machine has before it is set up: its clients, their servers, and our own config. */
import { existsSync, readFileSync } from 'node:fs'
import { type FoundClient, findClients } from '../../clients/find.ts'
import { type Imported, importServers } from '../../clients/import/import.ts'
import type { RecordedEntry } from '../../clients/journal.ts'
import { type Machine, thisMachine } from '../../clients/machine.ts'
import { readServer, readServerNames } from '../../config/edit/edit.ts'
import { load, type Settled } from '../../config/load.ts'
import type { ConfigEditing } from '../config-editing.ts'
import { problemText } from '../context.ts'
import { Exit } from '../exit.ts'
import { configuredUrl } from '../running-gateway.ts'
import { isServiceInstalled } from '../service/service.ts'

export interface Survey {
  machine: Machine
  /** The clients that are installed or have files. */
  found: FoundClient[]
  imported: Imported
  /** What we did to files before. */
  history: RecordedEntry[]
  configExists: boolean
  /** The config, where it would not be found without being named. */
  configNamed: string | undefined
  /** The endpoint of the gateway. */
  url: string
  /** Something starts the gateway with the machine. */
  service: boolean
}

/** Looks at everything and changes nothing. Ends the command where our own config has problems: nothing could be added to it. */
export async function survey(editing: ConfigEditing, file: string | undefined): Promise<Survey> {
  const machine = thisMachine(process.env, process.cwd())
  const { path } = editing.target
  const configExists = existsSync(path)
  const settled = await current(configExists ? path : undefined, machine)
  const url = configuredUrl(settled.config.listen)
  const found = (await findClients(machine)).filter(isHere)
  const existing = configExists ? written(path) : {}
  const imported = await importServers(found, machine, { own: { urls: [url] }, existing })
  const history = await editing.history.journal.entries()
  return {
    machine,
    found,
    imported,
    history,
    configExists,
    configNamed: file && path,
    url,
    service: await isServiceInstalled(machine),
  }
}

function isHere({ sign, files, problem }: FoundClient): boolean {
  return sign !== undefined || problem !== undefined || files.some(({ exists }) => exists)
}

async function current(file: string | undefined, { cwd, env }: Machine): Promise<Settled> {
  const loaded = await load({ cwd, env, ...(file !== undefined && { file }) })
  if (!('problems' in loaded)) return loaded
  throw new Exit(1, `${problemText(loaded.problems)}\nNothing was changed. Mend the config, then run this again.`)
}

/** The entries of `servers:` as they are written. */
function written(path: string): Record<string, unknown> {
  const text = readFileSync(path, 'utf8')
  return Object.fromEntries(readServerNames(text, path).map((name) => [name, readServer(text, path, name)]))
}
