/** `bunx` is left out for a package that is installed in the project. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { resolveProgram } from '../../src/upstream/launchers.ts'
import { temporaryFolder } from '../support/gateway.ts'

const folder = temporaryFolder()
afterAll(() => folder.remove())
const at = (path: string): string => join(folder.path, path)

function install(name: string, bin: object | string): void {
  const root = at(`node_modules/${name}`)
  mkdirSync(root, { recursive: true })
  writeFileSync(join(root, 'package.json'), JSON.stringify({ name, bin }))
  const bins = typeof bin === 'string' ? { [name.replace(/^.*\//, '')]: bin } : bin
  mkdirSync(at('node_modules/.bin'), { recursive: true })
  for (const [link, file] of Object.entries(bins)) {
    mkdirSync(dirname(join(root, String(file))), { recursive: true })
    writeFileSync(join(root, String(file)), '#!/usr/bin/env node\n', { mode: 0o755 })
    symlinkSync(join(root, String(file)), at(`node_modules/.bin/${link}`))
  }
}

beforeAll(() => {
  install('plain', 'run.js')
  install('@scope/server', { server: 'dist/index.js', other: 'dist/other.js' })
  install('single', { 'another-name': 'cli.js' })
  install('several', { one: 'one.js', two: 'two.js' })
  mkdirSync(at('deep/er'), { recursive: true })
})

const bunx = (args: string[], cwd = folder.path) =>
  resolveProgram(
    { command: 'bunx', args },
    { cwd, env: { PATH: dirname(process.execPath) }, platform: 'linux', stateDir: at('state') },
  )

describe('bunx', () => {
  test('is left out for a package of the project, also from a folder further down', async () => {
    for (const cwd of [folder.path, at('deep/er')]) {
      expect(await bunx(['plain', '--port', '1'], cwd)).toMatchObject({
        command: at('node_modules/.bin/plain'),
        args: ['--port', '1'],
        without: 'bunx',
      })
    }
  })

  test('starts the program of the name of the package, or the only one', async () => {
    expect((await bunx(['@scope/server'])).command).toBe(at('node_modules/.bin/server'))
    expect((await bunx(['single'])).command).toBe(at('node_modules/.bin/another-name'))
  })

  test('stays where it is not certain what it would start', async () => {
    for (const args of [['several'], ['plain@1.0.0'], ['--bun', 'plain'], ['not-installed'], ['../plain'], []]) {
      expect(await bunx(args), args.join(' ')).toMatchObject({ command: 'bunx', args })
    }
  })
})
