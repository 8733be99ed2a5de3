/** Chat applications of the desktop. */
import type { Client, Paths } from '../client.ts'
import { bareUrl, command, typedUrl } from './shapes.ts'

const REPORTED = 'not verified; the path is reported by others'

export const lmStudio: Client = {
  id: 'lm-studio',
  name: 'LM Studio',
  tier: 'full',
  signs: { paths: ['~/.lmstudio', '~/.cache/lm-studio'], programs: ['lms'], apps: ['LM Studio.app'] },
  files: [{ scope: 'user', at: ['~/.lmstudio/mcp.json', '~/.cache/lm-studio/mcp.json'], format: 'jsonc', key: ['mcpServers'] }],
  http: bareUrl,
  stdio: command,
  dialect: { timeouts: { timeout: { as: 'timeout', unitMs: 1 } } },
  off: { key: 'disabled', value: true },
  graphical: true,
  restart: 'nothing: it reads the file when it is saved',
  verified: 'its documentation, November 2026',
}

export const jan: Client = {
  id: 'jan',
  name: 'Jan',
  tier: 'target',
  signs: {
    paths: { linux: ['~/.local/share/Jan', '{config}/Jan'], darwin: ['{app}/Jan'], win32: ['{app}/Jan'] },
    apps: ['Jan.app'],
  },
  files: [
    {
      scope: 'user',
      at: {
        linux: ['~/.local/share/Jan/data/mcp_config.json', '{config}/Jan/data/mcp_config.json'],
        darwin: ['{app}/Jan/data/mcp_config.json'],
        win32: ['{app}/Jan/data/mcp_config.json'],
      },
      format: 'jsonc',
      key: ['mcpServers'],
    },
  ],
  http: (target) => ({ ...typedUrl(target), active: true }),
  // Jan wants the list of arguments even where it is empty.
  stdio: ({ command, args, env }) => ({ command, args, env, active: true }),
  dialect: {},
  off: { key: 'active', value: false },
  graphical: true,
  restart: 'restart it',
  verified: REPORTED,
}

const desktop = (id: string, name: string, folder: Paths, file: Paths, app: string): Client => ({
  id,
  name,
  tier: 'target',
  signs: { paths: folder, apps: [app] },
  files: [{ scope: 'user', at: file, format: 'jsonc', key: ['mcpServers'] }],
  stdio: command,
  dialect: {},
  graphical: true,
  restart: 'quit it and open it again',
  verified: REPORTED,
})

export const anythingllm = desktop(
  'anythingllm',
  'AnythingLLM',
  ['{app}/anythingllm-desktop'],
  ['{app}/anythingllm-desktop/storage/plugins/anythingllm_mcp_servers.json'],
  'AnythingLLM.app',
)
export const boltai = desktop('boltai', 'BoltAI', { darwin: ['~/.boltai'] }, { darwin: ['~/.boltai/mcp.json'] }, 'BoltAI.app')
export const witsy = desktop('witsy', 'Witsy', ['{app}/Witsy'], ['{app}/Witsy/settings.json'], 'Witsy.app')

export const voidEditor: Client = {
  id: 'void',
  name: 'Void',
  tier: 'import',
  signs: { paths: ['~/.void-editor'] },
  files: [{ scope: 'user', at: ['~/.void-editor/mcp.json'], format: 'jsonc', key: ['mcpServers'] }],
  stdio: command,
  dialect: {},
  restart: 'restart it',
  verified: 'unmaintained',
}
