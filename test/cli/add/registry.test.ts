/** A server of the registry becomes an entry that starts just that, and nothing that strangers may have slipped in. */

import { writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fromRegistry } from '../../../src/cli/add/registry.ts'
import { proposalOf, readServerJson } from '../../../src/cli/add/registry-entry.ts'
import { temporaryFolder } from '../../support/gateway.ts'

type Json = Record<string, unknown>

const folder = temporaryFolder()
afterAll(() => folder.remove())
// Programs that need not run: only whether they are there counts.
for (const program of ['npx', 'uvx', 'docker', 'dnx']) writeFileSync(join(folder.path, program), '', { mode: 0o755 })
const env = { PATH: ['/nowhere', folder.path].join(delimiter) }

/** What becomes of a `server.json` with these parts; a refusal is its message. */
function proposed(parts: Json, where: NodeJS.ProcessEnv = env) {
  const server = readServerJson({ name: 'io.github.ann/weather', description: 'Weather', version: '1.2.3', ...parts })
  if (!server) return 'no server'
  try {
    const { name, entry, inputs } = proposalOf(server, { name: undefined, source: 'test', env: where })
    return { name, entry, inputs }
  } catch (error) {
    return (error as Error).message
  }
}

const npm = (parts: Json = {}) => ({
  packages: [{ registryType: 'npm', identifier: '@ann/weather', version: '1.2.3', transport: { type: 'stdio' }, ...parts }],
})

