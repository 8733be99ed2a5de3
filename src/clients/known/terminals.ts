/** Agents in the terminal that belong to a maker of models or tools: Codex, Gemini CLI, Qwen Code, Amp, Auggie, droid, Warp. */
import type { Client } from '../client.ts'
import { isTree, type Tree } from '../formats/format.ts'
import { BRACES, BRACES_DEFAULT, SHELL_LIKE } from '../import/forms.ts'
import { strings } from '../import/strings.ts'
import { bareUrl, command, httpUrl, typedCommand, typedUrl } from './shapes.ts'

export const codex: Client = {
  id: 'codex',
  name: 'Codex',
  tier: 'full',
  signs: { paths: ['{CODEX_HOME:-~/.codex}'], programs: ['codex'], apps: ['ChatGPT.app', 'Codex.app'] },
  files: [
    { scope: 'user', at: ['{CODEX_HOME:-~/.codex}/config.toml'], format: 'toml', key: ['mcp_servers'] },
    { scope: 'project', at: ['./.codex/config.toml'], format: 'toml', key: ['mcp_servers'], shared: true },
    { scope: 'user', at: ['{CODEX_HOME:-~/.codex}/*.config.toml'], format: 'toml', key: ['mcp_servers'], readOnly: true },
  ],
  http: ({ url, headers, tokenVariable }) => ({
    url,
    ...(tokenVariable !== undefined && { bearer_token_env_var: tokenVariable }),
    ...(Object.keys(headers).length > 0 && { http_headers: headers }),
  }),
  stdio: ({ command, args, env }) => ({
    command,
    args,
    // It gives its children few variables; these decide where the gateway finds its config and its state.
    env_vars: ['MCP_GW_CONFIG', 'XDG_CONFIG_HOME', 'XDG_STATE_HOME'],
    startup_timeout_sec: 30,
    ...(Object.keys(env).length > 0 && { env }),
  }),
  dialect: {
    timeouts: {
      startup_timeout_sec: { as: 'start_timeout', unitMs: 1_000 },
      startup_timeout_ms: { as: 'start_timeout', unitMs: 1 },
      tool_timeout_sec: { as: 'timeout', unitMs: 1_000 },
    },
  },
  off: { key: 'enabled', value: false },
  namesToken: true,
  graphical: true,
  alsoServes: ['the Codex IDE extension', 'the ChatGPT desktop app'],
  restart: 'start a new session; restart the ChatGPT desktop app',
  verified: '0.169.0',
}

/** Servers that the settings leave out by name, or by not naming them. */
function offInSettings(trees: readonly Tree[], { name }: { name: string }): boolean {
  return trees.some(({ mcp }) => {
    if (!isTree(mcp)) return false
    return strings(mcp.excluded).includes(name) || (Array.isArray(mcp.allowed) && !strings(mcp.allowed).includes(name))
  })
}

export const geminiCli: Client = {
  id: 'gemini-cli',
  name: 'Gemini CLI',
  tier: 'full',
  signs: { paths: ['{GEMINI_CLI_HOME:-~}/.gemini/settings.json', '{GEMINI_CLI_HOME:-~}/.gemini/tmp'], programs: ['gemini'] },
  files: [
    { scope: 'user', at: ['{GEMINI_CLI_HOME:-~}/.gemini/settings.json'], format: 'json-comments', key: ['mcpServers'] },
    { scope: 'project', at: ['./.gemini/settings.json'], format: 'json-comments', key: ['mcpServers'], shared: true },
    {
      scope: 'policy',
      at: {
        linux: ['/etc/gemini-cli/settings.json'],
        darwin: ['/Library/Application Support/GeminiCli/settings.json'],
        win32: ['{ProgramData:-C:\\ProgramData}\\gemini-cli\\settings.json'],
      },
      format: 'json-comments',
      key: ['mcpServers'],
    },
  ],
  http: (target) => ({ ...bareUrl(target), type: 'http' }),
  stdio: command,
  dialect: {
    variables: { forms: [BRACES_DEFAULT, ...SHELL_LIKE] },
    timeouts: { timeout: { as: 'timeout', unitMs: 1 } },
    off: offInSettings,
  },
  reference: (variable) => `\${${variable}}`,
  restart: '/mcp reload, or a new session',
  notes: ['In a folder that it does not trust, Gemini CLI shows every server as disabled.'],
  verified: '0.61.0',
}

