/** Applications without a file that we may write: what a person does there by hand. */
import type { ManualClient } from '../client.ts'

type Gateway = Parameters<ManualClient['instructions']>[0]

const commandLine = ({ command, args }: Gateway): string =>
  [command, ...args].map((word) => (/\s/.test(word) ? `"${word}"` : word)).join(' ')

const asJson = ({ command, args }: Gateway): string => JSON.stringify({ mcpServers: { 'mcp-gw': { command, args } } }, null, 2)

const manual = (id: string, name: string, instructions: ManualClient['instructions']): ManualClient => ({
  id,
  name,
  tier: 'manual',
  instructions,
})

/** A server in a container does not see the loopback address of the machine. */
const fromContainer = (url: string): string => url.replace(/\/\/(?:127\.0\.0\.1|localhost|\[::1\])/, '//host.docker.internal')

const HOSTED = 'it needs a public HTTPS address and a sign-in in front of the gateway; an address of this machine cannot work'

export const MANUAL_CLIENTS: readonly ManualClient[] = [
  manual('raycast', 'Raycast AI', (gateway) => {
    const { command, args } = gateway
    const install = encodeURIComponent(JSON.stringify({ name: 'mcp-gw', type: 'stdio', command, args }))
    return `Open this link: raycast://mcp/install?${install}\nOr run "Install MCP Server" in Raycast with the command: ${commandLine(gateway)}`
  }),
  manual(
    'cherry-studio',
    'Cherry Studio',
    ({ url }) => `Settings → MCP Servers → Add: name mcp-gw, type Streamable HTTP, URL ${url}`,
  ),
  manual('5ire', '5ire', (gateway) => `Tools → New: name mcp-gw, command ${commandLine(gateway)}`),
  manual('msty', 'Msty', (gateway) => `Toolbox → Add new tool, then paste:\n${asJson(gateway)}`),
  manual(
    'perplexity',
    'Perplexity',
    (gateway) => `Settings → Connectors → Add connector → Advanced, then paste:\n${asJson(gateway)}`,
  ),
  manual(
    'librechat',
    'LibreChat',
    ({ url }) =>
      `Add this to librechat.yaml and restart it:\nmcpServers:\n  mcp-gw:\n    type: streamable-http\n    url: ${fromContainer(url)}\n` +
      'In Docker, the gateway must listen beyond the loopback address (listen.host), with a token.',
  ),
  manual(
    'open-webui',
    'Open WebUI',
    ({ url }) =>
      `Admin Panel → Settings → External Tools → Add: type MCP (Streamable HTTP), URL ${fromContainer(url)}\n` +
      'Set Function Calling to Native. In Docker, the gateway must listen beyond the loopback address (listen.host), with a token.',
  ),
  manual('chatgpt-web', 'ChatGPT on the web', () => `Settings → Connectors → Developer mode: ${HOSTED}.`),
  manual('claude.ai', 'Claude on the web', () => `Settings → Connectors → Add custom connector: ${HOSTED}.`),
]
