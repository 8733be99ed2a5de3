/** Agents that live in somebody else's editor: Cline, Kilo, Roo, Continue, Augment, Junie. */
import type { Client, ConfigFile, HttpTarget, StdioTarget } from '../client.ts'
import type { Tree } from '../formats/format.ts'
import { CURLY, ENV, FOREIGN } from '../import/forms.ts'
import { bareUrl, command } from './shapes.ts'

/** The editors that are VS Code under another name, by the folder of their settings. */
const EDITORS = ['Code', 'Code - Insiders', 'VSCodium', 'Cursor', 'Windsurf']

/** The file of an extension in each of these editors; it counts where the extension is installed. */
const inEditors = (extension: string, file: string, rest: Pick<ConfigFile, 'format' | 'key' | 'locked'>): ConfigFile[] =>
  EDITORS.map((editor) => {
    const folder = `{app}/${editor}/User/globalStorage/${extension}`
    return { scope: 'user', at: [`${folder}/${file}`], when: [folder], ...rest }
  })

const extensionFolders = (extension: string): string[] =>
  EDITORS.map((editor) => `{app}/${editor}/User/globalStorage/${extension}`)

/** Flat entries, which every version of Cline reads; without a type, an address means the older transport there. */
const clineHttp = ({ url, headers }: HttpTarget): Tree => ({ type: 'streamableHttp', url, headers, disabled: false })
const clineStdio = (target: StdioTarget): Tree => ({ ...command(target), disabled: false })

export const cline: Client = {
  id: 'cline',
  name: 'Cline',
  tier: 'full',
  signs: { paths: extensionFolders('saoudrizwan.claude-dev') },
  files: inEditors('saoudrizwan.claude-dev', 'settings/cline_mcp_settings.json', {
    format: 'json',
    key: ['mcpServers'],
    locked: true,
  }),
  http: clineHttp,
  stdio: clineStdio,
  dialect: { timeouts: { timeout: { as: 'timeout', unitMs: 1_000 } } },
  off: { key: 'disabled', value: true },
  graphical: true,
  restart: 'nothing: it watches the file',
  verified: '3.0.65',
}

export const clineCli: Client = {
  id: 'cline-cli',
  name: 'Cline CLI',
  tier: 'full',
  signs: { paths: ['{CLINE_DIR:-~/.cline}'], programs: ['cline'] },
  files: [
    {
      scope: 'user',
      at: [
        '{CLINE_MCP_SETTINGS_PATH}',
        '{CLINE_DATA_DIR}/settings/cline_mcp_settings.json',
        '{CLINE_DIR}/data/settings/cline_mcp_settings.json',
        '~/.cline/data/settings/cline_mcp_settings.json',
      ],
      format: 'json',
      key: ['mcpServers'],
      locked: true,
    },
  ],
  http: clineHttp,
  stdio: clineStdio,
  dialect: { timeouts: { timeout: { as: 'timeout', unitMs: 1_000 } } },
  off: { key: 'disabled', value: true },
  restart: 'start a new session',
  verified: '3.0.65',
}

export const roo: Client = {
  id: 'roo',
  name: 'Roo Code',
  tier: 'import',
  signs: { paths: extensionFolders('rooveterinaryinc.roo-cline') },
  files: [
    ...inEditors('rooveterinaryinc.roo-cline', 'settings/mcp_settings.json', { format: 'json', key: ['mcpServers'] }),
    { scope: 'project', at: ['./.roo/mcp.json'], format: 'json', key: ['mcpServers'] },
  ],
  stdio: command,
  dialect: { variables: { forms: [ENV] }, timeouts: { timeout: { as: 'timeout', unitMs: 1_000 } } },
  restart: 'reload the window',
  verified: 'archived in May 2026',
}

export const kiloLegacy: Client = {
  id: 'kilo-legacy',
  name: 'Kilo Code before version 7',
  tier: 'import',
  signs: { paths: extensionFolders('kilocode.kilo-code') },
  files: [
    ...inEditors('kilocode.kilo-code', 'settings/mcp_settings.json', { format: 'json', key: ['mcpServers'] }),
    { scope: 'project', at: ['./.kilocode/mcp.json'], format: 'json', key: ['mcpServers'] },
  ],
  stdio: command,
  dialect: { variables: { forms: [ENV] }, timeouts: { timeout: { as: 'timeout', unitMs: 1_000 } } },
  restart: 'reload the window',
  verified: 'not verified; the path is maintained by others',
}

