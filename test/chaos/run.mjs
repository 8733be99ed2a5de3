/** `npm run test:chaos -- --seconds N --seed S`: the storm for as long as one likes, two minutes unless told otherwise. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '120' }, seed: { type: 'string' } } })
const root = join(import.meta.dirname, '..', '..')
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
const env = { ...process.env, CHAOS_SECONDS: values.seconds, ...(values.seed && { CHAOS_SEED: values.seed }) }
const child = spawn(process.execPath, [vitest, 'run', 'test/chaos'], { cwd: root, env, stdio: 'inherit' })
child.once('exit', (code) => {
  process.exitCode = code ?? 1
})
