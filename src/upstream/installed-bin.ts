/** Looks at programs that npm has installed: whether they are there, and how they are started without a shell. */
import { constants } from 'node:fs'
import { access, open, readFile, realpath, stat } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { Place, Program } from './program.ts'

export interface InstalledBin {
  /** The folder with the links, such as node_modules/.bin. */
  bins: string
  name: string
  /** The file of the package that the link is to lead to. */
  file?: string
}

const NODE_SHEBANG = /^#!\s*\/usr\/bin\/env node\s*$/
const SHEBANG_BYTES_MAX = 256

/** How to start it; undefined where it is not installed. Throws where it is, and how npm would start it is unclear. */
export async function startOf({ bins, name, file }: InstalledBin, place: Place): Promise<Program | undefined> {
  const link = join(bins, place.platform === 'win32' ? `${name}.cmd` : name)
  if (!(await isFile(link))) return undefined
  const env = { PATH: [bins, place.env.PATH].filter(Boolean).join(delimiter) }
  if (place.platform === 'win32') {
    if (file === undefined || !NODE_SHEBANG.test(await firstLine(file))) throw new Error('only the shim knows what it starts')
    return { command: process.execPath, args: [file] }
  }
  const real = await realpath(link)
  if (file !== undefined && real !== (await realpath(file))) throw new Error('the link leads elsewhere')
  await access(real, constants.X_OK)
  // Started by its link, a program sees the same name of itself as under npx.
  const node = NODE_SHEBANG.test(await firstLine(real)) && !(await inPath('node', place.env))
  return node ? { command: process.execPath, args: [link], env } : { command: link, args: [], env }
}

export async function inPath(name: string, env: Record<string, string>): Promise<string | undefined> {
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    if (folder !== '' && (await isFile(join(folder, name)))) return join(folder, name)
  }
  return undefined
}

export function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}

export function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

/** A JSON object from a file; undefined where there is no such file. Throws where it holds something else. */
export async function readJson(file: string): Promise<Record<string, unknown> | undefined> {
  if (!(await isFile(file))) return undefined
  const value = JSON.parse(await readFile(file, 'utf8')) as unknown
  if (typeof value !== 'object' || value === null) throw new Error(`${file} holds no object`)
  return value as Record<string, unknown>
}

async function firstLine(file: string): Promise<string> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(SHEBANG_BYTES_MAX), 0, SHEBANG_BYTES_MAX, 0)
    return buffer.toString('latin1', 0, bytesRead).split('\n', 1)[0] ?? ''
  } finally {
    await handle.close()
  }
}
