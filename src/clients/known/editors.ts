/** Editors with an agent of their own: Cursor, Devin Desktop, Zed, Kiro, Antigravity and others. */
import type { Client } from '../client.ts'
import { BRACES, ENV, FILE, PLACES } from '../import/forms.ts'
import { bareUrl, command, serverUrl } from './shapes.ts'

export const cursor: Client = {
  id: 'cursor',
  name: 'Cursor',
  tier: 'full',
  signs: { paths: ['~/.cursor', '{app}/Cursor/User'], programs: ['cursor', 'cursor-agent'], apps: ['Cursor.app'] },
  files: [
    { scope: 'user', at: ['~/.cursor/mcp.json'], format: 'jsonc', key: ['mcpServers'] },
    { scope: 'project', at: ['./.cursor/mcp.json'], format: 'jsonc', key: ['mcpServers'], shared: true },
    {
      scope: 'plugin',
      at: ['~/.cursor/plugins/cache/*/*/*/mcp.json', '~/.cursor/plugins/cache/*/*/mcp.json'],
      format: 'jsonc',
      key: ['mcpServers'],
      bare: true,
    },
  ],
  http: bareUrl,
  stdio: command,
  dialect: { variables: { forms: [ENV, PLACES] } },
  reference: (variable) => `\${env:${variable}}`,
  graphical: true,
  alsoServes: ['the Cursor CLI'],
  restart: 'switch it on under Settings → MCP, or reload the window',
  verified: 'its documentation, November 2026',
}

export const devinDesktop: Client = {
  id: 'devin-desktop',
  name: 'Devin Desktop',
  tier: 'full',
  signs: {
    paths: { linux: ['~/.config/devin'], darwin: ['~/.config/devin'], win32: ['{app}/devin'] },
    apps: ['Devin.app'],
  },
  files: [
    {
      scope: 'user',
      at: {
        linux: ['~/.config/devin/mcp_config.json'],
        darwin: ['~/.config/devin/mcp_config.json'],
        win32: ['{app}/devin/mcp_config.json'],
      },
      format: 'jsonc',
      key: ['mcpServers'],
    },
    { scope: 'project', at: ['./.devin/mcp_config.json'], format: 'jsonc', key: ['mcpServers'], shared: true },
    { scope: 'project', at: ['./.devin/mcp_config.local.json'], format: 'jsonc', key: ['mcpServers'], readOnly: true },
  ],
  http: bareUrl,
  stdio: command,
  dialect: { variables: { forms: [ENV, FILE] } },
  off: { key: 'disabled', value: true },
  reference: (variable) => `\${env:${variable}}`,
  graphical: true,
  restart: 'press the refresh button of its MCP panel',
  verified: 'its documentation, November 2026',
}

export const windsurf: Client = {
  id: 'windsurf',
  name: 'Windsurf',
  tier: 'full',
  signs: {
    paths: ['~/.codeium/windsurf', '~/.codeium/windsurf-next', '~/.codeium/mcp_config.json', '{app}/Windsurf/User'],
    programs: ['windsurf'],
    apps: ['Windsurf.app'],
  },
  files: [
    { scope: 'user', at: ['~/.codeium/windsurf/mcp_config.json'], format: 'jsonc', key: ['mcpServers'] },
    {
      scope: 'user',
      at: ['~/.codeium/windsurf-next/mcp_config.json'],
      when: ['~/.codeium/windsurf-next'],
      format: 'jsonc',
      key: ['mcpServers'],
    },
    // The plugin for JetBrains reads this one.
    {
      scope: 'user',
      at: ['~/.codeium/mcp_config.json'],
      when: ['~/.codeium/mcp_config.json'],
      format: 'jsonc',
      key: ['mcpServers'],
    },
  ],
  http: serverUrl,
  stdio: command,
  dialect: { variables: { forms: [ENV, FILE] } },
  off: { key: 'disabled', value: true },
  reference: (variable) => `\${env:${variable}}`,
  graphical: true,
  restart: 'press the refresh button of its MCP panel',
  verified: 'its documentation, November 2026',
}

