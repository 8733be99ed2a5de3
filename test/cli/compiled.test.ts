/** Compiled code is kept from one start to the next, and code that is not ours, not whole or not of this source is not run. */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../support/gateway.ts'
import { finish, PROJECT, type Running, run, until } from '../support/processes.ts'

const COMPILED = join(PROJECT, 'dist/cli/compiled.cjs')
const PROGRAM = `(function (exports, require, module, __filename, __dirname) {
  const path = require('node:path'); console.log(path.basename(__filename), 'ran')
})`

let folder: ReturnType<typeof temporaryFolder>
let program: string
let cacheHome: string

beforeEach(() => {
  folder = temporaryFolder()
  program = join(folder.path, 'program.cjs')
  cacheHome = join(folder.path, 'cache')
  writeFileSync(program, PROGRAM)
})

afterEach(() => folder.remove())

const kept = () => (existsSync(join(cacheHome, 'mcp-gw')) ? readdirSync(join(cacheHome, 'mcp-gw')) : [])
const keptFile = () => join(cacheHome, 'mcp-gw', kept()[0] as string)

function start(env: NodeJS.ProcessEnv = {}, flags: string[] = []): Running {
  const script = `console.log(require(${JSON.stringify(COMPILED)}).run(${JSON.stringify(program)}).code);process.stdin.resume()`
  return run(process.execPath, [...flags, '-e', script], { env: { XDG_CACHE_HOME: cacheHome, ...env } })
}

/** What a start says; each one runs the whole program. */
async function said(env?: NodeJS.ProcessEnv, flags?: string[]): Promise<string | undefined> {
  const { code, stdout } = await finish(start(env, flags))
  const [ran, which] = stdout.split('\n')
  expect([code, ran]).toEqual([0, 'program.cjs ran'])
  return which
}

/** A start that lasts until its code is kept. */
async function keep(before?: Buffer): Promise<void> {
  const running = start()
  await until(() => (kept().length === 1 && !before?.equals(readFileSync(keptFile())) ? true : undefined), 'no code is kept', {
    running,
  })
  await finish(running)
}

describe('compiled code', () => {
  it('is kept by a start that lasts, and taken by the next ones', async () => {
    expect(await said()).toBe('compiled')
    expect(kept()).toEqual([])
    await keep()
    expect(kept()).toEqual([`program.cjs-${process.version}-${process.arch}.code`])
    expect([statSync(keptFile()).mode & 0o777, statSync(join(cacheHome, 'mcp-gw')).mode & 0o777]).toEqual([0o600, 0o700])
    expect(await said()).toBe('kept')
  })

  it('that was damaged is not run, and is replaced', async () => {
    await keep()
    const whole = readFileSync(keptFile())
    for (const at of [0, 40, whole.length - 1]) {
      const damaged = Buffer.from(whole)
      damaged[at] = (damaged[at] as number) ^ 0xff
      writeFileSync(keptFile(), damaged)
      expect(await said()).toBe('compiled')
    }
    for (const part of [Buffer.alloc(0), whole.subarray(0, 20), whole.subarray(0, -1)]) {
      writeFileSync(keptFile(), part)
      expect(await said()).toBe('compiled')
    }
    await keep(readFileSync(keptFile()))
    expect(await said()).toBe('kept')
  })

  it('of another source is not run, not even of one that is as long', async () => {
    await keep()
    writeFileSync(program, PROGRAM.replace('path.basename', 'path["basename"]'))
    expect(await said()).toBe('compiled')
    writeFileSync(program, PROGRAM.replace("'ran'", '"ran"'))
    expect(await said()).toBe('compiled')
  })

  it('that V8 made under other flags is not run', async () => {
    await keep()
    expect(await said({}, ['--max-lazy'])).toBe('compiled')
    expect(await said()).toBe('kept')
  })

  it.runIf(process.getuid)('that others may write is not run', async () => {
    await keep()
    chmodSync(keptFile(), 0o666)
    expect(await said()).toBe('compiled')
  })

  it('is not kept where the user has switched that off, or where it cannot be', async () => {
    const off = start({ NODE_DISABLE_COMPILE_CACHE: '1' })
    const blocked = join(folder.path, 'blocked')
    mkdirSync(blocked)
    writeFileSync(join(blocked, 'mcp-gw'), 'a file')
    const nowhere = start({ XDG_CACHE_HOME: blocked })
    // Both have had as much time as this one takes.
    await keep()
    expect((await finish(nowhere)).stderr).toBe('')
    await finish(off)
    expect(kept().length).toBe(1)
    expect(await said({ NODE_DISABLE_COMPILE_CACHE: '1' })).toBe('compiled')
  })
})

it('the gateway starts from kept code, although it changes the flags of V8 on its way', async () => {
  writeFileSync(join(folder.path, 'mcp-gw.yaml'), '{ listen: { port: 0 } }')
  const bundle = join(PROJECT, 'dist/cli/serve.cjs')
  const script = `const { exports, code } = require(${JSON.stringify(COMPILED)}).run(${JSON.stringify(bundle)});console.log(code, exports.enter(process.argv.slice(1)))`
  const args = ['-e', script, '--', '--config', join(folder.path, 'mcp-gw.yaml')]
  for (const which of ['compiled', 'kept']) {
    const gateway = run(process.execPath, args, { env: { XDG_CACHE_HOME: cacheHome } })
    const ready = () => kept().length === 1 && gateway.stderr().includes('listening') && gateway.stdout()
    expect(await until(() => ready() || undefined, 'it does not listen', { running: gateway })).toBe(`${which} true\n`)
    gateway.child.kill('SIGTERM')
    await gateway.exited
  }
})

it('the bundle holds nothing but ASCII, so that its source takes one byte a character', () => {
  for (const name of ['serve.cjs', 'connect.cjs', 'compiled.cjs']) {
    expect(/^[\0-\x7f]*$/.test(readFileSync(join(PROJECT, 'dist/cli', name), 'utf8'))).toBe(true)
  }
})
