/** A system for edits in which something happens before each operation on files: it fails, or the process ends there. */
import { spawn } from 'node:child_process'
import { type EventEmitter, once } from 'node:events'
import { type FileHandle, mkdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { EditSystem, HeldLock } from '../../src/std/edit-system.ts'

/** Called before each operation; `half` does half of it, where that is possible. */
export type AtOperation = (operation: string, half: () => Promise<unknown>) => Promise<void> | void

export function interrupted(system: EditSystem, at: AtOperation): EditSystem {
  return {
    ...system,
    files: watched(system.files, at),
    lock: async (folder) => {
      await at('lock', noHalf)
      const held = await system.lock(folder)
      if (!held) return undefined
      const release = async () => {
        try {
          await at('release', noHalf)
        } finally {
          await held.release()
        }
      }
      return { lost: held.lost, release }
    },
  }
}

/** A second later, so that a file that was just written counts as one that rests. */
export function aSecondLater(system: EditSystem): EditSystem {
  return { ...system, now: () => system.now() + 1_000 }
}

const noHalf = async (): Promise<void> => undefined

/** The same object, with `at` before each of its methods; what it opens is watched too. */
function watched<T extends object>(target: T, at: AtOperation): T {
  return new Proxy(target, {
    get: (_, name) => {
      const method = Reflect.get(target, name)
      if (typeof method !== 'function') return method
      return async (...args: unknown[]) => {
        try {
          await at(String(name), () => half(target, String(name), args))
        } catch (error) {
          // A file is closed also where that fails.
          if (name === 'close') await method.apply(target, args)
          throw error
        }
        const result = await method.apply(target, args)
        return name === 'open' ? watched(result as FileHandle, at) : result
      }
    },
  })
}

async function half(target: object, name: string, [data]: unknown[]): Promise<unknown> {
  if (name !== 'writeFile' && name !== 'write') return undefined
  const bytes = Buffer.from(data as string | Buffer)
  return (target as FileHandle).write(bytes.subarray(0, bytes.length >> 1))
}

/** A program that was ended, and what a person finds then. */
export interface Killed {
  signal: NodeJS.Signals | null
  stderr: string
}

/** What bundled packages of the older kind ask for their parts. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"

/** Bundles a fixture, so that starting it a hundred times is quick. */
export async function bundled(entry: string, folder: string): Promise<string> {
  const outfile = join(folder, 'program.mjs')
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: { js: REQUIRE },
    logLevel: 'error',
  })
  return outfile
}

/** Runs it to its end, as another person where one is given. */
export async function run(program: string, args: object, person: { uid?: number; gid?: number } = {}): Promise<Killed> {
  const child = spawn(process.execPath, [program, JSON.stringify(args)], { stdio: ['ignore', 'ignore', 'pipe'], ...person })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const [, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { signal, stderr }
}

/** Ends this process at its n-th operation: before it, or in the middle of a write. */
export function deadlyAt(dieAt: number): AtOperation {
  let operations = 0
  return async (_, half) => {
    operations++
    if (operations !== dieAt) return
    await half()
    process.kill(process.pid, 'SIGKILL')
    // The signal comes a moment later.
    await new Promise(() => undefined)
  }
}

/** A system that goes no further than to its n-th operation, as if the process had ended there; `stopped` says when. */
export function stoppingAt(system: EditSystem, stopAt: number): { system: EditSystem; stopped: Promise<'stopped'> } {
  let operations = 0
  let stop: (how: 'stopped') => void = () => undefined
  const stopped = new Promise<'stopped'>((resolve) => {
    stop = resolve
  })
  const at: AtOperation = async (_, half) => {
    if (++operations !== stopAt) return
    await half()
    // As the system does when a process ends.
    for (const handle of open) await handle.close()
    stop('stopped')
    await new Promise(() => undefined)
  }
  const open = new Set<FileHandle>()
  const files: EditSystem['files'] = {
    ...system.files,
    open: async (...args) => {
      const handle = await system.files.open(...args)
      open.add(handle)
      const events = handle as unknown as EventEmitter
      events.once('close', () => open.delete(handle))
      return handle
    },
  }
  return { system: interrupted({ ...aSecondLater(system), files, lock: plainLock }, at), stopped }
}

/** The locks of proper-lockfile live as long as the process does; these stay as they are. */
async function plainLock(folder: string): Promise<HeldLock | undefined> {
  await mkdir(folder)
  return { lost: () => false, release: () => rmdir(folder) }
}
