/** The inspector's command line, which needs Node 22: both are there once `npm run test:conformance` has run. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { finish, PROJECT, run } from './processes.ts'

const modules = join(PROJECT, 'test', 'conformance', 'node_modules')
const program = join(modules, '@modelcontextprotocol', 'inspector', 'clients', 'launcher', 'build', 'index.js')
const node22 = existsSync(modules)
  ? readdirSync(modules)
      .map((name) => join(modules, name, 'bin', 'node'))
      .find((path) => /[\\/]node-/.test(path) && existsSync(path))
  : undefined

type Shown = Record<string, { name: string; text: string }[]>

/** Runs the inspector with a home of its own and gives what it shows; undefined where it is not installed. */
export const inspect =
  existsSync(program) && node22 !== undefined
    ? async (home: string, ...args: string[]): Promise<Shown> => {
        const { code, stdout, stderr } = await finish(
          run(node22, [program, '--cli', ...args], { env: { HOME: home }, cwd: home }),
        )
        if (code !== 0) throw new Error(`the inspector ended with ${code}\n${stdout}\n${stderr}`)
        return JSON.parse(stdout) as Shown
      }
    : undefined