export const kilo: Client = {
  id: 'kilo',
  name: 'Kilo Code',
  tier: 'full',
  signs: { paths: ['{config}/kilo'], programs: ['kilo'] },
  files: [
    { scope: 'user', at: ['{config}/kilo/kilo.jsonc', '{config}/kilo/kilo.json'], format: 'jsonc', key: ['mcp'] },
    {
      scope: 'project',
      at: ['./kilo.jsonc', './kilo.json', './.kilo/kilo.jsonc', './.kilo/kilo.json'],
      format: 'jsonc',
      key: ['mcp'],
      shared: true,
    },
  ],
  http: ({ url, headers }) => ({ type: 'remote', url, headers, oauth: false, enabled: true }),
  stdio: ({ command, args, env }) => ({ type: 'local', command: [command, ...args], environment: env, enabled: true }),
  dialect: { variables: { forms: CURLY }, timeouts: { timeout: { as: 'start_timeout', unitMs: 1 } } },
  off: { key: 'enabled', value: false },
  reference: (variable) => `{env:${variable}}`,
  restart: 'restart it',
  verified: '7.8.1',
}

export const continueDev: Client = {
  id: 'continue',
  name: 'Continue',
  tier: 'target',
  signs: { paths: ['~/.continue'] },
  files: [
    // It reads every file in this folder, so ours can be one of its own.
    { scope: 'user', at: ['~/.continue/mcpServers/mcp-gw.json'], format: 'json', key: ['mcpServers'] },
    { scope: 'user', at: ['~/.continue/config.yaml'], format: 'yaml', key: ['mcpServers'], list: 'name', readOnly: true },
    { scope: 'user', at: ['~/.continue/mcpServers/*.json'], format: 'json', key: ['mcpServers'], readOnly: true },
    { scope: 'user', at: ['~/.continue/mcpServers/*.yaml'], format: 'yaml', key: ['mcpServers'], list: 'name', readOnly: true },
  ],
  http: ({ url, headers }) => ({
    type: 'streamable-http',
    url,
    ...(Object.keys(headers).length > 0 && { requestOptions: { headers } }),
  }),
  stdio: command,
  dialect: { variables: { forms: [FOREIGN, { pattern: /\$\{\{[^{}]*\}\}/, read: () => undefined }] } },
  restart: 'reload the window',
  verified: 'archived in June 2026',
}

export const augmentVscode: Client = {
  id: 'augment-vscode',
  name: 'Augment for VS Code',
  // Its servers are a list within somebody else's settings, which nobody can splice safely; its own panel can.
  tier: 'import',
  signs: { paths: extensionFolders('augment.vscode-augment') },
  files: [
    {
      scope: 'user',
      at: ['{app}/Code/User/settings.json'],
      format: 'jsonc',
      key: ['augment.advanced', 'mcpServers'],
      list: 'name',
    },
  ],
  stdio: command,
  dialect: {},
  graphical: true,
  restart: 'reload the window',
  notes: ['Add the gateway in its settings panel: Tools → MCP → Add MCP.'],
  verified: 'not verified; the path is reported by others',
}

export const junie: Client = {
  id: 'junie',
  name: 'JetBrains Junie',
  tier: 'full',
  signs: { paths: ['~/.junie'], programs: ['junie'] },
  files: [
    { scope: 'user', at: ['~/.junie/mcp/mcp.json'], format: 'jsonc', key: ['mcpServers'] },
    { scope: 'project', at: ['./.junie/mcp/mcp.json'], format: 'jsonc', key: ['mcpServers'], shared: true },
  ],
  // Its documentation knows local commands only; an address in the file is ignored.
  stdio: command,
  dialect: {},
  graphical: true,
  restart: 'restart the IDE, or switch the server on under Settings → Tools → Junie → MCP',
  notes: ['Junie accepts only local commands in its file, so it gets the bridge (mcp-gw connect) instead of a URL.'],
  verified: 'its documentation, November 2026',
}

export const jetbrainsAi: Client = {
  id: 'jetbrains-ai',
  name: 'JetBrains AI Assistant',
  tier: 'full',
  signs: { paths: ['~/.ai/mcp', '~/.ai'] },
  files: [
    { scope: 'user', at: ['~/.ai/mcp/mcp.json'], format: 'jsonc', key: ['mcpServers'] },
    { scope: 'project', at: ['./.ai/mcp/mcp.json'], format: 'jsonc', key: ['mcpServers'], shared: true },
  ],
  http: bareUrl,
  stdio: command,
  dialect: {},
  graphical: true,
  restart: 'press Apply under Settings → Tools → AI Assistant → MCP',
  verified: 'not verified; the path is maintained by others',
}
