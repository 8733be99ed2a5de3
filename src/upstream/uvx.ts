/** Finds the program that `uvx` would start, where `uv tool install` has installed it. */
import { readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { inPath, isFile } from './installed-bin.ts'
import type { Place, Program } from './program.ts'

/** A plain name. Names of interpreters and scripts mean something else to uvx. */
const NAME = /^(?!(?:c?python|pypy|graalpy|pyodide)[\d.]*$)[a-z0-9][a-z0-9._-]*(?<!\.pyw?)$/i

/**
 * uvx starts an installed tool in whatever version it has, unless a version or other options are asked for. What uvx only has
 * in its cache is left to it: the names of those folders are its own.
 */
export async function resolveUvx({ command, args }: Program, { env, platform }: Place): Promise<Program | undefined> {
  const [name, ...rest] = args
  if (platform === 'win32' || name === undefined || !NAME.test(name) || !env.HOME) return undefined
  // Without uv itself there is nothing to do without.
  if (!command.includes('/') && !(await inPath('uvx', env))) return undefined
  // Settings of uv may ask for another Python or another version.
  if (Object.keys(env).some((key) => key.startsWith('UV_') && key !== 'UV_TOOL_DIR')) return undefined
  const settings = [join(env.XDG_CONFIG_HOME || join(env.HOME, '.config'), 'uv', 'uv.toml'), '/etc/uv/uv.toml']
  for (const file of settings) if (await isFile(file)) return undefined
  const tools = env.UV_TOOL_DIR || join(env.XDG_DATA_HOME || join(env.HOME, '.local', 'share'), 'uv', 'tools')
  const folder = join(tools, name.toLowerCase().replace(/[-_.]+/g, '-'))
  const receipt = join(folder, 'uv-receipt.toml')
  const program = join(folder, 'bin', name)
  if (!(await isFile(receipt)) || !(await isFile(program))) return undefined
  // Options of the installation have to equal those of the start, and this start has none.
  if (/^\[tool\.options/m.test(await readFile(receipt, 'utf8'))) return undefined
  return { command: program, args: rest, env: { PATH: `${join(folder, 'bin')}${delimiter}${env.PATH}` }, without: 'uvx' }
}
