/** Agents in the terminal that are written only when they are named. */
import type { Client, ConfigFile, HttpTarget, StdioTarget } from '../client.ts'
import type { Tree } from '../formats/format.ts'
import { BRACES, BRACES_DEFAULT, FOREIGN, SHELL_LIKE } from '../import/forms.ts'
import { bareUrl, command, typedCommand, typedUrl } from './shapes.ts'

/** What most of them have in common: one JSON file with `mcpServers` in a folder of the home. */
const homeFile = (path: string): ConfigFile => ({ scope: 'user', at: [path], format: 'jsonc', key: ['mcpServers'] })

const REPORTED = 'not verified; the path is maintained by others'
const NEW_SESSION = 'start a new session'

export const crush: Client = {
  id: 'crush',
  name: 'Crush',
  tier: 'target',
  signs: { paths: ['{config}/crush'], programs: ['crush'] },
  files: [
    {
      scope: 'user',
      at: {
        linux: ['{CRUSH_GLOBAL_CONFIG}', '{config}/crush/crush.json'],
        darwin: ['{CRUSH_GLOBAL_CONFIG}', '{config}/crush/crush.json'],
        win32: ['{CRUSH_GLOBAL_CONFIG}', '{local}/crush/crush.json'],
      },
      format: 'json',
      key: ['mcp'],
      hiddenBy: ['{config}/crush/crushrc', '~/.crushrc'],
    },
    { scope: 'project', at: ['./crush.json', './.crush.json'], format: 'json', key: ['mcp'], shared: true },
  ],
  http: ({ url, headers }) => ({ type: 'http', url, headers, timeout: 120 }),
  stdio: (target) => ({ ...typedCommand(target), timeout: 120 }),
  dialect: {
    variables: { forms: [BRACES_DEFAULT, ...SHELL_LIKE, { pattern: /\$\([^()]*\)/, read: () => undefined }] },
    timeouts: { timeout: { as: 'timeout', unitMs: 1_000 } },
  },
  off: { key: 'disabled', value: true },
  restart: 'restart it',
  notes: ['Where a crushrc exists, it is stronger than crush.json; add a line there: mcp add mcp-gw --type http --url URL'],
  verified: '0.96.1, by its documentation',
}

export const grok: Client = {
  id: 'grok',
  name: 'Grok Build',
  tier: 'target',
  signs: { paths: ['{GROK_HOME:-~/.grok}'], programs: ['grok'] },
  files: [{ scope: 'user', at: ['{GROK_HOME:-~/.grok}/config.toml'], format: 'toml', key: ['mcp_servers'] }],
  http: ({ url, headers }) => ({ url, ...(Object.keys(headers).length > 0 && { http_headers: headers }) }),
  stdio: command,
  dialect: {
    timeouts: { startup_timeout_sec: { as: 'start_timeout', unitMs: 1_000 }, tool_timeout_sec: { as: 'timeout', unitMs: 1_000 } },
  },
  off: { key: 'enabled', value: false },
  restart: NEW_SESSION,
  notes: ['Grok Build reads the files of Claude Code too: where that has the gateway, Grok Build has it already.'],
  verified: REPORTED,
}

/** `transport` where others say `type`. */
const transportHttp = ({ url, headers }: HttpTarget): Tree => ({ transport: 'http', ...bareUrl({ url, headers }) })
const transportStdio = (target: StdioTarget): Tree => ({ transport: 'stdio', ...command(target) })

export const kimi: Client = {
  id: 'kimi',
  name: 'Kimi Code',
  tier: 'target',
  signs: { paths: ['{KIMI_CODE_HOME:-~/.kimi-code}'], programs: ['kimi'] },
  files: [homeFile('{KIMI_CODE_HOME:-~/.kimi-code}/mcp.json')],
  http: transportHttp,
  stdio: transportStdio,
  dialect: {},
  restart: NEW_SESSION,
  verified: REPORTED,
}

