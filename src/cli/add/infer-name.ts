/** Finds a name for a server that was given none, from its address or its package. */

const NAME_LENGTH_MAX = 20
/** Parts of a host that say nothing about whose it is. */
const EMPTY_PARTS = new Set(['mcp', 'api', 'www', 'server', 'remote', 'app', 'sse', 'connect', 'v1'])
/** Endings of a host that two parts make. */
const DOUBLE_ENDING = /\.(?:co|com|org|net|gov|ac)\.[a-z]{2}$/
/** What packages of servers are called around their name. */
const AROUND = [
  /^@[^/]+\//,
  /(.)@[^@]*$/,
  /^mcp-server-/,
  /^server-/,
  /^mcp-/,
  /-mcp-server$/,
  /-mcp$/,
  /-server$/,
  /_mcp$/,
  /^mcp_server_/,
]

/** A name from an address: `https://mcp.sentry.dev/mcp` → `sentry`. */
export function nameOfUrl(url: string): string {
  if (!URL.canParse(url)) return 'server'
  const { hostname, port } = new URL(url)
  if (/^[\d.]+$|^\[|^localhost$/.test(hostname)) return named(`local-${port || '80'}`)
  const ending = DOUBLE_ENDING.exec(hostname)?.[0] ?? `.${hostname.split('.').at(-1)}`
  const parts = hostname.slice(0, -ending.length).split('.')
  const telling = parts.filter((part) => !EMPTY_PARTS.has(part))
  // The nearer to the ending, the more it says whose it is; `docs.mcp.cloudflare.com` is not all of Cloudflare.
  return named((telling.length > 0 ? telling : parts).reverse().join('-'))
}

/** A name from a package: `@modelcontextprotocol/server-filesystem@1` → `filesystem`. */
export function nameOfPackage(spec: string): string {
  return named(
    AROUND.reduce((name, part) => name.replace(part, (_, kept: unknown) => (typeof kept === 'string' ? kept : '')) || name, spec),
  )
}

/** A name from what is started: the package of a launcher, or the program itself. */
export function nameOfCommand(command: string, args: readonly string[]): string {
  const program = (command.split(/[\\/]/).at(-1) ?? command).replace(/\.(?:exe|cmd|bat)$/i, '')
  const isLauncher = [
    'npx',
    'bunx',
    'pnpx',
    'uvx',
    'pipx',
    'docker',
    'podman',
    'node',
    'bun',
    'deno',
    'python',
    'python3',
    'uv',
  ].includes(program)
  const told = args.filter((arg) => !arg.startsWith('-') && !['run', 'dlx', 'exec', 'x'].includes(arg))
  const said = isLauncher ? (['docker', 'podman'].includes(program) ? told.at(-1) : told[0]) : undefined
  const last = (said ?? program).split(/[\\/]/)
  // A path of a package is a scope and a name, a path of a file is all folders but the last.
  return nameOfPackage((last.at(-1) ?? '').replace(/\.(?:m?[jt]s|py|cjs)$/, '').replace(/:[^:]*$/, ''))
}

function named(text: string): string {
  const plain = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, NAME_LENGTH_MAX)
    .replace(/^-+|-+$/g, '')
  return plain || 'server'
}