describe('a server.json', () => {
  test('with an address is reached there, before anything is installed', () => {
    const remotes = [
      { type: 'sse', url: 'https://x.io/sse' },
      {
        type: 'streamable-http',
        url: 'https://x.io/mcp',
        headers: [
          { name: 'Authorization', value: 'Bearer {api_key}', variables: { api_key: { isSecret: true, isRequired: true } } },
          { name: 'X-Region', description: 'Where', default: 'eu', choices: ['eu', 'us'] },
        ],
      },
    ]
    expect(proposed({ remotes, ...npm() })).toEqual({
      name: 'weather',
      entry: { url: 'https://x.io/mcp', headers: { Authorization: 'Bearer ${API_KEY}', 'X-Region': '${WEATHER_X_REGION}' } },
      inputs: [
        { name: 'API_KEY', required: true, secret: true },
        { name: 'WEATHER_X_REGION', required: false, secret: false, about: 'Where', default: 'eu', choices: ['eu', 'us'] },
      ],
    })
    expect(
      proposed({ remotes: [{ type: 'sse', url: 'https://{tenant}.x.io/sse', variables: { tenant: { description: 'Yours' } } }] }),
    ).toMatchObject({
      entry: { url: 'https://${TENANT}.x.io/sse', type: 'sse' },
      inputs: [{ name: 'TENANT', required: true, secret: false, about: 'Yours' }],
    })
  })

  test.each([
    ['npm', npm(), 'npx -y @ann/weather@1.2.3'],
    ['pypi', { packages: [{ registryType: 'pypi', identifier: 'weather-mcp', version: '2.0' }] }, 'uvx weather-mcp@2.0'],
    [
      'oci',
      { packages: [{ registryType: 'oci', identifier: 'ghcr.io/ann/weather:1.2.3' }] },
      'docker run -i --rm ghcr.io/ann/weather:1.2.3',
    ],
    [
      'oci in the older form',
      { packages: [{ registry_type: 'oci', registry_base_url: 'https://docker.io', identifier: 'ann/weather', version: '1' }] },
      'docker run -i --rm ann/weather:1',
    ],
    [
      'nuget',
      {
        packages: [
          {
            registryType: 'nuget',
            identifier: 'Ann.Weather',
            version: '1.0.0',
            packageArguments: [{ type: 'positional', value: 'x' }],
          },
        ],
      },
      'dnx Ann.Weather@1.0.0 --yes -- x',
    ],
    [
      'arguments',
      npm({
        runtimeArguments: [{ type: 'named', name: '--yes' }],
        packageArguments: [
          { type: 'positional', value: 'serve' },
          { type: 'named', name: '--port', default: '80' },
          { type: 'named', name: '--root', valueHint: 'root_folder', isRequired: true },
          { type: 'named', name: '--optional', description: 'not needed' },
          { type: 'named', name: '--fast', format: 'boolean', value: 'true' },
          { type: 'named', name: '--slow', format: 'boolean', default: 'false' },
        ],
      }),
      'npx -y @ann/weather@1.2.3 serve --port 80 --root ${ROOT_FOLDER} --fast',
    ],
  ])('with a package of %s is pinned and started by its launcher', (_what, parts, line) => {
    const made = proposed(parts) as { entry: { command: string; args: string[] } }
    expect([made.entry.command, ...made.entry.args].join(' ')).toBe(line)
  })

  test('says which variables it wants, in either spelling', () => {
    const old = {
      packages: [
        {
          registry_type: 'npm',
          identifier: 'weather',
          version: '1.0.0',
          environment_variables: [
            { name: 'API_KEY', is_required: true, is_secret: true, description: 'Yours' },
            { name: 'MODE', value: 'fast' },
          ],
        },
      ],
    }
    expect(proposed(old)).toEqual({
      name: 'weather',
      entry: { command: 'npx', args: ['-y', 'weather@1.0.0'], env: { API_KEY: '${API_KEY}', MODE: 'fast' } },
      inputs: [{ name: 'API_KEY', required: true, secret: true, about: 'Yours' }],
    })
    expect(
      proposed({ packages: [{ registryType: 'oci', identifier: 'ann/w:1', environmentVariables: [{ name: 'API_KEY' }] }] }),
    ).toMatchObject({
      entry: { args: ['run', '-i', '--rm', '-e', 'API_KEY', 'ann/w:1'], env: { API_KEY: '${API_KEY}' } },
    })
  })

  test('takes the first package that something here can start', () => {
    const both = {
      packages: [
        { registryType: 'npm', identifier: 'weather', version: '1.0.0' },
        { registryType: 'pypi', identifier: 'weather', version: '1.0.0' },
      ],
    }
    expect(proposed(both)).toMatchObject({ entry: { command: 'npx' } })
    expect(proposed(both, { PATH: '/nowhere' })).toBe(
      'io.github.ann/weather cannot be run here: it needs npx or uvx; install one of them',
    )
    expect(proposed({ packages: [{ registryType: 'mcpb', identifier: 'https://x.io/a.mcpb' }] })).toBe(
      'io.github.ann/weather cannot be run here: it brings nothing that is started or reached',
    )
  })

  test.each([
    ['a flag as a name', npm({ identifier: '--registry=https://evil.io' }), /is no name of a package of npm/],
    ['an address as a name', npm({ identifier: 'https://evil.io/x.tgz' }), /is no name of a package of npm/],
    ['a repository as a name', npm({ identifier: 'git+ssh://evil.io/x' }), /is no name of a package of npm/],
    ['a folder as a name', npm({ identifier: '../x' }), /is no name of a package of npm/],
    ['another registry', npm({ registryBaseUrl: 'https://evil.io' }), /comes from https:\/\/evil\.io and not from where/],
    ['no version', npm({ version: 'latest' }), /has no version that could be pinned/],
    ['a range of versions', npm({ version: '^1' }), /has no version that could be pinned/],
    [
      'a whole machine',
      {
        packages: [
          { registryType: 'oci', identifier: 'a/b:1', runtimeArguments: [{ type: 'positional', value: '--privileged' }] },
        ],
      },
      /asks for --privileged/,
    ],
    [
      'the socket of docker',
      {
        packages: [
          {
            registryType: 'oci',
            identifier: 'a/b:1',
            runtimeArguments: [{ type: 'named', name: '-v', value: '/var/run/docker.sock:/x' }],
          },
        ],
      },
      /docker\.sock/,
    ],
    [
      'what is no flag',
      npm({ packageArguments: [{ type: 'named', name: '; rm -rf ~', value: 'x' }] }),
      /is no flag; the server is not added/,
    ],
    ['no encryption', { remotes: [{ type: 'sse', url: 'http://evil.io/sse' }] }, /which is not encrypted/],
    ['a name of its own', { name: 'evil' }, /^no server$/],
  ])('with %s is refused', (_what, parts, refusal) => {
    expect(proposed(parts)).toMatch(refusal)
  })

  test('cannot reach into what is ours: its ${…} are mere texts', () => {
    const headers = [{ name: 'X', value: '${file:~/.ssh/id_rsa} ${keychain:x} ${HOME} {undeclared}' }]
    expect(proposed({ remotes: [{ type: 'streamable-http', url: 'https://x.io', headers }] })).toMatchObject({
      entry: { headers: { X: '$${file:~/.ssh/id_rsa} $${keychain:x} $${HOME} {undeclared}' } },
      inputs: [],
    })
  })

  test('cannot move the cursor of a terminal', () => {
    expect(readServerJson({ name: 'a.b/c', version: '1', description: '\u001b[2Jhi\nthere' })).toMatchObject({
      description: ' [2Jhi there',
    })
  })
})

