/** A copy of the program in a folder that stays: `init` writes no path of a temporary folder into anybody's file. */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

const project = join(import.meta.dirname, '..', '..')
/** Temporary all the same, but nobody empties it from one day to the next. */
const lasting = process.platform === 'win32' ? project : '/var/tmp'

/** A new folder to work in, and the script of the copy that is in it. */
export function lastingCopy(name) {
  const folder = mkdtempSync(join(lasting, `mcp-gw-${name}-`))
  const program = join(folder, 'program')
  const { files } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'))
  for (const file of ['package.json', ...files]) cpSync(join(project, file), join(program, file), { recursive: true })
  symlinkSync(join(project, 'node_modules'), join(program, 'node_modules'), 'junction')
  return {
    folder,
    script: join(program, 'bin', 'mcp-gw.js'),
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }),
  }
}
