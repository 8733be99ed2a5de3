/** How entries are read, wherever they come from: variables, wrappers, bridges, other gateways, duplicates, names. */
import { describe, expect, test } from 'vitest'
import type { System } from '../../src/clients/client.ts'
import { type FoundClient, findClients } from '../../src/clients/find.ts'
import { type ImportOptions, importServers } from '../../src/clients/import/import.ts'
import { replaceSecrets } from '../../src/clients/import/secrets.ts'
import { parse } from '../../src/config/load.ts'
import { machine } from '../support/machine.ts'
import { FIXTURES, machineWith } from './fixtures.ts'

/** What comes of these files: paths as the records write them. */
async function imported(
  files: Record<string, unknown>,
  options: ImportOptions & { system?: System; env?: NodeJS.ProcessEnv } = {},
) {
  const { system = 'linux', env = {}, ...rest } = options
  const texts = Object.entries(files).map(([path, value]) => [path, typeof value === 'string' ? value : JSON.stringify(value)])
  const here = machine(system, Object.fromEntries(texts), env)
  return importServers(await findClients(here), here, rest)
}

/** The one entry that comes of one entry of a client whose texts mean themselves. */
async function desktop(entry: object, options: Parameters<typeof imported>[1] = {}) {
  const file = { linux: '~/.config/Claude', darwin: '~/Library/Application Support/Claude', win32: '~/AppData/Roaming/Claude' }
  const path = `${file[options.system ?? 'linux']}/claude_desktop_config.json`
  return imported({ [path]: { mcpServers: { one: entry } } }, options)
}

const code = (servers: object) => ({ '~/.claude.json': { mcpServers: servers } })

