/** Addresses of servers that have moved, and where they are now. */

/** Each was announced by its vendor; the old address answers no more, or will not for long. */
const MOVED: Readonly<Record<string, string>> = {
  'https://mcp.atlassian.com/v1/sse': 'https://mcp.atlassian.com/v1/mcp/authv2',
  'https://mcp.asana.com/sse': 'https://mcp.asana.com/v2/mcp',
  'https://mcp.linear.app/sse': 'https://mcp.linear.app/mcp',
  'https://mcp.notion.com/sse': 'https://mcp.notion.com/mcp',
  'https://docs.mcp.cloudflare.com/sse': 'https://docs.mcp.cloudflare.com/mcp',
}

/** Where a server is now; undefined where it has not moved. */
export function movedTo(url: string): string | undefined {
  const plain = url.replace(/\/+$/, '').toLowerCase()
  return Object.hasOwn(MOVED, plain) ? MOVED[plain] : undefined
}
