/** The real clients: where npm puts the program of each, and the words in which it is asked about its servers. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const platform = `${process.platform}-${process.arch}`
const ofWindows = process.platform === 'win32' ? '.exe' : ''

/**
 * `program` is a path in node_modules; a path that ends in .js is started with Node. The packages' install scripts do not run, so
 * programs that such a script would put in place are taken from the package of the platform.
 * `file` is the client's own, in the home. `connected` finds our entry in what `list` says; a client that lists without
 * connecting has `entry` instead: the words that make it print our entry, which is then used as the client would use it.
 */
export const clients = {
  claude: {
    id: 'claude-code',
    package: '@anthropic-ai/claude-code@2.1.329',
    program: `@anthropic-ai/claude-code-${platform}/claude${ofWindows}`,
    file: '.claude.json',
    add: ['mcp', 'add', '-s', 'user', 'NAME', '--', 'COMMAND'],
    list: ['mcp', 'list'],
    connected: /^mcp-gw: .* - ✔ Connected/m,
  },
  codex: {
    id: 'codex',
    package: '@openai/codex@0.169.0',
    program: '@openai/codex/bin/codex.js',
    file: '.codex/config.toml',
    add: ['mcp', 'add', 'NAME', '--', 'COMMAND'],
    list: ['mcp', 'list'],
    entry: ['mcp', 'get', 'mcp-gw', '--json'],
  },
  gemini: {
    id: 'gemini-cli',
    package: '@google/gemini-cli@0.61.0',
    program: '@google/gemini-cli/bundle/gemini.js',
    file: '.gemini/settings.json',
    add: ['mcp', 'add', '-s', 'user', 'NAME', 'COMMAND'],
    list: ['mcp', 'list'],
    connected: /✓ mcp-gw: .* - Connected/,
    // It connects to nothing in a folder that nobody has said to trust.
    prepare: (home) => write(join(home, '.gemini', 'trustedFolders.json'), JSON.stringify({ [home]: 'TRUST_FOLDER' })),
  },
  copilot: {
    id: 'copilot-cli',
    package: '@github/copilot@1.0.102',
    program: `@github/copilot-${platform}/copilot${ofWindows}`,
    file: '.copilot/mcp-config.json',
    add: ['mcp', 'add', 'NAME', '--', 'COMMAND'],
    list: ['mcp', 'list'],
    entry: ['mcp', 'get', 'mcp-gw', '--json'],
  },
  qwen: {
    id: 'qwen-code',
    package: '@qwen-code/qwen-code@0.24.4',
    program: '@qwen-code/qwen-code/cli-entry.js',
    file: '.qwen/settings.json',
    add: ['mcp', 'add', '-s', 'user', 'NAME', 'COMMAND'],
    list: ['mcp', 'list'],
    connected: /✓ mcp-gw: .* - Connected/,
  },
  opencode: {
    id: 'opencode',
    package: 'opencode-ai@1.18.33',
    program: `opencode-${platform.replace('win32', 'windows')}/bin/opencode${ofWindows}`,
    file: '.config/opencode/opencode.jsonc',
    add: ['mcp', 'add', 'NAME', '--', 'COMMAND'],
    list: ['mcp', 'list'],
    connected: /✓ mcp-gw connected/,
  },
}

function write(path, text) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
