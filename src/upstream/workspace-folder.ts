/** Where a program runs that serves one workspace: in the folder that is the workspace, where its entry names no other. */
import { realpath, stat } from 'node:fs/promises'
import { isAbsolute, resolve } from 'node:path'
import type { Log } from '../observe/log.ts'
import { folderOf, type RootSet } from '../protocol/roots.ts'
import type { ServerOptions } from './options.ts'

export interface FolderSetup {
  name: string
  roots: RootSet
  /** The person's home folder. */
  home: string
  /** The user whose folders programs may run in; undefined where the system has none. */
  uid?: number | undefined
  log: Log
}

/**
 * The options with the folder settled. Where the workspace is not one folder of ours, it is the home folder: that belongs to no
 * project, while the folder that the gateway was started in may be somebody else's.
 */
export async function inWorkspace(
  options: ServerOptions,
  { name, roots, home, uid = process.getuid?.(), log }: FolderSetup,
): Promise<ServerOptions> {
  const { command, cwd } = options
  if (command === undefined || cwd !== undefined) return options
  const folder = folderOf(roots)
  const found: Found = folder === undefined ? {} : await look(folder, uid)
  if (found.unfit) log.warn({ server: name, folder }, `the server starts in the home folder: the workspace ${found.unfit}`)
  // A relative path leads to the same program in every workspace.
  const program = typeof command === 'string' && /[/\\]/.test(command) && !isAbsolute(command) ? resolve(command) : command
  return { ...options, command: program, cwd: found.path ?? home }
}

/** Where a folder really is, or why no program is started in it, as the end of a sentence. */
interface Found {
  path?: string
  unfit?: string
}

async function look(folder: string, uid: number | undefined): Promise<Found> {
  try {
    const path = await realpath(folder)
    const found = await stat(path)
    if (!found.isDirectory()) return { unfit: 'is no folder' }
    // Programs take settings, modules and more programs from where they run; another person must not get ours to run theirs.
    return uid === undefined || found.uid === uid ? { path } : { unfit: 'belongs to another user' }
  } catch (error) {
    return { unfit: `cannot be entered (${(error as NodeJS.ErrnoException).code})` }
  }
}
