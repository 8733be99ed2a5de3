/** What is taken over from one text: pasted, from a client's file, or from another gateway's config. */
import { describe, expect, test } from 'vitest'
import { importFile, KINDS } from '../../src/clients/import/import-file.ts'
import { replaceSecrets } from '../../src/clients/import/secrets.ts'
import { parse } from '../../src/config/load.ts'
import { machine } from '../support/machine.ts'

const here = machine('linux', {}, { HOME: '/home/anna' })
const read = (text: string, more: { kind?: string; name?: string; path?: string } = {}) =>
  importFile(text, { machine: here, ...more })

/** The entries by name. */
async function entries(text: string, more: Parameters<typeof read>[1] = {}) {
  const { servers, problems } = await read(text, more)
  expect(problems).toEqual([])
  return Object.fromEntries(servers.map(({ name, entry }) => [name, entry]))
}

describe('a pasted text', () => {
  const server = { command: 'npx', args: ['-y', 'some-server'] }
  const json = JSON.stringify(server)

  test.each([
    ['with the wrapper of clients', `{ "mcpServers": { "some": ${json} } }`],
    ['of VS Code', `{ "servers": { "some": ${json} } }`],
    ['of the settings of VS Code', `{ "editor.fontSize": 12, "mcp": { "servers": { "some": ${json} } } }`],
    ['that is a bare map', `{ "some": ${json} }`],
    ['without its braces', `"some": ${json}`],
    ['with its trailing comma', `"some": ${json},\n`],
    ['with comments', `// add this\n{ "mcpServers": { "some": ${json}, /* more */ } }`],
    ['between fences', `\`\`\`json\n{ "mcpServers": { "some": ${json} } }\n\`\`\``],
    ['that names itself', `{ "name": "some", "command": "npx", "args": ["-y", "some-server"] }`],
    ['of Codex', '[mcp_servers.some]\ncommand = "npx"\nargs = ["-y", "some-server"]\n'],
    ['of Zed', `{ "context_servers": { "some": ${json} } }`],
    ['of opencode', '{ "mcp": { "some": { "type": "local", "command": ["npx", "-y", "some-server"] } } }'],
    ['of Goose', 'extensions:\n  some:\n    type: stdio\n    cmd: npx\n    args: [-y, some-server]\n'],
    ['in YAML', 'mcpServers:\n  some:\n    command: npx\n    args: [-y, some-server]\n'],
    ['of our own config', 'servers:\n  some:\n    command: npx\n    args: [-y, some-server]\n'],
  ])('%s is understood', async (_, text) => {
    expect(await entries(text)).toEqual({ some: server })
  })

  test('of one server without a name takes the one that is given', async () => {
    expect(await entries('{ "url": "https://mcp.example.com/mcp" }', { name: 'example' })).toEqual({
      example: { url: 'https://mcp.example.com/mcp' },
    })
  })

  test('may use the variables of any client', async () => {
    const env = { A: '${input:api-key}', B: '${env:B}', C: '${C:-3}', D: '${D}', E: '${workspaceFolder}' }
    const { servers } = await read(JSON.stringify({ mcpServers: { some: { command: 'x', env, timeout: 60 } } }))
    expect(servers[0]?.entry).toEqual({
      command: 'x',
      env: { A: '${API_KEY}', B: '${B:-}', C: '${C:-3}', D: '${D}', E: '$${workspaceFolder}' },
      timeout: '1m',
    })
    expect(servers[0]?.needs.map(({ variable }) => variable)).toEqual(['API_KEY', 'B', 'D'])
    expect(servers[0]?.notes).toMatchObject([{ kind: 'unknown value' }])
  })

  test('that is broken is a problem with its place', async () => {
    expect((await read('{ "mcpServers": { "a": }')).problems).toMatchObject([{ line: 1, column: 24 }])
    expect((await read('hello')).problems[0]?.message).toMatch(/^Cannot read the pasted text: line 1/)
  })

  test.each(['{}', '{ "theme": "dark" }', '{ "mcpServers": {} }', '[1, 2]', 'a: [1', ''])(
    'that holds no servers is a problem: %s',
    async (text) => {
      const { servers, problems } = await read(text)
      expect(servers).toEqual([])
      expect(problems).toHaveLength(1)
    },
  )
})