describe('the registry', () => {
  const asked: string[] = []
  let server: Server
  let base: string
  const entry = (name: string, description: string, meta: Json = { status: 'active', publishedAt: '2026-01-02T03:04:05Z' }) => ({
    server: { name, description, version: '1.0.0', remotes: [{ type: 'streamable-http', url: 'https://x.io/mcp' }] },
    _meta: { 'io.modelcontextprotocol.registry/official': meta },
  })
  const all = [
    entry('io.github.ann/weather', 'Ann'),
    entry('io.github.bob/weather-pro', 'Bob'),
    entry('com.x/gone', 'Gone', { status: 'deleted' }),
    entry('com.x/old', 'Old', { status: 'deprecated' }),
  ]

  beforeAll(async () => {
    server = createServer((request: IncomingMessage, response) => {
      const url = new URL(request.url ?? '', 'http://x')
      asked.push(url.pathname + url.search)
      const [, name] = /^\/v0\.1\/servers\/([^/]+)\/versions\/latest$/.exec(url.pathname) ?? []
      const search = url.searchParams.get('search') ?? ''
      const found =
        name === undefined
          ? { servers: all.filter((one) => one.server.name.includes(search)) }
          : all.find((one) => one.server.name === decodeURIComponent(name))
      if (url.pathname.includes('broken')) return response.end('{ not json')
      if (!found) return response.writeHead(404).end('{}')
      response.end(JSON.stringify(found))
    })
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => void server.close())

  const find = (wanted: string, url = base) =>
    fromRegistry(wanted, undefined, { base: url, questions: undefined }).catch(
      (error: Error & { code: number }) => `${error.code}: ${error.message}`,
    )

  test('gives a server by its whole name, with where it comes from', async () => {
    expect(await find('io.github.ann/weather')).toMatchObject({
      name: 'weather',
      entry: { url: 'https://x.io/mcp' },
      source: expect.stringMatching(/^127\.0\.0\.1:\d+ as io\.github\.ann\/weather 1\.0\.0, published 2026-01-02$/),
    })
    expect(asked.at(-1)).toBe('/v0.1/servers/io.github.ann%2Fweather/versions/latest')
  })

  test('gives a server by the end of its name where only one ends so', async () => {
    expect(await find('weather')).toMatchObject({ name: 'weather' })
    expect(await find('pro')).toMatchObject({ name: 'weather-pro' })
  })

  test('shows what there is where several may be meant', async () => {
    expect(await find('weath')).toMatch(
      /^1: .* has 2 servers for weath; name one:\n {2}io\.github\.ann\/weather {2}Ann\n {2}io\.github\.bob\/weather-pro {2}Bob$/,
    )
  })

  test('is asked once more for a name that it does not have', async () => {
    expect(await find('io.github.eve/weather')).toMatchObject({ name: 'weather' })
    expect(await find('io.github.eve/nothing')).toMatch(/^1: .* has no io\.github\.eve\/nothing; is it spelled right\?$/)
  })

  test('has servers that nobody should use any more', async () => {
    expect(await find('com.x/gone')).toBe('1: com.x/gone was taken out of the registry; it is not added')
    expect(await find('com.x/old')).toMatchObject({ notes: ['Its maker has marked it as deprecated.'] })
  })

  test('that cannot be reached is no end: the message says what works without it', async () => {
    const free = createServer()
    await new Promise<void>((resolve) => void free.listen(0, '127.0.0.1', resolve))
    const { port } = free.address() as AddressInfo
    await new Promise((resolve) => free.close(resolve))
    const message = await find('weather', `http://127.0.0.1:${port}/`)
    expect(String(message).replace(/:\d{4,5}/g, ':PORT')).toBe(
      [
        '1: the registry http://127.0.0.1:PORT cannot be reached: connect ECONNREFUSED 127.0.0.1:PORT',
        '  without it:      mcp-gw add --list shows the catalogue, which needs no network',
        '  directly:        mcp-gw add NAME https://… or mcp-gw add NAME -- npx -y PACKAGE',
        '  another one:     --registry-url https://… or $MCP_GW_REGISTRY',
      ].join('\n'),
    )
    expect(await find('x/broken')).toMatch(/cannot be reached: .*JSON/)
  })
})
