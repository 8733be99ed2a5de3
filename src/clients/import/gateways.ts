/** Recognises this gateway among the servers of a client, and other gateways, which bring servers of their own. */

import type { ServerEntry } from './server-entry.ts'
import { programName } from './wrappers.ts'

export const ENTRY_NAME = 'mcp-gw'

/** The addresses at which this machine's gateway listens, or has listened. */
export interface OwnGateway {
  readonly urls: readonly string[]
}

/** Whether an entry leads to this gateway itself: imported, it would call itself forever. */
export function isOwnGateway(name: string, entry: ServerEntry, own: OwnGateway): boolean {
  if (entry.url !== undefined) return isOwnUrl(entry.url, own) || (name === ENTRY_NAME && isLoopback(entry.url))
  const words = [entry.command ?? '', ...(entry.args ?? [])]
  const at = words.findIndex((word) => packageName(word) === ENTRY_NAME)
  const rest = words.slice(at + 1)
  if (at >= 0 && (rest.includes('connect') || (rest.includes('serve') && rest.includes('--stdio')))) return true
  // A bridge of somebody else that leads to us.
  return words.some((word) => isOwnUrl(word, own))
}

function isOwnUrl(text: string, own: OwnGateway): boolean {
  const url = parsed(text)
  return url !== undefined && own.urls.some((one) => sameServer(url, parsed(one)))
}

function sameServer(url: URL, own: URL | undefined): boolean {
  if (!own || url.port !== own.port || !/^\/(?:mcp|sse)?(?:\/|$)/.test(url.pathname)) return false
  return url.hostname === own.hostname || (isLoopback(url.href) && isLoopback(own.href))
}

function isLoopback(text: string): boolean {
  const host = parsed(text)?.hostname ?? ''
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\]|0\.0\.0\.0|host\.docker\.internal)$/.test(host)
}

function parsed(text: string): URL | undefined {
  return /^https?:/i.test(text) && URL.canParse(text) ? new URL(text) : undefined
}

/** `@scope/name@1.2` and `/path/to/name.js` → `name`. */
function packageName(word: string): string {
  return programName(word.replace(/(.)@[^@/\\]*$/, '$1')).replace(/\.(?:m?js|cjs|ts)$/, '')
}

/** Gateways by the name of their program or package, and how people call them. */
const AGGREGATORS: Readonly<Record<string, string>> = {
  '1mcp': '1MCP',
  mcphub: 'MCPHub',
  'mcp-hub': 'mcp-hub',
  metamcp: 'MetaMCP',
  toolport: 'toolport',
  mcpproxy: 'mcpproxy',
  'mcpproxy-go': 'mcpproxy',
  'mcp-conductor': 'mcp-conductor',
  mcpgw: 'mcp-conductor',
  'mcp-conduit': 'mcp-conduit',
  conduit: 'mcp-conduit',
  mcpstead: 'mcpstead',
  'mcp-gateway': 'mcp-gateway',
  mcpjungle: 'MCPJungle',
  'mcp-router': 'MCP Router',
  'mcp-gw': 'another mcp-gw',
}

/** The gateway that an entry starts, by its name for people; undefined where it starts none. */
export function aggregatorIn({ command = '', args = [] }: ServerEntry): string | undefined {
  const words = [command, ...args]
  if (programName(command) === 'docker' && args[0] === 'mcp' && args[1] === 'gateway') return 'the Docker MCP gateway'
  if (words.some((word) => word.startsWith('@1mcp/agent'))) return '1MCP'
  if (words.some((word) => word.startsWith('@mcp_router/cli'))) return 'MCP Router'
  // Only what is started, not what it is told: the first word that is no flag of a launcher.
  const started = ['npx', 'bunx', 'uvx', 'node'].includes(programName(command))
    ? args.find((arg) => !arg.startsWith('-'))
    : command
  const name = started === undefined ? '' : packageName(started)
  return Object.hasOwn(AGGREGATORS, name) ? AGGREGATORS[name] : undefined
}