describe('an entry of any client', () => {
  test.each(FIXTURES.map((fixture) => [fixture.client.id, fixture] as const))(
    'of %s is valid in our config',
    async (_, fixture) => {
      const { machine: here } = machineWith(fixture, fixture.client.id === 'visual-studio' ? 'win32' : 'linux')
      const { servers } = await importServers(await findClients(here, { clients: [fixture.client] }), here)
      const entries = servers.map(({ name, entry, secrets }) => [
        name,
        replaceSecrets(entry, secrets, ({ variable }) => `\${${variable}}`),
      ])
      const source = JSON.stringify({ servers: Object.fromEntries(entries) })
      // Every variable is set, so that only the form of the entries counts.
      const env = Object.fromEntries([...source.matchAll(/\$\{(\w+)/g)].map(([, name = '']) => [name, 'set']))
      const context = { env, cwd: '/', readFile: async () => 'content', readKeychain: async () => ({ error: 'none' }) }
      expect(await parse(source, '/config.json', context)).toHaveProperty('config')
    },
  )

  test('with blanks in its path stays one word, and a whole line becomes words', async () => {
    const path = await desktop({ command: 'C:\\Program Files\\nodejs\\node.exe' }, { system: 'win32' })
    expect(path.servers[0]?.entry).toEqual({ command: 'C:\\Program Files\\nodejs\\node.exe', args: [] })
    const line = await desktop({ command: 'npx -y "some server"' })
    expect(line.servers[0]?.entry).toEqual({ command: 'npx', args: ['-y', 'some server'] })
  })

  test('keeps the literal ${ of a client that fills in nothing', async () => {
    const { servers } = await desktop({ command: 'server', args: ['${NOT_A_VARIABLE}'] })
    expect(servers[0]?.entry.args).toEqual(['$${NOT_A_VARIABLE}'])
  })

  test('takes numbers and switches where a text belongs', async () => {
    const { servers } = await desktop({ command: 'server', args: [1, true], env: { PORT: 8080, DEBUG: false } })
    expect(servers[0]?.entry).toEqual({ command: 'server', args: ['1', 'true'], env: { PORT: '8080', DEBUG: 'false' } })
  })

  test('of a type that cannot be shared is skipped with the reason', async () => {
    const { servers, skipped } = await desktop({ type: 'ws', url: 'wss://example.com' })
    expect(servers).toEqual([])
    expect(skipped).toMatchObject([{ kind: 'unusable', reason: 'the gateway cannot run what is of type ws' }])
  })

  test('brings the variables of its env file along', async () => {
    const { servers } = await imported({
      '~/.cursor/mcp.json': { mcpServers: { notes: { command: 'notes', envFile: '${userHome}/notes.env', env: { A: '1' } } } },
      '~/notes.env': '# mine\nexport A=0\nNOTES_TOKEN="s3cret value" \nEMPTY=\n',
    })
    expect(servers[0]?.entry.env).toEqual({ A: '1', NOTES_TOKEN: 's3cret value', EMPTY: '' })
    expect(servers[0]?.notes).toEqual([])
    expect(servers[0]?.secrets).toMatchObject([{ variable: 'NOTES_TOKEN' }])
  })
})

describe('a wrapper', () => {
  test.each([
    [
      ['cmd', '/c', 'npx', '-y', 'server'],
      ['npx', '-y', 'server'],
    ],
    [
      ['C:\\Windows\\System32\\cmd.exe', '/d', '/s', '/c', 'npx -y server'],
      ['npx', '-y', 'server'],
    ],
    [
      ['powershell', '-NoProfile', '-Command', 'npx server'],
      ['npx', 'server'],
    ],
    [
      ['cmd', '/c', 'set A=1 && server'],
      ['cmd', '/c', 'set A=1 && server'],
    ],
    [
      ['cmd', '/c', 'server', '%USERPROFILE%'],
      ['cmd', '/c', 'server', '%USERPROFILE%'],
    ],
    [
      ['wsl.exe', '-d', 'Ubuntu', '--', 'server'],
      ['wsl.exe', '-d', 'Ubuntu', '--', 'server'],
    ],
  ])('%j becomes %j on Windows', async ([command, ...args], words) => {
    const { servers } = await desktop({ command, args }, { system: 'win32' })
    expect([servers[0]?.entry.command, ...(servers[0]?.entry.args ?? [])]).toEqual(words)
  })

  test('of the other system is gone where that is this one', async () => {
    const { servers } = await desktop({ command: 'wsl.exe', args: ['-d', 'Ubuntu', '--', 'server', '-v'] })
    expect(servers[0]?.entry).toEqual({ command: 'server', args: ['-v'] })
  })
})

describe('docker', () => {
  test('gets the variables that it takes from outside', async () => {
    const args = ['run', '-i', '-e', 'A', '--env=B', '-e', 'C=1', '-e', 'D', 'image']
    const { servers } = await desktop({ command: 'docker', args, env: { D: 'given' } })
    expect(servers[0]?.entry).toEqual({ command: 'docker', args, env: { D: 'given' }, inherit: ['A', 'B'] })
  })
})

describe('a bridge', () => {
  test.each([
    [['npx', '-y', 'mcp-remote', 'https://x.example/mcp'], { url: 'https://x.example/mcp' }],
    [
      ['npx', 'mcp-remote@latest', 'https://x.example/sse', '3334', '--transport', 'sse-only'],
      { type: 'sse', url: 'https://x.example/sse' },
    ],
    [['npx', '-y', 'supergateway', '--sse', 'https://x.example/sse'], { type: 'sse', url: 'https://x.example/sse' }],
    [
      ['npx', '-y', 'supergateway', '--streamableHttp', 'https://x.example/mcp', '--oauth2Bearer', 'T'],
      { type: 'http', url: 'https://x.example/mcp', headers: { Authorization: 'Bearer T' } },
    ],
    [
      ['uvx', 'mcp-proxy', '--headers', 'X-Key', 'K', '--transport', 'streamablehttp', 'https://x.example/mcp'],
      { type: 'http', url: 'https://x.example/mcp', headers: { 'X-Key': 'K' } },
    ],
  ])('%j becomes an address', async ([command, ...args], entry) => {
    const { servers } = await desktop({ command, args })
    expect(servers[0]?.entry).toEqual(entry)
    expect(servers[0]?.bridged).toEqual({ command, args })
    expect(servers[0]?.notes).toMatchObject([{ kind: 'bridge' }])
  })

  test('has its header filled in as it would have done itself', async () => {
    const args = [
      '-y',
      'mcp-remote',
      'https://x.example/mcp',
      '--header',
      'Authorization:${AUTH}',
      '--header',
      'X-Env: ${OUTSIDE}',
    ]
    const { servers } = await desktop({ command: 'npx', args, env: { AUTH: 'Bearer abc' } })
    expect(servers[0]?.entry.headers).toEqual({ Authorization: 'Bearer abc', 'X-Env': '${OUTSIDE}' })
  })

  test.each([
    [['npx', '-y', 'mcp-remote', 'https://x.example/mcp', '--static-oauth-client-info', '{"client_id":"a"}']],
    [['npx', '-y', 'supergateway', '--stdio', 'npx -y server', '--port', '8000']],
    [['uvx', 'mcp-proxy', '--port=8080', 'server']],
  ])('%j does more, and stays', async ([command, ...args]) => {
    const { servers } = await desktop({ command, args })
    expect(servers[0]?.entry).toEqual({ command, args })
  })
})

describe('this gateway itself', () => {
  const own = { urls: ['http://127.0.0.1:39400/mcp'] }
  test.each([
    [{ command: '/usr/bin/node', args: ['/opt/mcp-gw/bin/mcp-gw.js', 'connect'] }],
    [{ command: 'mcp-gw', args: ['serve', '--stdio', '--config', 'x.yaml'] }],
    [{ command: 'npx', args: ['-y', 'mcp-gw@1', 'connect'] }],
    [{ command: 'cmd', args: ['/c', 'npx', '-y', 'mcp-gw', 'connect'] }],
    [{ command: 'npx', args: ['-y', 'mcp-remote', 'http://localhost:39400/mcp'] }],
    [{ url: 'http://localhost:39400/mcp/github' }],
    [{ url: 'http://[::1]:39400/sse' }],
  ])('is never taken over: %j', async (entry) => {
    const { servers, skipped } = await desktop(entry, { own })
    expect(servers).toEqual([])
    expect(skipped).toMatchObject([{ kind: 'gateway' }])
  })

  test('is known by its name at an address where it listened once', async () => {
    const { servers } = await imported(code({ 'mcp-gw': { type: 'http', url: 'http://127.0.0.1:7718/mcp' } }), { own })
    expect(servers).toEqual([])
  })

  test('is not meant by another server at another port, nor by a stranger of its name', async () => {
    const { servers } = await imported(
      code({ near: { type: 'http', url: 'http://127.0.0.1:39401/mcp' }, 'mcp-gw': { command: 'something-else' } }),
      { own },
    )
    expect(servers.map(({ name }) => name)).toEqual(['mcp-gw', 'near'])
  })
})

describe('another gateway', () => {
  test.each([
    [{ command: 'npx', args: ['-y', '@1mcp/agent', 'serve'] }, '1MCP'],
    [{ command: 'docker', args: ['mcp', 'gateway', 'run'] }, 'the Docker MCP gateway'],
    [{ command: 'npx', args: ['-y', '@samanhappy/mcphub'] }, 'MCPHub'],
    [{ command: '/usr/local/bin/mcpproxy.exe', args: ['serve'] }, 'mcpproxy'],
  ])('is one server, with a warning: %j', async (entry, name) => {
    const { servers } = await desktop(entry)
    expect(servers[0]?.notes).toMatchObject([{ kind: 'aggregator' }])
    expect(servers[0]?.notes[0]?.text).toContain(name)
  })
})

describe('the same server in several clients', () => {
  const files = {
    '~/.cursor/mcp.json': { mcpServers: { pw: { command: 'npx', args: ['@playwright/mcp@latest'] } } },
    '~/.claude.json': {
      mcpServers: { playwright: { type: 'stdio', command: '/usr/local/bin/npx', args: ['-y', '@playwright/mcp'] } },
      projects: { '/srv/a': { mcpServers: { playwright: { command: 'npx', args: ['-y', '@playwright/mcp'], disabled: true } } } },
    },
  }

  test('is one server, with its origins', async () => {
    const { servers } = await imported(files)
    expect(servers).toHaveLength(1)
    expect(servers[0]).toMatchObject({ name: 'playwright', entry: { args: ['-y', '@playwright/mcp'] } })
    expect(servers[0]?.entry).not.toHaveProperty('disabled')
    expect(servers[0]?.origins.map(({ client, project }) => [client, project])).toEqual(
      expect.arrayContaining([
        ['cursor', undefined],
        ['claude-code', undefined],
        ['claude-code', '/srv/a'],
      ]),
    )
  })

  test('has a second one where it runs with another key', async () => {
    const slack = (token: string) => ({ command: 'npx', args: ['-y', 'slack-mcp'], env: { SLACK_TOKEN: token } })
    const { servers } = await imported({
      '~/.cursor/mcp.json': { mcpServers: { slack: slack('xoxb-1111111111-aaaa') } },
      '~/.claude.json': { mcpServers: { slack: slack('xoxb-2222222222-bbbb') } },
    })
    expect(servers.map(({ name }) => name)).toEqual(['slack', 'slack-2'])
    expect(servers.map(({ secrets }) => secrets[0]?.variable)).toEqual(['SLACK_TOKEN', 'SLACK_2_SLACK_TOKEN'])
    expect(servers[1]?.notes).toMatchObject([{ kind: 'renamed', text: 'another server is called slack, so this one is slack-2' }])
  })

  test('gets the same names in whatever order the clients are found', async () => {
    const here = machine('linux', {
      '~/.cursor/mcp.json': JSON.stringify({ mcpServers: { db: { command: 'a' }, 'db-2': { command: 'b' } } }),
      '~/.claude.json': JSON.stringify({ mcpServers: { db: { command: 'c' }, DB: { command: 'd' } } }),
      '~/.kiro/settings/mcp.json': JSON.stringify({ mcpServers: { db: { command: 'e', disabled: true } } }),
    })
    const found = await findClients(here)
    const names = async (list: FoundClient[]) => {
      const { servers } = await importServers(list, here)
      return Object.fromEntries(servers.map(({ name, entry }) => [name, entry.command]))
    }
    const first = await names(found)
    expect(await names([...found].reverse())).toEqual(first)
    expect(new Set(Object.keys(first).map((name) => name.toLowerCase())).size).toBe(5)
    expect(first['db-2']).toBe('b')
  })
})

test('a file that several clients read counts for those that are installed', async () => {
  const file = JSON.stringify({ servers: { a: { type: 'http', url: 'https://a.example.com/mcp' } } })
  const origins = async (more: Record<string, string>) => {
    const { servers } = await imported({ './.vscode/mcp.json': file, ...more })
    return servers[0]?.origins.map(({ client }) => client)
  }
  expect(await origins({})).toEqual(['vscode'])
  expect(await origins({ '~/.config/Code - Insiders/User/x': '' })).toEqual(['vscode-insiders'])
})

describe('a second import', () => {
  test('finds nothing new, although the secrets have moved meanwhile', async () => {
    const files = code({
      github: {
        type: 'http',
        url: 'https://api.githubcopilot.com/mcp/',
        headers: { Authorization: 'Bearer ghp_1111111111111111111111111111111111cd' },
      },
      db: { command: 'db', args: ['--password', 'hunter2hunter2'] },
    })
    const first = await imported(files)
    const existing = Object.fromEntries(
      first.servers.map(({ name, entry, secrets }) => [
        name,
        replaceSecrets(entry, secrets, ({ variable }) => `\${${variable}}`),
      ]),
    )
    expect(existing.github).toMatchObject({ headers: { Authorization: 'Bearer ${GITHUB_TOKEN}' } })
    const second = await imported(files, { existing })
    expect(second.servers).toEqual([])
    expect(second.known.map(({ name }) => name).sort()).toEqual(['db', 'github'])
  })

  test('gives a new server of a taken name another name', async () => {
    const { servers } = await imported(code({ db: { command: 'other' } }), { existing: { db: { command: 'first' } } })
    expect(servers.map(({ name }) => name)).toEqual(['db-2'])
  })
})

describe('what belongs to others', () => {
  test('is shown, and said to be theirs', async () => {
    const { servers } = await imported({
      '~/.claude/plugins/cache/market/tool/1.0.0/.mcp.json': { plugged: { command: '${CLAUDE_PLUGIN_ROOT}/server' } },
      '/etc/claude-code/managed-mcp.json': { mcpServers: { managed: { type: 'http', url: 'https://corp.example/mcp' } } },
    })
    expect(servers.map(({ name, readOnly }) => [name, readOnly])).toEqual([
      ['managed', 'an administrator has set it'],
      ['plugged', 'it belongs to a plugin, which brings it back'],
    ])
  })
})

test('a name that our config would refuse is mended', async () => {
  const { servers } = await imported(code({ 'my cool__server/1': { command: 'a' }, profile: { command: 'b' } }))
  expect(servers.map(({ name }) => name)).toEqual(['my-cool_server-1', 'profile-server'])
})

test('nothing that is imported shows a secret when it is printed', async () => {
  const { servers } = await imported(code({ one: { command: 'x', env: { API_TOKEN: 'very-secret-value-1' } } }))
  expect(JSON.stringify(servers.map(({ secrets }) => secrets))).not.toContain('very-secret-value-1')
})