describe('the config of another gateway', () => {
  test('mcp-conductor', async () => {
    const text = `
[server]
host = "127.0.0.1"
port = 9090
timeout_secs = 30

[backends.filesystem]
transport = "stdio"
command = "npx"
args = ["-y", "@modelcontextprotocol/server-filesystem", "/srv/my data"]
cwd = "/srv"
[backends.filesystem.env]
LOG = "\${literal}"

[backends.remote]
transport = "http"
url = "https://mcp.example.com/mcp"
`
    expect(await entries(text)).toEqual({
      filesystem: {
        command: 'npx',
        args: ['-y', '@modelcontextprotocol/server-filesystem', '/srv/my data'],
        cwd: '/srv',
        env: { LOG: '$${literal}' },
      },
      remote: { type: 'http', url: 'https://mcp.example.com/mcp' },
    })
  })

  test('mcp-conduit', async () => {
    const text = `
gateway: { port: 8080 }
servers:
  - id: github
    url: stdio://npx
    transport: stdio
    command: npx
    args: [-y, "@modelcontextprotocol/server-github"]
    env: { GITHUB_TOKEN: ghp_1111111111111111111111111111111111cd }
    cache: { default_ttl: 60 }
  - id: search
    url: https://search.example.com/mcp
    headers: { X-Key: abc }
    replicas: [https://b.example.com/mcp]
  - id: managed
    transport: stdio
    url: stdio://managed
    managed_runtime: { enabled: true, source_type: npm, source_ref: some-server@1.2.3 }
`
    const { servers } = await read(text)
    expect(Object.fromEntries(servers.map(({ name, entry }) => [name, entry]))).toEqual({
      github: {
        command: 'npx',
        args: ['-y', '@modelcontextprotocol/server-github'],
        env: { GITHUB_TOKEN: 'ghp_1111111111111111111111111111111111cd' },
      },
      search: { url: 'https://search.example.com/mcp', headers: { 'X-Key': 'abc' } },
      managed: { command: 'npx', args: ['-y', 'some-server@1.2.3'] },
    })
    expect(servers.find(({ name }) => name === 'search')?.notes).toMatchObject([{ text: 'replicas has no counterpart here' }])
    expect(servers.find(({ name }) => name === 'github')?.secrets).toMatchObject([{ variable: 'GITHUB_TOKEN' }])
  })

  test('mcpstead', async () => {
    const text = `
host: 0.0.0.0
port: 8766
mcp: { auth: { mode: bearer } }
servers:
  - name: docs
    url: https://docs.example.com/mcp
    protocol: auto
    required: true
    auth: { type: bearer, token_env: DOCS_TOKEN }
    headers: { X-Team: '\${TEAM}' }
    quirks: { normalize_sse_events: true, inject_accept_header: text/event-stream }
    reconnect: { max_attempts: 5, backoff_base_ms: 500, backoff_max_ms: 30000 }
    tools: { ttl_seconds: 300 }
  - name: old
    url: https://old.example.com/sse
    protocol: sse
    auth: none
    tls_skip_verify: true
`
    expect(await entries(text)).toEqual({
      docs: {
        url: 'https://docs.example.com/mcp',
        headers: { 'X-Team': '$${TEAM}', Authorization: 'Bearer ${DOCS_TOKEN}' },
        required: true,
        quirks: { normalize_sse_events: true, inject_accept_header: 'text/event-stream' },
        reconnect: { base: '500ms', max: '30s', attempts: 5 },
      },
      old: { type: 'sse', url: 'https://old.example.com/sse', tls_skip_verify: true },
    })
  })

  test('mcp-gateway', async () => {
    const text = `
server: { port: 39400 }
backends:
  tavily:
    description: Search
    command: npx -y @tavily/mcp "a b"
    env: { TAVILY_API_KEY: "\${TAVILY_API_KEY}", MODE: "\${MODE:-fast}", literal: "\${lower}" }
    timeout: 45s
    stop_when_idle_for: 300
  sentry:
    http_url: https://mcp.sentry.dev/mcp
    streamable_http: true
    enabled: false
    headers: { Authorization: "Bearer \${SENTRY_TOKEN}" }
  paths:
    command: server
    cwd: "/srv/\${NOT_FILLED}"
`
    expect(await entries(text)).toEqual({
      tavily: {
        command: 'npx',
        args: ['-y', '@tavily/mcp', 'a b'],
        env: { TAVILY_API_KEY: '${TAVILY_API_KEY:-}', MODE: '${MODE:-fast}', literal: '${lower:-}' },
        timeout: '45s',
        idle: '5m',
      },
      sentry: {
        type: 'http',
        url: 'https://mcp.sentry.dev/mcp',
        headers: { Authorization: 'Bearer ${SENTRY_TOKEN:-}' },
        disabled: true,
      },
      paths: { command: 'server', cwd: '/srv/$${NOT_FILLED}' },
    })
  })

  test('1MCP', async () => {
    const text = JSON.stringify({
      $schema: 'https://docs.1mcp.app/schemas/v1.0.0/mcp-config.json',
      mcpServers: {
        files: {
          command: 'npx',
          args: ['-y', 'files'],
          env: ['HOME_DIR', 'LEVEL=${LEVEL:-info}'],
          inheritParentEnv: false,
          tags: ['local'],
          requestTimeout: 20_000,
          connectionTimeout: 5_000,
          restartOnExit: true,
        },
        all: { command: 'x', inheritParentEnv: true, disabled: 'true' },
      },
    })
    expect(await entries(text)).toEqual({
      files: {
        command: 'npx',
        args: ['-y', 'files'],
        env: { LEVEL: '${LEVEL:-info}' },
        inherit: ['HOME_DIR'],
        timeout: '20s',
        start_timeout: '5s',
      },
      all: { command: 'x', inherit: 'all', disabled: true },
    })
  })

  test('MCPHub', async () => {
    const text = JSON.stringify({
      mcpServers: {
        amap: {
          command: 'npx',
          args: ['-y', 'amap'],
          env: { AMAP_KEY: '${AMAP_KEY}' },
          enabled: true,
          owner: 'admin',
          options: { timeout: 90_000 },
        },
        tuned: {
          type: 'streamable-http',
          url: 'https://$HOST_NAME/mcp',
          tools: { drop: { enabled: false }, keep: { enabled: true } },
        },
        spec: { type: 'openapi', openapi: { url: 'https://example.com/openapi.json' } },
      },
      users: [{ username: 'admin', password: '$2b$10$hash', isAdmin: true }],
    })
    const { servers, skipped } = await read(text)
    expect(Object.fromEntries(servers.map(({ name, entry }) => [name, entry]))).toEqual({
      amap: { command: 'npx', args: ['-y', 'amap'], env: { AMAP_KEY: '${AMAP_KEY:-}' }, timeout: '90s' },
      tuned: { type: 'http', url: 'https://${HOST_NAME:-}/mcp', tools: { deny: ['drop'] } },
    })
    expect(skipped).toMatchObject([{ reason: 'the gateway cannot run what is of type openapi' }])
  })

  test('mcp-hub', async () => {
    const text = JSON.stringify({
      mcpServers: {
        gh: {
          command: 'npx',
          args: ['-y', 'gh', '--root', '${userHome}/x'],
          env: { TOKEN: '${cmd: pass show gh}', PASSED: null, USER_NAME: '${env:USER_NAME}' },
          disabled_tools: ['rm'],
          dev: { watch: ['src'], cwd: '/srv' },
        },
      },
    })
    const { servers, kind } = await read(text)
    expect(kind).toBe('mcp-hub')
    expect(servers[0]?.entry).toEqual({
      command: 'npx',
      args: ['-y', 'gh', '--root', '/home/anna/x'],
      env: { TOKEN: '$${cmd: pass show gh}', USER_NAME: '${USER_NAME:-}' },
      inherit: ['PASSED'],
      tools: { deny: ['rm'] },
    })
    expect(servers[0]?.notes.map(({ kind }) => kind)).toEqual(['unknown value', 'left out'])
  })

  test('of our own kind goes over whole', async () => {
    const text =
      'listen: { port: 39400 }\nservers:\n  a:\n    command: npx -y x\n    env: { K: "${K}" }\n    timeout: 5s\n    idle: never\n    tools: { deny: [b] }\n'
    expect(await entries(text)).toEqual({
      a: { command: 'npx', args: ['-y', 'x'], env: { K: '${K}' }, timeout: '5s', idle: 'never', tools: { deny: ['b'] } },
    })
  })

  test('may be named, and is then read as that', async () => {
    expect(KINDS).toEqual(
      expect.arrayContaining(['mcp-conductor', 'mcp-conduit', 'mcpstead', 'mcp-gateway', '1mcp', 'mcphub', 'mcp-hub', 'cursor']),
    )
    const { servers } = await read('{ "mcpServers": { "a": { "command": "x", "args": ["${A}"], "timeout": 5 } } }', {
      kind: 'cline',
    })
    expect(servers[0]?.entry).toEqual({ command: 'x', args: ['$${A}'], timeout: '5s' })
  })

  test('becomes entries that our config accepts', async () => {
    const text =
      'servers:\n  - name: a\n    url: https://a.example.com/mcp\n    quirks: { normalize_sse_events: true }\n    reconnect: { max_attempts: 2 }\n'
    const { servers } = await read(text)
    const source = JSON.stringify({
      servers: Object.fromEntries(servers.map(({ name, entry, secrets }) => [name, replaceSecrets(entry, secrets, () => 'x')])),
    })
    const context = { env: {}, cwd: '/', readFile: async () => '', readKeychain: async () => ({ error: 'none' }) }
    expect(await parse(source, '/config.json', context)).toHaveProperty('config')
  })
})
