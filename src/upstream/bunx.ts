/** Finds the program that `bunx` would start, where the package is installed in the project. */
import { dirname, join } from 'node:path'
import { readJson, startOf } from './installed-bin.ts'
import type { Place, Program } from './program.ts'

/** A name without a version: with one, bunx takes the package out of its own cache. */
const NAME = /^(?:@[\w.~-]+\/)?[\w~-][\w.~-]*$/

/**
 * bunx looks in the project first and obeys the first line of the program, so that Bun itself is not needed to run it. What it
 * only has in its cache is left to it: the rules of that are not documented.
 */
export async function resolveBunx({ args }: Program, place: Place): Promise<Program | undefined> {
  // Any option may ask for another program, another version, or Bun in the place of Node.
  const [name, ...rest] = args
  if (name === undefined || !NAME.test(name)) return undefined
  for (let folder = place.cwd; ; folder = dirname(folder)) {
    const modules = join(folder, 'node_modules')
    const manifest = await readJson(join(modules, name, 'package.json'))
    const bin = manifest && binOf(name, manifest)
    if (manifest && !bin) return undefined
    if (bin) {
      const program = await startOf({ bins: join(modules, '.bin'), name: bin.name, file: join(modules, name, bin.file) }, place)
      return program && { ...program, args: [...program.args, ...rest], without: 'bunx' }
    }
    if (dirname(folder) === folder) return undefined
  }
}

/** The program of a package: the one of its own name, or the only one. */
function binOf(name: string, { bin }: Record<string, unknown>): { name: string; file: string } | undefined {
  const own = name.replace(/^@[^/]+\//, '')
  if (typeof bin === 'string') return { name: own, file: bin }
  const bins = Object.entries((bin ?? {}) as Record<string, unknown>)
  const found = bins.find(([one]) => one === own) ?? (bins.length === 1 ? bins[0] : undefined)
  return found && typeof found[1] === 'string' ? { name: found[0], file: found[1] } : undefined
}
