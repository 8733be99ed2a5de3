/** Agents of the terminal that everybody builds together: opencode and Goose. */
import type { Client } from '../client.ts'
import { isTree, type Tree } from '../formats/format.ts'
import { CURLY } from '../import/forms.ts'

/** `tools: { "github_*": false }` at the top of the file, where the server's name comes first. */
function deniedByMap(trees: readonly Tree[], name: string): string[] {
  const prefix = `${name.replace(/[^\w-]/g, '_')}_`
  const switches = trees.flatMap(({ tools }) => (isTree(tools) ? Object.entries(tools) : []))
  return switches.filter(([tool, on]) => on === false && tool.startsWith(prefix)).map(([tool]) => tool.slice(prefix.length))
}

export const opencode: Client = {
  id: 'opencode',
  name: 'opencode',
  tier: 'full',
  signs: { paths: ['{config}/opencode'], programs: ['opencode'] },
  files: [
    {
      scope: 'user',
      at: ['{config}/opencode/opencode.jsonc', '{config}/opencode/opencode.json'],
      format: 'jsonc',
      key: ['mcp'],
      also: [['mcp', 'servers']],
    },
    {
      scope: 'project',
      at: ['./opencode.jsonc', './opencode.json', './.opencode/opencode.jsonc', './.opencode/opencode.json'],
      format: 'jsonc',
      key: ['mcp'],
      shared: true,
    },
  ],
  http: ({ url, headers }) => ({ type: 'remote', url, headers, oauth: false, enabled: true }),
  stdio: ({ command, args, env }) => ({ type: 'local', command: [command, ...args], environment: env, enabled: true }),
  dialect: {
    variables: { forms: CURLY },
    timeouts: { timeout: { as: 'start_timeout', unitMs: 1 } },
    denied: deniedByMap,
  },
  off: { key: 'enabled', value: false },
  reference: (variable) => `{env:${variable}}`,
  restart: 'restart it',
  verified: '1.18.33',
}

export const goose: Client = {
  id: 'goose',
  name: 'Goose',
  tier: 'full',
  signs: {
    paths: {
      linux: ['{GOOSE_PATH_ROOT}', '~/.config/goose'],
      darwin: ['{GOOSE_PATH_ROOT}', '~/.config/goose'],
      win32: ['{GOOSE_PATH_ROOT}', '{app}/Block/goose'],
    },
    programs: ['goose'],
    apps: ['Goose.app'],
  },
  files: [
    {
      scope: 'user',
      at: {
        linux: ['{GOOSE_PATH_ROOT}/config/config.yaml', '~/.config/goose/config.yaml'],
        darwin: ['{GOOSE_PATH_ROOT}/config/config.yaml', '~/.config/goose/config.yaml'],
        win32: ['{GOOSE_PATH_ROOT}/config/config.yaml', '{app}/Block/goose/config/config.yaml'],
      },
      format: 'yaml',
      key: ['extensions'],
    },
  ],
  http: ({ url, headers }) => ({
    name: 'mcp-gw',
    type: 'streamable_http',
    description: 'All MCP servers, by way of mcp-gw',
    uri: url,
    headers,
    enabled: true,
    timeout: 300,
  }),
  stdio: ({ command, args, env }) => ({
    name: 'mcp-gw',
    type: 'stdio',
    description: 'All MCP servers, by way of mcp-gw',
    cmd: command,
    args,
    envs: env,
    env_keys: [],
    enabled: true,
    timeout: 300,
  }),
  dialect: { timeouts: { timeout: { as: 'timeout', unitMs: 1_000 } } },
  off: { key: 'enabled', value: false },
  graphical: true,
  restart: 'start a new session',
  notes: ['Values that Goose keeps in the keychain (env_keys) have to be given once more.'],
  verified: 'its documentation, November 2026',
}
