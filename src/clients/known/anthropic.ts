/** Claude Code and Claude Desktop. */
import type { Client } from '../client.ts'
import { isTree, type Tree } from '../formats/format.ts'
import { BRACES, BRACES_DEFAULT } from '../import/forms.ts'
import { strings } from '../import/strings.ts'
import { command, typedCommand, typedUrl } from './shapes.ts'

/** What a person said of a project's servers stands beside the project in the user's own file. */
function offInProject(trees: readonly Tree[], { name, project }: { name: string; project: string | undefined }): boolean {
  if (project === undefined) return false
  return trees.some(({ projects }) => {
    const said = isTree(projects) && Object.entries(projects).find(([folder]) => sameFolder(folder, project))?.[1]
    return isTree(said) && [...strings(said.disabledMcpServers), ...strings(said.disabledMcpjsonServers)].includes(name)
  })
}

/** Claude Code writes folders of Windows with the slashes of everybody else. */
const sameFolder = (one: string, other: string): boolean => one.replaceAll('\\', '/') === other.replaceAll('\\', '/')

export const claudeCode: Client = {
  id: 'claude-code',
  name: 'Claude Code',
  tier: 'full',
  signs: { paths: ['{CLAUDE_CONFIG_DIR}', '~/.claude', '~/.claude.json'], programs: ['claude'] },
  files: [
    {
      scope: 'user',
      at: ['{CLAUDE_CONFIG_DIR:-~}/.claude.json'],
      format: 'json',
      key: ['mcpServers'],
      also: [['projects', '*', 'mcpServers']],
      locked: true,
      hot: true,
    },
    { scope: 'user', at: ['~/.claude-*/.claude.json'], format: 'json', key: ['mcpServers'], readOnly: true },
    { scope: 'project', at: ['./.mcp.json'], format: 'json', key: ['mcpServers'], shared: true },
    {
      scope: 'plugin',
      at: ['{CLAUDE_CONFIG_DIR:-~/.claude}/plugins/cache/*/*/*/.mcp.json'],
      format: 'json',
      key: ['mcpServers'],
      bare: true,
    },
    {
      scope: 'policy',
      at: {
        linux: ['/etc/claude-code/managed-mcp.json'],
        darwin: ['/Library/Application Support/ClaudeCode/managed-mcp.json'],
        win32: ['{ProgramFiles:-C:\\Program Files}\\ClaudeCode\\managed-mcp.json'],
      },
      format: 'json',
      key: ['mcpServers'],
    },
  ],
  http: typedUrl,
  stdio: typedCommand,
  dialect: {
    variables: { forms: [BRACES, BRACES_DEFAULT] },
    timeouts: { timeout: { as: 'timeout', unitMs: 1 } },
    off: offInProject,
  },
  reference: (variable) => `\${${variable}}`,
  readBy: ['grok'],
  restart: 'start a new session, or reconnect it with /mcp',
  notes: ['A project file stays "pending approval" until you accept it in Claude Code.'],
  verified: '2.1.329',
}

export const claudeDesktop: Client = {
  id: 'claude-desktop',
  name: 'Claude Desktop',
  tier: 'full',
  signs: {
    paths: {
      linux: ['{app}/Claude'],
      darwin: ['{app}/Claude'],
      win32: ['{app}/Claude', '{local}/AnthropicClaude', '{local}/Packages/Claude*'],
    },
    apps: ['Claude.app'],
  },
  files: [
    { scope: 'user', at: ['{app}/Claude/claude_desktop_config.json'], format: 'json', key: ['mcpServers'] },
    // The version of the Windows store sees a copy of AppData of its own.
    {
      scope: 'user',
      at: { win32: ['{local}/Packages/Claude*/LocalCache/Roaming/Claude/claude_desktop_config.json'] },
      format: 'json',
      key: ['mcpServers'],
    },
  ],
  stdio: command,
  dialect: {},
  graphical: true,
  restart: 'quit it fully (not only its window) and open it again',
  notes: ['Claude Desktop accepts only local commands in its file, so it gets the bridge (mcp-gw connect) instead of a URL.'],
  verified: 'its documentation, November 2026',
}
