/** The configs of other gateways that people come from. */
import { formatDuration, parseDuration } from '../../std/duration.ts'
import { isTree, type Tree } from '../formats/format.ts'
import { BRACES, BRACES_DEFAULT, BRACES_OPTIONAL, ENV, FOREIGN, INPUT, PLACES, SHELL_LIKE } from '../import/forms.ts'
import type { ServerEntry } from '../import/server-entry.ts'
import { type Foreign, fromList, fromMap, treesIn } from './foreign.ts'

const same = (entry: Tree) => ({ entry })

/** mcp-conductor: TOML, `[backends.NAME]` with `transport = "stdio"` or `"http"`. It fills in nothing. */
const conductor: Foreign = {
  id: 'mcp-conductor',
  name: 'mcp-conductor',
  recognises: ({ backends }) => treesIn(backends).some(({ transport }) => transport === 'stdio' || transport === 'http'),
  servers: (tree) => fromMap(tree, 'backends', same),
  dialect: {},
}

/** How mcp-conduit starts the packages that it manages. */
const MANAGED: Readonly<Record<string, (ref: string) => string[]>> = {
  npm: (ref) => ['npx', '-y', ref],
  pypi: (ref) => ['uvx', ref.replace('@', '==')],
  oci: (ref) => ['docker', 'run', '-i', '--rm', ref],
}

/** mcp-conduit: YAML, a list of `servers` with an `id` each. It fills in nothing, whatever its documentation shows. */
const conduit: Foreign = {
  id: 'mcp-conduit',
  name: 'mcp-conduit',
  recognises: ({ servers }) => Array.isArray(servers) && treesIn(servers).some(({ id }) => typeof id === 'string'),
  servers: (tree) =>
    fromList(tree, { key: 'servers', name: 'id' }, ({ id: _, cache: _c, managed_runtime: managed, url, ...entry }) => {
      const words = isTree(managed) && entry.command === undefined ? managedCommand(managed) : undefined
      // A local server has an address there too: stdio://command
      const address = typeof url === 'string' && !url.startsWith('stdio:') ? { url } : {}
      return { entry: { ...entry, ...address, ...(words && { command: words }) } }
    }),
  dialect: { timeouts: { timeout_ms: { as: 'timeout', unitMs: 1 } } },
}

function managedCommand({ source_type, source_ref }: Tree): string[] | undefined {
  const start = typeof source_type === 'string' && Object.hasOwn(MANAGED, source_type) ? MANAGED[source_type] : undefined
  return typeof source_ref === 'string' ? start?.(source_ref) : undefined
}

/** mcpstead: YAML, a list of `servers` with a `name` and a `url` each. It fills in nothing but `token_env`. */
const mcpstead: Foreign = {
  id: 'mcpstead',
  name: 'mcpstead',
  recognises: ({ servers }) => Array.isArray(servers) && treesIn(servers).some(({ name, url }) => !!name && !!url),
  servers: (tree) =>
    fromList(tree, { key: 'servers', name: 'name' }, (server) => {
      const { protocol, auth, required, tls_skip_verify, quirks, reconnect, tools: _refresh, ...rest } = server
      const type = protocol === 'sse' || protocol === 'streamable' ? { type: protocol } : {}
      const token = isTree(auth) && typeof auth.token_env === 'string' ? { bearer_token_env_var: auth.token_env } : {}
      const extra: ServerEntry = {
        ...(required === true && { required }),
        ...(tls_skip_verify === true && { tls_skip_verify }),
        ...(isTree(quirks) && { quirks }),
        ...(isTree(reconnect) && { reconnect: reconnectOf(reconnect) }),
      }
      return { entry: { ...rest, ...type, ...token }, extra }
    }),
  dialect: {},
}

function reconnectOf({ max_attempts, backoff_base_ms, backoff_max_ms }: Tree): NonNullable<ServerEntry['reconnect']> {
  const ms = (value: unknown): string | undefined => (typeof value === 'number' && value > 0 ? formatDuration(value) : undefined)
  const [base, max] = [ms(backoff_base_ms), ms(backoff_max_ms)]
  return {
    ...(base !== undefined && { base }),
    ...(max !== undefined && { max }),
    ...(typeof max_attempts === 'number' && { attempts: max_attempts }),
  }
}