export const qwenCode: Client = {
  id: 'qwen-code',
  name: 'Qwen Code',
  tier: 'full',
  signs: { paths: ['{QWEN_HOME:-~/.qwen}'], programs: ['qwen'] },
  files: [
    { scope: 'user', at: ['{QWEN_HOME:-~/.qwen}/settings.json'], format: 'json', key: ['mcpServers'] },
    { scope: 'project', at: ['./.qwen/settings.json'], format: 'json', key: ['mcpServers'], shared: true },
  ],
  http: httpUrl,
  stdio: command,
  dialect: {
    variables: { forms: [...SHELL_LIKE] },
    timeouts: { timeout: { as: 'timeout', unitMs: 1 } },
    off: offInSettings,
  },
  reference: (variable) => `\${${variable}}`,
  restart: '/mcp, or a new session; approve an entry of a project with qwen mcp approve',
  verified: '0.24.4',
}

export const amp: Client = {
  id: 'amp',
  name: 'Amp',
  tier: 'full',
  signs: { paths: ['{config}/amp'], programs: ['amp'] },
  files: [
    {
      scope: 'user',
      at: ['{AMP_SETTINGS_FILE}', '{config}/amp/settings.json', '{config}/amp/settings.jsonc'],
      format: 'jsonc',
      key: ['amp.mcpServers'],
    },
    {
      scope: 'project',
      at: ['./.amp/settings.json', './.amp/settings.jsonc'],
      format: 'jsonc',
      key: ['amp.mcpServers'],
      shared: true,
    },
  ],
  http: bareUrl,
  stdio: command,
  dialect: { variables: { forms: [BRACES] } },
  reference: (variable) => `\${${variable}}`,
  restart: 'start a new thread; approve an entry of a project with amp mcp approve',
  verified: '0.0.1790142911',
}

export const auggie: Client = {
  id: 'auggie',
  name: 'Auggie',
  tier: 'full',
  signs: { paths: ['~/.augment'], programs: ['auggie'] },
  files: [
    { scope: 'user', at: ['~/.augment/settings.json'], format: 'jsonc', key: ['mcpServers'] },
    { scope: 'project', at: ['./.augment/settings.json'], format: 'jsonc', key: ['mcpServers'], shared: true },
    { scope: 'project', at: ['./.augment/settings.local.json'], format: 'jsonc', key: ['mcpServers'], readOnly: true },
  ],
  http: typedUrl,
  stdio: typedCommand,
  dialect: { variables: { forms: [BRACES] } },
  off: { key: 'disabled', value: true },
  reference: (variable) => `\${${variable}}`,
  restart: 'restart it',
  verified: '0.36.0',
}

export const droid: Client = {
  id: 'droid',
  name: 'Factory droid',
  tier: 'full',
  signs: { paths: ['~/.factory'], programs: ['droid'] },
  files: [
    { scope: 'user', at: ['~/.factory/mcp.json'], format: 'json', key: ['mcpServers'] },
    { scope: 'project', at: ['./.factory/mcp.json'], format: 'json', key: ['mcpServers'], shared: true },
  ],
  http: ({ url, headers }) => ({ type: 'http', url, headers, disabled: false }),
  stdio: ({ command, args, env }) => ({ type: 'stdio', command, args, env, disabled: false }),
  dialect: { variables: { forms: [BRACES, BRACES_DEFAULT], only: ['headers', 'env'] } },
  off: { key: 'disabled', value: true },
  reference: (variable) => `\${${variable}}`,
  restart: 'restart it',
  notes: ['Its own commands empty a file that has comments.'],
  verified: '0.225.2',
}

export const warp: Client = {
  id: 'warp',
  name: 'Warp',
  tier: 'full',
  signs: { paths: ['~/.warp'], programs: ['warp-terminal', 'warp'], apps: ['Warp.app'] },
  files: [
    { scope: 'user', at: ['~/.warp/.mcp.json'], format: 'jsonc', key: ['mcpServers'] },
    { scope: 'project', at: ['./.warp/.mcp.json'], format: 'jsonc', key: ['mcpServers'], shared: true },
  ],
  http: bareUrl,
  stdio: command,
  dialect: {},
  graphical: true,
  restart: 'nothing: it reads the file at once',
  verified: 'its own skill file, August 2026',
}
