/** `npx` is left out where what it would start is installed, and has its way wherever anything is unclear. */
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { resolveProgram } from '../../src/upstream/launchers.ts'
import { parseNpx } from '../../src/upstream/npx.ts'
import type { Place, Program } from '../../src/upstream/program.ts'
import { temporaryFolder } from '../support/gateway.ts'

const folder = temporaryFolder()
afterAll(() => folder.remove())

const SCRIPT = '#!/usr/bin/env node\nconsole.log("here")\n'
const DAY_MS = 86_400_000

let root: string
let place: Place

/** A machine with Node and npm in `root/usr`, a home in `root/home` and a project in `root/home/work`. */
beforeEach(() => {
  root = mkdtempSync(join(folder.path, 'machine-'))
  write('usr/bin/node', '#!/bin/sh\n')
  write('usr/lib/node_modules/npm/bin/npx-cli.js', SCRIPT)
  link('usr/bin/npx', '../lib/node_modules/npm/bin/npx-cli.js')
  write('home/work/package.json', '{"name":"work"}')
  const env = { PATH: at('usr/bin'), HOME: at('home') }
  place = { cwd: at('home/work'), env, platform: 'linux', stateDir: at('state') }
  return () => rmSync(root, { recursive: true, force: true })
})

const at = (path: string): string => join(root, path)

function write(path: string, text: string): void {
  mkdirSync(dirname(at(path)), { recursive: true })
  writeFileSync(at(path), text, { mode: 0o755 })
}

function link(path: string, target: string): void {
  mkdirSync(dirname(at(path)), { recursive: true })
  symlinkSync(target, at(path))
}

interface Package {
  name: string
  version?: string
  bin?: string | Record<string, string>
}

