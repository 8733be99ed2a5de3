/** What is found on a machine: installed clients, their files, and what is wrong with those. */
import { describe, expect, test } from 'vitest'
import { findClients } from '../../src/clients/find.ts'
import { CLIENTS } from '../../src/clients/known/clients.ts'
import { machine } from '../support/machine.ts'

const only = (...ids: string[]) => CLIENTS.filter(({ id }) => ids.includes(id))

describe('a client', () => {
  test('is installed where its folder, its program or its application is', async () => {
    const clients = only('claude-code', 'codex', 'zed', 'kiro')
    const here = machine(
      'darwin',
      { '/opt/bin/codex': '', '/Applications/Zed.app/Contents/Info.plist': '', '~/.kiro/x': '' },
      { PATH: '/usr/bin:/opt/bin' },
    )
    const found = await findClients(here, { clients })
    expect(found.map(({ client, sign }) => [client.id, sign])).toEqual([
      ['claude-code', undefined],
      ['codex', '/opt/bin/codex'],
      ['zed', '/Applications/Zed.app'],
      ['kiro', '/Users/anna/.kiro'],
    ])
  })

  test('on Windows is found by its .cmd', async () => {
    const here = machine('win32', { 'C:\\npm\\gemini.cmd': '' }, { Path: 'C:\\Windows;C:\\npm' })
    const [gemini] = await findClients(here, { clients: only('gemini-cli') })
    expect(gemini?.sign).toBe('C:\\npm\\gemini.cmd')
  })

  test('that is not installed has the files that it would have', async () => {
    const [cursor] = await findClients(machine('linux'), { clients: only('cursor') })
    expect(cursor).not.toHaveProperty('sign')
    expect(cursor?.files[0]).toMatchObject({ path: '/home/anna/.cursor/mcp.json', exists: false, servers: [] })
  })

  test('shows the servers of every scope', async () => {
    const here = machine('linux', {
      '~/.claude.json': JSON.stringify({
        mcpServers: { a: { command: 'a' } },
        projects: { '/srv/x': { mcpServers: { b: { command: 'b' } } } },
      }),
      './.mcp.json': JSON.stringify({ mcpServers: { c: { command: 'c' } } }),
      '~/.claude-work/.claude.json': JSON.stringify({ mcpServers: { d: { command: 'd' } } }),
    })
    const [claude] = await findClients(here, { clients: only('claude-code') })
    const servers = claude?.files.flatMap(({ servers }) =>
      servers.map(({ name, keyPath, project }) => [name, keyPath.length, project]),
    )
    expect(servers).toEqual([
      ['a', 2, undefined],
      ['b', 4, '/srv/x'],
      ['d', 2, undefined],
      ['c', 2, undefined],
    ])
  })

  test('in the home folder is not found twice', async () => {
    const home = { ...machine('linux', { '~/.cursor/mcp.json': '{"mcpServers":{"a":{"command":"a"}}}' }), cwd: '/home/anna' }
    const [cursor] = await findClients(home, { clients: only('cursor') })
    expect(cursor?.files.filter(({ exists }) => exists)).toHaveLength(1)
  })

  test('keeps its servers in every editor that has the extension', async () => {
    const file = 'globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json'
    const here = machine('linux', {
      [`~/.config/Code/User/${file}`]: '{"mcpServers":{"a":{"command":"a"}}}',
      [`~/.config/VSCodium/User/${file}`]: '{"mcpServers":{"b":{"command":"b"}}}',
    })
    const [cline] = await findClients(here, { clients: only('cline') })
    expect(cline?.files.map(({ servers }) => servers[0]?.name)).toEqual(['a', 'b'])
  })
})

describe('a file', () => {
  test.each([
    ['claude-code', '~/.claude.json', '{\n  "mcpServers": {\n    "a": {"command": "a"},\n  }\n}', 4, 3],
    ['claude-code', '~/.claude.json', '{\n  // mine\n  "mcpServers": {}\n}', 2, 3],
    ['qwen-code', '~/.qwen/settings.json', '{ "a": 1, }', 1, 11],
    ['gemini-cli', '~/.gemini/settings.json', '{ // fine\n "a": 1, }', 2, 10],
    ['codex', '~/.codex/config.toml', 'model = "a"\n[mcp_servers.x\n', 3, 1],
    ['goose', '~/.config/goose/config.yaml', 'extensions:\n  a: [1\nb: 2\n', 3, 1],
  ])('of %s that it could not read itself is a problem with its place', async (id, path, text, line, column) => {
    const [found] = await findClients(machine('linux', { [path]: text }), { clients: only(id) })
    const problem = found?.files.find((file) => file.problem)?.problem
    expect(problem).toMatchObject({ line, column })
    expect(problem?.message).toMatch(`Cannot read ${path}: line ${line}, column ${column}: `)
    expect(problem?.message).toMatch(`File left untouched. Fix it and re-run, or skip it with --clients '!${id}'.`)
  })

  test('with comments is none where the client reads comments', async () => {
    const text = '// mine\n{ "mcpServers": { "a": { "command": "a" }, }, }\n'
    const [cursor] = await findClients(machine('linux', { '~/.cursor/mcp.json': text }), { clients: only('cursor') })
    expect(cursor?.files[0]?.servers).toMatchObject([{ name: 'a' }])
  })

  test.each([['[]'], ['"text"'], ['{"mcpServers": []}'], ['{"mcpServers": {"a": "b"}}'], ['null'], ['\uFEFF{}'], ['']])(
    'that says %j has no servers, and nothing is thrown',
    async (text) => {
      const [found] = await findClients(machine('linux', { '~/.cursor/mcp.json': text }), { clients: only('cursor') })
      expect(found?.files[0]?.servers).toEqual([])
    },
  )

  test('that is broken and names no servers is none where it is only read', async () => {
    const here = machine('linux', { '~/.config/Code/User/settings.json': '{ "editor.fontSize": 12,, }' })
    const [found] = await findClients(here, { clients: only('vscode-legacy') })
    expect(found?.files[0]).toMatchObject({ exists: true, servers: [] })
    expect(found?.files[0]).not.toHaveProperty('problem')
  })

  test('that may not be read is a problem', async () => {
    const here = machine('darwin', { '~/.cursor/mcp.json': '{}' })
    const denied = async () => Promise.reject(Object.assign(new Error('EPERM'), { code: 'EPERM' }))
    const [found] = await findClients({ ...here, files: { ...here.files, read: denied } }, { clients: only('cursor') })
    expect(found?.files[0]?.problem?.message).toMatch(/^macOS blocked access to the data of Cursor/)
  })
})

test('a client on a drive that does not answer holds up nobody', async () => {
  const here = machine('linux', { '~/.kiro/settings/mcp.json': '{"mcpServers":{"a":{"command":"a"}}}' })
  const kind = (path: string) => (path.includes('.cursor') ? new Promise<never>(() => undefined) : here.files.kind(path))
  // The time of one client is over when all the others are done.
  const wait = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  const found = await findClients({ ...here, files: { ...here.files, kind } }, { clients: only('cursor', 'kiro'), wait })
  expect(found[0]).toMatchObject({ problem: expect.stringContaining('Cursor could not be looked at within 2 s') })
  expect(found[1]?.files[0]?.servers).toHaveLength(1)
})
