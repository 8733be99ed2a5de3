/** VS Code, Visual Studio and the Copilots. */
import type { Client, ConfigFile, HttpTarget, StdioTarget } from '../client.ts'
import type { Tree } from '../formats/format.ts'
import { BRACES, BRACES_DEFAULT, ENV, FOREIGN, INPUT, PLACES } from '../import/forms.ts'
import { typedCommand, typedUrl } from './shapes.ts'

const EDITOR = { variables: { forms: [INPUT, ENV, PLACES, FOREIGN] } }

const workspace: ConfigFile = { scope: 'project', at: ['./.vscode/mcp.json'], format: 'jsonc', key: ['servers'], shared: true }

const vscodeOf = (id: string, name: string, folder: string, program: string, app: string): Client => ({
  id,
  name,
  tier: 'full',
  signs: { paths: [`{app}/${folder}/User`], programs: [program], apps: [app] },
  files: [
    { scope: 'user', at: [`{app}/${folder}/User/mcp.json`], format: 'jsonc', key: ['servers'] },
    { scope: 'user', at: [`{app}/${folder}/User/profiles/*/mcp.json`], format: 'jsonc', key: ['servers'] },
    workspace,
  ],
  http: typedUrl,
  stdio: typedCommand,
  dialect: EDITOR,
  reference: (variable) => `\${env:${variable}}`,
  graphical: true,
  restart: 'trust the server when it asks, or press Start above the entry in mcp.json',
  notes: ['Values that VS Code asked you for (${input:…}) are in its own keychain; they have to be given once more.'],
  verified: 'its documentation, November 2026',
})

export const vscode = vscodeOf('vscode', 'VS Code', 'Code', 'code', 'Visual Studio Code.app')
export const vscodeInsiders = vscodeOf(
  'vscode-insiders',
  'VS Code Insiders',
  'Code - Insiders',
  'code-insiders',
  'Visual Studio Code - Insiders.app',
)

export const vscodeLegacy: Client = {
  id: 'vscode-legacy',
  name: 'VS Code (old settings)',
  tier: 'import',
  signs: { paths: ['{app}/Code/User/settings.json'] },
  files: [
    { scope: 'user', at: ['{app}/Code/User/settings.json'], format: 'jsonc', key: ['mcp', 'servers'] },
    { scope: 'user', at: ['{app}/Code - Insiders/User/settings.json'], format: 'jsonc', key: ['mcp', 'servers'] },
    { scope: 'project', at: ['./.vscode/settings.json'], format: 'jsonc', key: ['mcp', 'servers'] },
  ],
  stdio: typedCommand,
  dialect: EDITOR,
  restart: 'reload the window',
  verified: 'its documentation, November 2026',
}

export const copilotCli: Client = {
  id: 'copilot-cli',
  name: 'GitHub Copilot CLI',
  tier: 'full',
  signs: { paths: ['{COPILOT_HOME:-~/.copilot}'], programs: ['copilot'] },
  files: [
    {
      scope: 'user',
      at: ['{COPILOT_HOME:-~/.copilot}/mcp-config.json'],
      format: 'jsonc',
      key: ['mcpServers'],
    },
    // The first of them hides the second.
    {
      scope: 'project',
      at: ['./.mcp.json', './.github/mcp.json'],
      format: 'jsonc',
      key: ['mcpServers'],
      bare: true,
      shared: true,
    },
  ],
  http: ({ url, headers }) => ({ type: 'http', url, headers, tools: ['*'] }),
  stdio: ({ command, args, env }) => ({ type: 'local', command, args, env, tools: ['*'] }),
  dialect: {
    variables: { forms: [BRACES, BRACES_DEFAULT] },
    timeouts: { timeout: { as: 'timeout', unitMs: 1 } },
  },
  reference: (variable) => `\${${variable}}`,
  readBy: ['vscode', 'vscode-insiders'],
  restart: 'start a new session',
  verified: '1.0.102',
}

export const visualStudio: Client = {
  id: 'visual-studio',
  name: 'Visual Studio',
  tier: 'full',
  signs: { paths: { win32: ['{local}/Microsoft/VisualStudio/17*', '{local}/Microsoft/VisualStudio/18*', '~/.mcp.json'] } },
  files: [
    { scope: 'user', at: { win32: ['~/.mcp.json'] }, format: 'json', key: ['servers'] },
    { scope: 'project', at: { win32: ['./.vs/mcp.json'] }, format: 'json', key: ['servers'] },
  ],
  http: typedUrl,
  stdio: typedCommand,
  dialect: { variables: { forms: [INPUT, ENV, PLACES] } },
  graphical: true,
  restart: 'it reads the file at once; switch the tools on in the tool picker of the chat',
  notes: ['Visual Studio switches new tools off and forgets approvals whenever the list of tools changes.'],
  verified: '17.14, by its documentation',
}

/** The Copilots of other editors take headers one level further down. */
const requestInit = ({ url, headers }: HttpTarget): Tree =>
  Object.keys(headers).length > 0 ? { url, requestInit: { headers } } : { url }

const copilotOf = (id: string, name: string, tier: Client['tier'], folder: string, signs: Client['signs']): Client => ({
  id,
  name,
  tier,
  signs,
  files: [
    {
      scope: 'user',
      at: {
        linux: [`{config}/github-copilot/${folder}/mcp.json`],
        darwin: [`~/.config/github-copilot/${folder}/mcp.json`],
        win32: [`{local}/github-copilot/${folder}/mcp.json`],
      },
      format: 'json',
      key: ['servers'],
    },
  ],
  http: requestInit,
  stdio: (target: StdioTarget) => typedCommand(target),
  dialect: { variables: { forms: [INPUT, ENV] } },
  graphical: true,
  restart: 'restart the editor',
  verified: 'not verified; the path is reported by users',
})

const COPILOT_FOLDER = {
  linux: ['{config}/github-copilot/'],
  darwin: ['~/.config/github-copilot/'],
  win32: ['{local}/github-copilot/'],
} as const

const folderOf = (name: string): Client['signs'] => ({
  paths: {
    linux: [COPILOT_FOLDER.linux[0] + name],
    darwin: [COPILOT_FOLDER.darwin[0] + name],
    win32: [COPILOT_FOLDER.win32[0] + name],
  },
})

export const jetbrainsCopilot = copilotOf('jetbrains-copilot', 'Copilot for JetBrains', 'full', 'intellij', folderOf('intellij'))
export const eclipseCopilot = copilotOf('eclipse-copilot', 'Copilot for Eclipse', 'target', 'eclipse', folderOf('eclipse'))
export const xcodeCopilot = copilotOf('xcode-copilot', 'Copilot for Xcode', 'target', 'xcode', folderOf('xcode'))