/** Installs a package as npm does: the package, and a link for each of its programs. */
function install(modules: string, { name, version = '1.0.0', bin = 'cli.js' }: Package, bins = join(modules, '.bin')): void {
  const short = name.replace(/^@[^/]+\//, '')
  write(join(modules, name, 'package.json'), JSON.stringify({ name, version, bin }))
  for (const [program, file] of Object.entries(typeof bin === 'string' ? { [short]: bin } : bin)) {
    write(join(modules, name, file), SCRIPT)
    link(join(bins, program), at(join(modules, name, file)))
  }
}

/** What `npx -y <spec>` leaves behind. */
function cache(spec: string, one: Package, home = 'home/.npm'): string {
  const dir = join(home, '_npx', createHash('sha512').update(spec).digest('hex').slice(0, 16))
  const dependencies = { [one.name]: `^${one.version ?? '1.0.0'}` }
  write(join(dir, 'package.json'), JSON.stringify({ dependencies, _npx: { packages: [spec] } }))
  install(join(dir, 'node_modules'), one)
  return dir
}

const npx = (...args: string[]): Promise<Program> => resolveProgram({ command: 'npx', args }, place)
const ran = async (...args: string[]): Promise<unknown> => {
  const { command, args: rest } = await npx(...args)
  return [command.replace(root, ''), ...rest]
}

describe('the arguments of npx', () => {
  test.each([
    [['-y', 'server', '--port', '1'], { spec: 'server', bin: undefined, args: ['--port', '1'] }],
    [['--yes', '@scope/server@1.2.3', '-y'], { spec: '@scope/server@1.2.3', name: '@scope/server', exact: true, args: ['-y'] }],
    [['server@latest'], { spec: 'server@latest', name: 'server', version: 'latest', exact: false }],
    [['-y', '--', 'server', '--', 'a'], { spec: 'server', args: ['--', 'a'] }],
    [['-p', 'typescript', 'tsc', '-v'], { spec: 'typescript', bin: 'tsc', args: ['-v'] }],
    [['--package=typescript@5.0.0', '-y', '--', 'tsc'], { spec: 'typescript@5.0.0', bin: 'tsc', args: [] }],
  ])('%j are understood', (args, asked) => {
    expect(parseNpx(args)).toMatchObject(asked)
  })

  test.each([
    [[]],
    [['-y']],
    [['-y', '-p', 'server']],
    [['-p', 'a', '-p', 'b', 'c']],
    [['-c', 'server | tee']],
    [['--call=server']],
    [['--prefer-offline', 'server']],
    [['--registry', 'http://127.0.0.1', 'server']],
    [['--no-install', 'server']],
    [['server@^1.0.0']],
    [['server@1']],
    [['server@x']],
    [['./server']],
    [['github:anna/server']],
    [['anna/server']],
    [['https://example.com/server.tgz']],
    [['server@npm:other']],
    [['.']],
  ])('%j are left to npx', (args) => {
    expect(parseNpx(args)).toBeUndefined()
  })
})

describe('a program', () => {
  test('of the project is started by its link, with the PATH that npx would set', async () => {
    install('home/work/node_modules', { name: '@scope/server', bin: { 'scope-server': 'dist/index.js' } })
    const found = await npx('-y', '@scope/server', '--port', '1')
    const bins = at('home/work/node_modules/.bin')
    expect(found).toEqual({
      command: join(bins, 'scope-server'),
      args: ['--port', '1'],
      env: { PATH: `${bins}:${at('usr/bin')}` },
      without: 'npx',
    })
  })

  test('of the project is found from a folder within it', async () => {
    install('home/work/node_modules', { name: 'server' })
    place.cwd = at('home/work/deep/er')
    expect(await ran('server')).toEqual(['/home/work/node_modules/.bin/server'])
  })

  test('of a folder above the project is found by its own name only', async () => {
    install('home/node_modules', { name: 'server', bin: { server: 'a.js' } })
    install('home/node_modules', { name: '@scope/other', bin: 'a.js' })
    expect(await ran('server')).toEqual(['/home/node_modules/.bin/server'])
    expect(await ran('@scope/other')).toEqual(['npx', '@scope/other'])
  })

  test('that is installed globally is started, the one of the project before it', async () => {
    install('usr/lib/node_modules', { name: '@scope/server', version: '1.0.0' }, 'usr/bin')
    expect(await ran('@scope/server')).toEqual(['/usr/bin/server'])
    expect(await ran('@scope/server@1.0.0')).toEqual(['/usr/bin/server'])
    expect(await ran('@scope/server@2.0.0')).toEqual(['npx', '@scope/server@2.0.0'])
    install('home/work/node_modules', { name: '@scope/server', version: '2.0.0' })
    expect(await ran('@scope/server')).toEqual(['/home/work/node_modules/.bin/server'])
    expect(await ran('@scope/server@1.0.0')).toEqual(['/usr/bin/server'])
  })

  test('that npx has installed in exactly this version is started', async () => {
    const dir = cache('server@1.2.3', { name: 'server', version: '1.2.3' })
    expect(await ran('-y', 'server@1.2.3', 'a')).toEqual([`/${dir}/node_modules/.bin/server`, 'a'])
    expect(await ran('-y', 'server@1.2.4')).toEqual(['npx', '-y', 'server@1.2.4'])
  })

  test('of another name than its package is started with --package', async () => {
    const dir = cache('tools@1.0.0', { name: 'tools', bin: { one: 'one.js', two: 'two.js' } })
    expect(await ran('-p', 'tools@1.0.0', 'two', '-v')).toEqual([`/${dir}/node_modules/.bin/two`, '-v'])
    expect(await ran('-p', 'tools@1.0.0', 'three')).toEqual(['npx', '-p', 'tools@1.0.0', 'three'])
    // Without it, npx does not know which one is meant.
    expect(await ran('tools@1.0.0')).toEqual(['npx', 'tools@1.0.0'])
  })
})

describe('a version that is left open', () => {
  test.each(['server', 'server@latest'])('is npx itself to choose, once a day: %s', async (spec) => {
    const dir = cache(spec, { name: 'server' })
    const first = await npx('-y', spec)
    expect(first.command).toBe('npx')
    await first.proved?.()
    expect(await ran('-y', spec)).toEqual([`/${dir}/node_modules/.bin/server`])
    const stamp = at(join('state', 'npx', dir.slice(-16)))
    utimesSync(stamp, new Date(), new Date(Date.now() - DAY_MS - 1_000))
    expect(await ran('-y', spec)).toEqual(['npx', '-y', spec])
  })

  test('is chosen anew where the start by npx never came to an answer', async () => {
    cache('server', { name: 'server' })
    await npx('server')
    expect(await ran('server')).toEqual(['npx', 'server'])
  })
})

describe('npx has its way', () => {
  test('where nothing is installed', async () => {
    expect(await ran('-y', 'server@1.2.3')).toEqual(['npx', '-y', 'server@1.2.3'])
  })

  test('where an installation was cut short, or is under way', async () => {
    const dir = cache('server@1.0.0', { name: 'server' })
    mkdirSync(at(join(dir, 'concurrency.lock')))
    expect(await ran('server@1.0.0')).toEqual(['npx', 'server@1.0.0'])
    rmSync(at(join(dir, 'concurrency.lock')), { recursive: true })
    expect(await ran('server@1.0.0')).not.toContain('npx')
    write(join(dir, 'package.json'), '{"dependencies":{"server":"^1.0.0"}}')
    expect(await ran('server@1.0.0')).toEqual(['npx', 'server@1.0.0'])
  })

  test('where the project itself is meant, or is a workspace', async () => {
    install('home/work/node_modules', { name: 'server' })
    write('home/work/package.json', '{"name":"work","bin":{"server":"x.js"}}')
    expect(await ran('server')).toEqual(['npx', 'server'])
    write('home/work/package.json', '{"name":"work"}')
    write('home/package.json', '{"name":"all","workspaces":["work"]}')
    expect(await ran('server')).toEqual(['npx', 'server'])
  })

  test('where a link leads elsewhere, or a manifest is broken', async () => {
    install('home/work/node_modules', { name: '@scope/server' })
    rmSync(at('home/work/node_modules/.bin/server'))
    link('home/work/node_modules/.bin/server', at('usr/bin/node'))
    expect(await ran('@scope/server')).toEqual(['npx', '@scope/server'])
    write('home/work/node_modules/@scope/server/package.json', '{"name":')
    expect(await ran('@scope/server')).toEqual(['npx', '@scope/server'])
  })

  test('where npx is the shim of a version manager', async () => {
    install('home/work/node_modules', { name: 'server' })
    rmSync(at('usr/bin/npx'))
    write('usr/bin/npx', '#!/bin/sh\n')
    expect(await ran('server')).toEqual(['npx', 'server'])
  })

  test('where its settings need npm to be read', async () => {
    install('home/work/node_modules', { name: 'server' })
    write('home/.npmrc', 'cache=${HOME}/elsewhere\n')
    expect(await ran('server')).toEqual(['npx', 'server'])
  })
})

describe('the folders of npm', () => {
  test.each([
    ['the environment', () => Object.assign(place.env, { NPM_CONFIG_CACHE: at('there') })],
    ['the npmrc of the person', () => write('home/.npmrc', `fund=false\ncache = ${at('there')}\n`)],
    ['the npmrc of the project', () => write('home/work/.npmrc', `cache=${at('there')}\r\n`)],
    ['the npmrc beside npm', () => write('usr/lib/node_modules/npm/npmrc', `cache=${at('there')}\n`)],
  ])('are those that %s names', async (_, name) => {
    cache('server@1.0.0', { name: 'server' }, 'there')
    name()
    expect(await ran('server@1.0.0')).not.toContain('npx')
  })

  test('for global programs are those of the prefix', async () => {
    install('global/lib/node_modules', { name: '@scope/server' }, 'global/bin')
    write('home/.npmrc', `prefix=${at('global')}\n`)
    expect(await ran('@scope/server')).toEqual(['/global/bin/server'])
  })

  test('are found from an npx that is named by its path', async () => {
    install('usr/lib/node_modules', { name: '@scope/server' }, 'usr/bin')
    const found = await resolveProgram({ command: at('usr/bin/npx'), args: ['-y', '@scope/server'] }, place)
    expect(found.command).toBe(at('usr/bin/server'))
  })
})