export const rovo: Client = {
  id: 'rovo',
  name: 'Rovo Dev',
  tier: 'target',
  signs: { paths: ['~/.rovodev'], programs: ['rovodev'] },
  files: [homeFile('~/.rovodev/mcp.json')],
  http: transportHttp,
  stdio: transportStdio,
  dialect: {},
  restart: NEW_SESSION,
  verified: REPORTED,
}

export const tabnine: Client = {
  id: 'tabnine',
  name: 'Tabnine',
  tier: 'target',
  signs: { paths: ['~/.tabnine'], programs: ['tabnine'] },
  files: [
    homeFile('~/.tabnine/agent/settings.json'),
    { scope: 'project', at: ['./.tabnine/agent/settings.json'], format: 'jsonc', key: ['mcpServers'], shared: true },
  ],
  http: (target) => ({ ...bareUrl(target), type: 'http' }),
  stdio: command,
  dialect: { variables: { forms: [BRACES_DEFAULT, ...SHELL_LIKE] }, timeouts: { timeout: { as: 'timeout', unitMs: 1 } } },
  restart: NEW_SESSION,
  verified: 'its documentation, November 2026',
}

const simple = (id: string, name: string, folder: string, file: string, more: Partial<Client> = {}): Client => ({
  id,
  name,
  tier: 'target',
  signs: { paths: [folder], programs: [id] },
  files: [homeFile(`${folder}/${file}`)],
  http: typedUrl,
  stdio: command,
  dialect: { variables: { forms: [BRACES, BRACES_DEFAULT] } },
  restart: NEW_SESSION,
  verified: REPORTED,
  ...more,
})

export const mastra = simple('mastra', 'Mastra Code', '~/.mastracode', 'mcp.json', { signs: { paths: ['~/.mastracode'] } })
export const bob = simple('bob', 'IBM Bob', '~/.bob', 'mcp.json')
export const pi = simple('pi', 'Pi', '~/.pi/agent', 'mcp.json')
export const omp = simple('omp', 'Oh My Pi', '~/.omp/agent', 'mcp.json')
export const fx = simple('fx', 'fx', '~/.fx', 'mcp.json', {
  signs: { paths: ['~/.fx'] },
  files: [{ scope: 'user', at: ['~/.fx/mcp.json'], format: 'jsonc', key: ['mcp'] }],
})

export const hermes: Client = {
  id: 'hermes',
  name: 'Hermes',
  tier: 'target',
  signs: { paths: { linux: ['~/.hermes'], darwin: ['~/.hermes'], win32: ['{local}/hermes'] }, programs: ['hermes'] },
  files: [
    {
      scope: 'user',
      at: { linux: ['~/.hermes/config.yaml'], darwin: ['~/.hermes/config.yaml'], win32: ['{local}/hermes/config.yaml'] },
      format: 'yaml',
      key: ['mcp_servers'],
    },
  ],
  http: bareUrl,
  stdio: command,
  dialect: { variables: { forms: [BRACES, FOREIGN] }, timeouts: { timeout: { as: 'timeout', unitMs: 1_000 } } },
  restart: NEW_SESSION,
  verified: REPORTED,
}

export const amazonq: Client = {
  id: 'amazonq',
  name: 'Amazon Q Developer',
  tier: 'import',
  signs: { paths: ['~/.aws/amazonq'], programs: ['q'] },
  files: [
    homeFile('~/.aws/amazonq/mcp.json'),
    homeFile('~/.aws/amazonq/agents/default.json'),
    { scope: 'project', at: ['./.amazonq/mcp.json'], format: 'jsonc', key: ['mcpServers'] },
  ],
  stdio: command,
  dialect: { variables: { forms: [BRACES] }, timeouts: { timeout: { as: 'timeout', unitMs: 1 } } },
  restart: NEW_SESSION,
  verified: 'its successor is the Kiro CLI',
}