/** mcp-gateway (in Rust): YAML, `backends` by name. `${VAR}` holds in headers and in env only, where an unset one is nothing. */
const rustGateway: Foreign = {
  id: 'mcp-gateway',
  name: 'mcp-gateway',
  recognises: ({ backends }) => treesIn(backends).some((entry) => 'http_url' in entry || typeof entry.command === 'string'),
  servers: (tree) =>
    fromMap(tree, 'backends', ({ http_url, streamable_http, timeout, stop_when_idle_for, ...rest }) => {
      const limit = lasting(timeout)
      const idle = lasting(stop_when_idle_for)
      return {
        entry: { ...rest, ...(http_url !== undefined && { url: http_url }), ...(streamable_http === true && { type: 'http' }) },
        extra: { ...(limit !== undefined && { timeout: limit }), ...(idle !== undefined && { idle }) },
      }
    }),
  dialect: { variables: { forms: [BRACES_DEFAULT, BRACES_OPTIONAL], only: ['headers', 'env'] } },
}

/** `30s`, `100ms`, or seconds as a number. */
function lasting(value: unknown): string | undefined {
  const ms = typeof value === 'number' ? value * 1_000 : parseDuration(String(value))
  return ms !== undefined && ms > 0 ? formatDuration(ms) : undefined
}

const ONE_MCP_KEYS = ['inheritParentEnv', 'envFilter', 'restartOnExit', 'connectionTimeout', 'requestTimeout', 'template']

/** 1MCP: JSON like that of clients, with tags, restarts and two time limits. */
const oneMcp: Foreign = {
  id: '1mcp',
  name: '1MCP',
  recognises: ({ $schema, mcpServers, mcpTemplates }) =>
    String($schema).includes('1mcp') ||
    mcpTemplates !== undefined ||
    treesIn(mcpServers).some((entry) => ONE_MCP_KEYS.some((key) => key in entry)),
  servers: (tree) => fromMap(tree, 'mcpServers', same),
  dialect: {
    variables: { forms: [BRACES_DEFAULT, BRACES] },
    timeouts: {
      timeout: { as: 'timeout', unitMs: 1 },
      requestTimeout: { as: 'timeout', unitMs: 1 },
      connectionTimeout: { as: 'start_timeout', unitMs: 1 },
    },
  },
}

/** MCPHub: JSON like that of clients, beside its users and its system. */
const mcpHub: Foreign = {
  id: 'mcphub',
  name: 'MCPHub',
  recognises: ({ mcpServers, users, systemConfig, groups, bearerKeys }) =>
    isTree(mcpServers) && [users, systemConfig, groups, bearerKeys].some((value) => value !== undefined),
  servers: (tree) =>
    fromMap(tree, 'mcpServers', ({ options, owner: _, ...entry }) => {
      const { timeout, ...more } = isTree(options) ? options : {}
      return {
        entry: { ...entry, ...(timeout !== undefined && { timeout }), ...(Object.keys(more).length > 0 && { options: more }) },
      }
    }),
  dialect: { variables: { forms: [...SHELL_LIKE] }, timeouts: { timeout: { as: 'timeout', unitMs: 1 } } },
}

/** mcp-hub (for Neovim): JSON like that of clients, with commands in place of secrets. */
const neovimHub: Foreign = {
  id: 'mcp-hub',
  name: 'mcp-hub',
  recognises: ({ mcpServers }) =>
    treesIn(mcpServers).some((entry) => 'dev' in entry || 'disabled_tools' in entry || JSON.stringify(entry).includes('${cmd:')),
  servers: (tree) => fromMap(tree, 'mcpServers', same),
  dialect: { variables: { forms: [ENV, INPUT, PLACES, FOREIGN, BRACES] } },
}

/** The most telling first: what one has alone is looked for before what others have too. */
export const GATEWAYS: readonly Foreign[] = [conductor, conduit, mcpstead, rustGateway, mcpHub, oneMcp, neovimHub]