export const zed: Client = {
  id: 'zed',
  name: 'Zed',
  tier: 'full',
  signs: {
    paths: { linux: ['{config}/zed', '~/.var/app/dev.zed.Zed'], darwin: ['~/.config/zed'], win32: ['{app}/Zed'] },
    programs: ['zed', 'zeditor'],
    apps: ['Zed.app'],
  },
  files: [
    {
      scope: 'user',
      at: {
        linux: ['{config}/zed/settings.json', '~/.var/app/dev.zed.Zed/config/zed/settings.json'],
        darwin: ['~/.config/zed/settings.json'],
        win32: ['{app}/Zed/settings.json'],
      },
      format: 'jsonc',
      key: ['context_servers'],
    },
    { scope: 'project', at: ['./.zed/settings.json'], format: 'jsonc', key: ['context_servers'], shared: true },
  ],
  http: bareUrl,
  stdio: command,
  dialect: { timeouts: { timeout: { as: 'timeout', unitMs: 1 } } },
  off: { key: 'enabled', value: false },
  graphical: true,
  restart: 'nothing: it reads the file at once',
  verified: 'its documentation, November 2026',
}

export const kiro: Client = {
  id: 'kiro',
  name: 'Kiro',
  tier: 'full',
  signs: { paths: ['~/.kiro'], programs: ['kiro', 'kiro-cli'], apps: ['Kiro.app'] },
  files: [
    { scope: 'user', at: ['~/.kiro/settings/mcp.json'], format: 'jsonc', key: ['mcpServers'] },
    { scope: 'project', at: ['./.kiro/settings/mcp.json'], format: 'jsonc', key: ['mcpServers'], shared: true },
  ],
  http: ({ url, headers }) => ({ url, headers, disabled: false, autoApprove: [] }),
  stdio: ({ command, args, env }) => ({ command, args, env, disabled: false, autoApprove: [] }),
  dialect: { variables: { forms: [BRACES] }, timeouts: { timeout: { as: 'timeout', unitMs: 1 } } },
  off: { key: 'disabled', value: true },
  graphical: true,
  alsoServes: ['the Kiro CLI'],
  restart: 'nothing: it reconnects when the file is saved',
  verified: 'its documentation, November 2026',
}

export const antigravity: Client = {
  id: 'antigravity',
  name: 'Antigravity',
  tier: 'full',
  signs: {
    paths: ['~/.gemini/config', '~/.gemini/antigravity', '~/.gemini/antigravity-ide'],
    programs: ['agy', 'antigravity'],
    apps: ['Antigravity.app'],
  },
  files: [
    {
      scope: 'user',
      at: [
        '~/.gemini/config/mcp_config.json',
        '~/.gemini/antigravity/mcp_config.json',
        '~/.gemini/antigravity-ide/mcp_config.json',
      ],
      format: 'jsonc',
      key: ['mcpServers'],
    },
    { scope: 'project', at: ['./.agents/mcp_config.json'], format: 'jsonc', key: ['mcpServers'], shared: true },
  ],
  http: serverUrl,
  stdio: command,
  dialect: {},
  off: { key: 'disabled', value: true },
  graphical: true,
  alsoServes: ['the Antigravity CLI'],
  restart: 'press refresh in its MCP panel, or restart it',
  verified: 'its documentation, November 2026',
}

export const trae: Client = {
  id: 'trae',
  name: 'Trae',
  tier: 'target',
  signs: { paths: ['{app}/Trae'], apps: ['Trae.app'] },
  files: [
    {
      scope: 'user',
      at: ['{app}/Trae/User/mcp.json', '{app}/Trae/mcp.json'],
      when: ['{app}/Trae/User/mcp.json', '{app}/Trae/mcp.json'],
      format: 'jsonc',
      key: ['mcpServers'],
    },
    { scope: 'project', at: ['./.trae/mcp.json'], format: 'jsonc', key: ['mcpServers'], shared: true },
  ],
  http: bareUrl,
  stdio: command,
  dialect: {},
  graphical: true,
  restart: 'restart it; a project file must be switched on in its settings',
  verified: 'not verified; sources name two different paths',
}
