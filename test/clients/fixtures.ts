/** The example files of clients: what stands in them, and machines that have them where the client keeps them. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Client, ConfigFile, System } from '../../src/clients/client.ts'
import { CLIENTS } from '../../src/clients/known/clients.ts'
import { everyPath, type Machine } from '../../src/clients/machine.ts'
import { machine } from '../support/machine.ts'

const FOLDER = join(import.meta.dirname, 'fixtures')

export interface Fixture {
  client: Client
  /** The file that is written: the person's own. */
  file: ConfigFile
  /** `json`, `jsonc`, `toml`, `yaml` */
  extension: string
  before: string
  folder: string
}

/** One for each folder of fixtures. */
export const FIXTURES: readonly Fixture[] = readdirSync(FOLDER).map((id) => {
  const folder = join(FOLDER, id)
  const name = readdirSync(folder).find((file) => file.startsWith('before.')) as string
  const client = CLIENTS.find((one) => one.id === id) as Client
  const file = ownFile(client)
  return { client, file, extension: name.slice('before.'.length), before: readFileSync(join(folder, name), 'utf8'), folder }
})

export function ownFile(client: Client): ConfigFile {
  return client.files.find(({ scope, readOnly }) => scope === 'user' && !readOnly) as ConfigFile
}

/** The systems that a client runs on. */
export function systemsOf({ file }: Fixture): System[] {
  return (['linux', 'darwin', 'win32'] as const).filter((system) => everyPath(file.at, machine(system)).length > 0)
}

/** The text as the system's editors would have written it. */
export function asOn(system: System, text: string): string {
  return system === 'win32' ? text.replaceAll('\n', '\r\n') : text
}

/** A machine of this system on which the client has its file, and its path. */
export function machineWith(fixture: Fixture, system: System, env: NodeJS.ProcessEnv = {}): { machine: Machine; path: string } {
  const path = everyPath(fixture.file.at, machine(system))[0] as string
  return { machine: machine(system, { [path]: asOn(system, fixture.before) }, env), path }
}
