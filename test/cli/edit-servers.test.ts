/** `mcp-gw remove`, `enable`, `disable` and `secret`: what they print and what they leave in the files. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { mcpGw, temporaryFolder } from '../support/gateway.ts'
import { finish } from '../support/processes.ts'

const folder = temporaryFolder()
afterAll(() => folder.remove())

let home: string
let config: string
let n = 0
beforeEach(() => {
  home = join(folder.path, `home${n++}`)
  mkdirSync(home)
  config = join(home, 'mcp-gw.yaml')
})

const CONFIG = `servers:
  # about a
  a: { url: "https://a" } # a

  b:
    command: b # b
    disabled: true # for now
log: { level: info }
`

function start(...words: string[]) {
  const env = {
    HOME: home,
    USERPROFILE: home,
    XDG_CONFIG_HOME: '',
    XDG_STATE_HOME: '',
    DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere',
  }
  return mcpGw(words, { env, cwd: home })
}

async function run(...words: string[]): Promise<[number | string, string]> {
  const { code, stdout, stderr } = await finish(start(...words))
  return [code, (stderr + stdout).replaceAll(home, '~')]
}

const text = (): string => readFileSync(config, 'utf8')

describe('one server', () => {
  beforeEach(() => writeFileSync(config, CONFIG))

  test('is switched off and on again, and the file is as before', async () => {
    expect(await run('disable', 'a')).toEqual([0, '✓ Switched off a in ~/mcp-gw.yaml\n  mcp-gw undo takes this back.\n'])
    expect(text()).toBe(CONFIG.replace('"https://a" }', '"https://a", disabled: true }'))
    expect(await run('enable', 'a')).toEqual([0, '✓ Switched on a in ~/mcp-gw.yaml\n  mcp-gw undo takes this back.\n'])
    expect(text()).toBe(CONFIG)
  })

  test('that is what it should be is left alone, and others are not', async () => {
    expect(await run('enable', 'a', 'b')).toEqual([
      0,
      'a is on already.\n✓ Switched on b in ~/mcp-gw.yaml\n  mcp-gw undo takes this back.\n',
    ])
    expect(text()).toBe(CONFIG.replace('    disabled: true # for now\n', ''))
    expect(await run('enable', 'a')).toEqual([0, 'a is on already.\n'])
  })

  test('is removed with its comment, and comes back with undo', async () => {
    expect(await run('remove', 'a')).toEqual([0, '✓ Removed a from ~/mcp-gw.yaml\n  mcp-gw undo takes this back.\n'])
    expect(text()).toBe(CONFIG.replace(/ {2}# about a\n.*\n\n/, ''))
    expect((await run('undo', '--yes'))[0]).toBe(0)
    expect(text()).toBe(CONFIG)
  })

  test('can be seen to go before it goes', async () => {
    const [code, diff] = await run('remove', 'a', 'b', '--dry-run')
    expect(code).toBe(3)
    expect(diff).toContain('-  a: { url: "https://a" } # a\n')
    expect(diff).toContain('+servers: {}\n')
    expect(text()).toBe(CONFIG)
    expect(await run('enable', 'a', '--dry-run')).toEqual([0, '~/mcp-gw.yaml stays as it is.\n'])
  })

  test('that is not there changes nothing, also beside one that is', async () => {
    expect(await run('remove', 'a', 'c')).toEqual([1, 'mcp-gw: ~/mcp-gw.yaml has no server called c; it has a, b\n'])
    writeFileSync(config, CONFIG.replace('  b:', '  beta:'))
    expect(await run('remove', 'betta')).toEqual([1, 'mcp-gw: ~/mcp-gw.yaml has no server called betta; did you mean beta?\n'])
    expect(text()).toContain('  a:')
  })

  test('is told to programs as JSON', async () => {
    const [code, json] = await run('disable', 'a', '--json')
    expect([code, JSON.parse(json)]).toEqual([0, { file: '~/mcp-gw.yaml', changed: true, servers: ['a'], gateway: null }])
  })
})

test('a pasted config can be undone although somebody has changed it since', async () => {
  const pasted = '{\n  "mcpServers": {\n    "a": { "url": "https://a" },\n    "b": { "url": "https://b" }\n  }\n}\n'
  writeFileSync(config, pasted)
  await run('remove', 'a')
  writeFileSync(config, text().replace('https://b', 'https://c'))
  expect((await run('undo', '--yes'))[0]).toBe(0)
  expect(JSON.parse(text())).toEqual({ mcpServers: { a: { url: 'https://a' }, b: { url: 'https://c' } } })
})

test('a broken config is refused with the place of the fault, and a missing one with what to do', async () => {
  writeFileSync(config, 'servers:\n\ta: 1\n')
  expect(await run('remove', 'a')).toEqual([
    2,
    expect.stringMatching(/^mcp-gw: nothing was changed; mcp-gw\.yaml:2:1 not valid YAML: .*; indent with spaces\n$/),
  ])
  writeFileSync(config, '')
  expect(await run('enable', 'a')).toEqual([1, 'mcp-gw: ~/mcp-gw.yaml has no servers; mcp-gw add brings one in\n'])
  expect((await run('remove'))[0]).toBe(2)
})

test('a server with a fault can be removed, and one beside it switched off', async () => {
  writeFileSync(config, 'servers:\n  bad: { url: "https://a", headrs: {} }\n  good: { url: "https://b" }\n')
  const [code, said] = await run('disable', 'good')
  expect(code).toBe(0)
  expect(said).toContain('mcp-gw.yaml:2:28 servers.bad.headrs: unknown key; did you mean headers?')
  expect((await run('remove', 'bad'))[0]).toBe(0)
  expect(text()).toBe('servers:\n  good: { url: "https://b", disabled: true }\n')
})

describe('mcp-gw secret', () => {
  test('keeps what comes on stdin, lists names and never values, and forgets', async () => {
    const setting = start('secret', 'set', 'TOKEN', '--in', 'env')
    setting.child.stdin?.end('sekret-123\n')
    expect(await setting.exited).toBe(0)
    expect(setting.stdout().replaceAll(home, '~')).toBe(
      '✓ TOKEN is kept in ~/.config/mcp-gw/.env. Write ${TOKEN} for it in the config.\n',
    )
    expect(readFileSync(join(home, '.config', 'mcp-gw', '.env'), 'utf8')).toBe('TOKEN=sekret-123\n')
    expect(await run('secret', 'list', '--in', 'env')).toEqual([0, '${TOKEN}\n'])
    expect(await run('secret', 'remove', 'TOKEN', '--in', 'env')).toEqual([0, '✓ TOKEN is gone from ~/.config/mcp-gw/.env.\n'])
    expect(await run('secret', 'remove', 'TOKEN', '--in', 'env')).toEqual([1, 'mcp-gw: ~/.config/mcp-gw/.env has no TOKEN\n'])
    expect(await run('secret', 'set', 'TOKEN', '--in', 'env')).toEqual([
      2,
      'mcp-gw: nothing came on stdin; give the value of TOKEN there, or run this in a terminal\n',
    ])
  })

  test.runIf(process.platform === 'linux')('says plainly that there is no keychain, and what to do', async () => {
    const setting = start('secret', 'set', 'TOKEN', '--in', 'keychain')
    setting.child.stdin?.end('sekret-123')
    expect(await setting.exited).toBe(1)
    expect(setting.stderr()).toMatch(
      /^mcp-gw: the (?:keychain of the system cannot be reached \(.+\)|package @napi-rs\/keyring is not installed)/,
    )
    expect(setting.stderr()).not.toContain('sekret')
  })
})
