/** Machines that exist only in memory: any system, with exactly the files that a test names. */
import { posix, win32 } from 'node:path'
import type { System } from '../../src/clients/client.ts'
import type { Machine, MachineFiles } from '../../src/clients/machine.ts'

export const SYSTEMS: readonly System[] = ['linux', 'darwin', 'win32']

export const HOMES: Record<System, string> = { linux: '/home/anna', darwin: '/Users/anna', win32: 'C:\\Users\\anna' }

/** A machine with these files, by their paths as the records write them (`~/…`, `./…` for the project). */
export function machine(system: System, files: Record<string, string> = {}, env: NodeJS.ProcessEnv = {}): Machine {
  const path = system === 'win32' ? win32 : posix
  const home = HOMES[system]
  const cwd = path.join(home, 'src', 'app')
  const whole = (name: string) => path.resolve(name.startsWith('~/') ? path.join(home, name.slice(2)) : path.resolve(cwd, name))
  const texts = new Map(Object.entries(files).map(([name, text]) => [whole(name), text]))
  return { system, home, env, cwd, files: memory(texts, path) }
}

function memory(texts: Map<string, string>, path: typeof posix): MachineFiles {
  const folders = new Set<string>()
  for (const file of texts.keys()) {
    for (let folder = path.dirname(file); !folders.has(folder); folder = path.dirname(folder)) folders.add(folder)
  }
  return {
    kind: async (name) => (texts.has(name) ? 'file' : folders.has(name) ? 'folder' : undefined),
    list: async (folder) =>
      [...texts.keys(), ...folders].filter((name) => path.dirname(name) === folder).map((name) => path.basename(name)),
    read: async (name) => {
      const text = texts.get(name)
      if (text === undefined) throw Object.assign(new Error(`ENOENT: no such file, open '${name}'`), { code: 'ENOENT' })
      return Buffer.from(text)
    },
    real: async (name) => name,
  }
}
