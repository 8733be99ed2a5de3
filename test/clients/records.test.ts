/** The records of clients: their paths on each system, and that each is whole. */
import { describe, expect, test } from 'vitest'
import type { Client } from '../../src/clients/client.ts'
import { MANUAL_CLIENTS } from '../../src/clients/known/by-hand.ts'
import { CLIENTS, clientById } from '../../src/clients/known/clients.ts'
import { everyPath, resolvePath, resolvePaths } from '../../src/clients/machine.ts'
import { machine, SYSTEMS } from '../support/machine.ts'

const TARGET = { url: 'http://127.0.0.1:39400/mcp', headers: {} }
const BRIDGE = { command: '/usr/bin/node', args: ['/opt/mcp-gw/bin/mcp-gw.js', 'connect'], env: {} }

describe('the records', () => {
  test('name the paths of the golden file on each system', async () => {
    const lines = SYSTEMS.flatMap((system) => [`# ${system}`, ...CLIENTS.flatMap((client) => pathLines(client, system)), ''])
    await expect(lines.join('\n')).toMatchFileSnapshot('golden/paths.golden.txt')
  })

  test('write the entries of the golden file', async () => {
    const entries = CLIENTS.filter(({ tier }) => tier !== 'import').map((client) => ({
      id: client.id,
      http: client.http?.(TARGET) ?? 'only by the bridge',
      'http with a token': client.http?.({ ...TARGET, headers: { Authorization: 'Bearer TOKEN' } }) ?? 'only by the bridge',
      stdio: client.stdio(BRIDGE),
    }))
    await expect(`${JSON.stringify(entries, null, 1)}\n`).toMatchFileSnapshot('golden/entries.golden.json')
  })

  test('have ids of their own', () => {
    const ids = [...CLIENTS, ...MANUAL_CLIENTS].map(({ id }) => id)
    expect(ids).toEqual([...new Set(ids)])
  })

  test.each(CLIENTS.filter(({ tier }) => tier === 'full' || tier === 'target').map((client) => [client.id, client] as const))(
    '%s has a file of the person that can be written',
    (_, client) => {
      const file = client.files.find(({ scope, readOnly }) => scope === 'user' && !readOnly)
      expect(file).toBeDefined()
      expect(file?.list).toBeUndefined()
    },
  )

  test('are found by their id, and a mistyped one is suggested', () => {
    expect(clientById('cursor')).toMatchObject({ name: 'Cursor' })
    expect(clientById('raycast')).toMatchObject({ tier: 'manual' })
    expect(clientById('curser')).toEqual({ meant: 'cursor' })
  })

  test('tell how to set up by hand what has no file', async () => {
    const texts = MANUAL_CLIENTS.map(({ name, instructions }) => `${name}\n${instructions({ url: TARGET.url, ...BRIDGE })}\n`)
    await expect(texts.join('\n')).toMatchFileSnapshot('golden/by-hand.golden.txt')
  })
})

describe('a path of a record', () => {
  test('follows the variable that moves the folder of a client', () => {
    const moved = machine('linux', {}, { CLAUDE_CONFIG_DIR: '/data/claude', XDG_CONFIG_HOME: '/data/config' })
    expect(resolvePath('{CLAUDE_CONFIG_DIR:-~}/.claude.json', moved)).toBe('/data/claude/.claude.json')
    expect(resolvePath('{config}/zed/settings.json', moved)).toBe('/data/config/zed/settings.json')
    expect(resolvePath('{app}/Code/User/mcp.json', moved)).toBe('/data/config/Code/User/mcp.json')
  })

  test('does not exist where it stands on a variable that is not set', () => {
    expect(resolvePath('{AMP_SETTINGS_FILE}', machine('linux'))).toBeUndefined()
  })

  test('is the one that a variable names, although another one exists', async () => {
    const both = machine('linux', { '~/.config/goose/config.yaml': '' }, { GOOSE_PATH_ROOT: '/data/goose' })
    expect(await resolvePaths(['{GOOSE_PATH_ROOT}/config/config.yaml', '~/.config/goose/config.yaml'], both)).toEqual([
      '/data/goose/config/config.yaml',
    ])
  })

  test('is the first that exists, and the first of all where none does', async () => {
    const paths = ['{config}/opencode/opencode.jsonc', '{config}/opencode/opencode.json']
    const onlyJson = machine('linux', { '~/.config/opencode/opencode.json': '{}' })
    expect(await resolvePaths(paths, onlyJson)).toEqual(['/home/anna/.config/opencode/opencode.json'])
    expect(await resolvePaths(paths, machine('linux'))).toEqual(['/home/anna/.config/opencode/opencode.jsonc'])
  })

  test('with a star is every one that exists', async () => {
    const store = machine('win32', {
      '~/AppData/Local/Packages/Claude_pzs8sxrjxfjjc/LocalCache/Roaming/Claude/claude_desktop_config.json': '{}',
      '~/AppData/Local/Packages/Other/LocalCache/Roaming/Claude/claude_desktop_config.json': '{}',
    })
    expect(await resolvePaths(['{local}/Packages/Claude*/LocalCache/Roaming/Claude/claude_desktop_config.json'], store)).toEqual([
      'C:\\Users\\anna\\AppData\\Local\\Packages\\Claude_pzs8sxrjxfjjc\\LocalCache\\Roaming\\Claude\\claude_desktop_config.json',
    ])
  })
})

function pathLines(client: Client, system: (typeof SYSTEMS)[number]): string[] {
  return client.files.flatMap(({ at, scope, readOnly }) => {
    const paths = everyPath(at, machine(system))
    const use = readOnly || client.tier === 'import' || scope === 'plugin' || scope === 'policy' ? 'read' : 'write'
    return paths.map((path) => `${client.id.padEnd(18)} ${scope.padEnd(8)} ${use.padEnd(6)} ${path}`)
  })
}
