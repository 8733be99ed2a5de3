/** Does without launchers such as npx where what they would start is installed: that saves a process and up to a second. */
import { basename } from 'node:path'
import { resolveBunx } from './bunx.ts'
import { noteNpxRun, resolveNpx } from './npx.ts'
import type { Place, Program } from './program.ts'
import { resolveUvx } from './uvx.ts'

const LAUNCHERS: Record<string, (program: Program, place: Place) => Promise<Program | undefined>> = {
  bunx: resolveBunx,
  npx: resolveNpx,
  uvx: resolveUvx,
}

/** The program that a launcher would certainly start, or the launcher where anything is unclear. */
export async function resolveProgram(program: Program, place: Place): Promise<Program> {
  const name = basename(program.command).replace(/\.(?:cmd|exe)$/i, '')
  if (!Object.hasOwn(LAUNCHERS, name)) return program
  const found = await LAUNCHERS[name]?.(program, place).catch(() => {
    // A file that cannot be read or understood makes it unclear.
    return undefined
  })
  return found ?? (name === 'npx' ? { ...program, proved: () => noteNpxRun(program.args, place.stateDir) } : program)
}
