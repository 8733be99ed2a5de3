/** What a server is started with: the environment that its entry asks for, a PATH that finds it, and no launcher in between. */
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { TestClient } from '../support/clients.ts'
import { fixtureServer, Gateway, type GatewayConfig, logLines, temporaryFolder } from '../support/gateway.ts'
import { fixture, until } from '../support/processes.ts'

const folder = temporaryFolder()
const at = (path: string): string => join(folder.path, path)
afterAll(() => folder.remove())

interface Self {
  pid: number
  argv: string[]
  env: Record<string, string>
}

function write(path: string, text: string): string {
  mkdirSync(dirname(at(path)), { recursive: true })
  writeFileSync(at(path), text)
  chmodSync(at(path), 0o755)
  return at(path)
}

/** Starts a gateway and hears from its servers how they were started. */
async function started(
  servers: GatewayConfig['servers'],
  env: NodeJS.ProcessEnv,
): Promise<{ selves: Map<string, Self>; gateway: Gateway }> {
  const gateway = await Gateway.start({ servers, log: { level: 'debug' } }, { env })
  const client = await TestClient.http(gateway.url())
  const selves = new Map<string, Self>()
  for (const name of Object.keys(servers)) selves.set(name, JSON.parse(await client.text(`${name}__whoami`)) as Self)
  await client.close()
  return { selves, gateway }
}

describe('the environment of a server', () => {
  test('is minimal, has what it inherits by name, or is all of ours', async () => {
    const one = fixtureServer('misbehaving.mjs')
    const servers = { none: one, some: { ...one, inherit: ['AWS_PROFILE', 'NOT_SET'] }, all: { ...one, inherit: 'all' } }
    const { selves, gateway } = await started(servers, { AWS_PROFILE: 'work', SECRET_OF_OURS: 'x' })
    const shown = [...selves].map(([name, { env }]) => [name, env.AWS_PROFILE, env.SECRET_OF_OURS, env.NOT_SET, env.HOME])
    const home = process.env.HOME
    expect(shown).toEqual([
      ['none', undefined, undefined, undefined, home],
      ['some', 'work', undefined, undefined, home],
      ['all', 'work', 'x', undefined, home],
    ])
    await gateway.stop()
  })

  test('has the PATH of the login shell where a desktop started the gateway', async () => {
    write('tools/my-server', `#!/bin/sh\nexec ${process.execPath} ${fixture('misbehaving.mjs')} "$@"\n`)
    const count = at('asked')
    const shell = write('shell', `#!/bin/sh\necho asked >> ${count}\nPATH=${at('tools')}; export PATH\n/bin/sh -c "$2"\n`)
    const bare = '/usr/bin:/bin'
    const env = { SHELL: shell, PATH: bare, TERM: undefined }
    const { selves, gateway } = await started({ one: { command: 'my-server' }, two: { command: 'my-server' } }, env)
    expect(selves.get('one')?.env.PATH).toBe(`${at('tools')}:${bare}`)
    expect(selves.get('two')?.env.PATH).toBe(`${at('tools')}:${bare}`)
    // However many servers there are, the shell is asked once.
    expect(readFileSync(count, 'utf8')).toBe('asked\n')
    await gateway.stop()
  })
})

describe('a server that is written with npx', () => {
  const bin = at('usr/bin')

  /** A machine with this server installed globally, and an npx that starts the fixture itself. */
  function machine(server: string): NodeJS.ProcessEnv {
    mkdirSync(bin, { recursive: true })
    const npx = `#!/bin/sh\nexec ${process.execPath} ${fixture('misbehaving.mjs')} --tools 1\n`
    write('usr/lib/node_modules/npm/bin/npx-cli.js', npx)
    const manifest = { name: '@scope/server', version: '1.2.3', bin: 'cli.js' }
    write('usr/lib/node_modules/@scope/server/package.json', JSON.stringify(manifest))
    write('usr/lib/node_modules/@scope/server/cli.js', server)
    for (const [link, target] of [
      ['node', process.execPath],
      ['npx', '../lib/node_modules/npm/bin/npx-cli.js'],
      ['server', '../lib/node_modules/@scope/server/cli.js'],
    ] as const) {
      symlinkSync(target, join(bin, link))
    }
    // npm finds its prefix by the real place of Node.
    return { PATH: `${bin}:/usr/bin:/bin`, HOME: at('home'), npm_config_prefix: at('usr') }
  }

  const entry = { command: 'npx -y @scope/server@1.2.3 --odd-names', inherit: ['npm_config_prefix'] }

  test('is started without it where it is installed, and with it where that does not work', async () => {
    const env = machine(`#!/usr/bin/env node\nimport(${JSON.stringify(fixture('misbehaving.mjs'))})\n`)
    const { selves, gateway } = await started({ one: entry }, env)
    const self = selves.get('one')
    expect(self?.argv).toEqual(['--odd-names'])
    expect(await gateway.pids()).toContain(self?.pid)
    expect(self?.env.PATH?.startsWith(`${bin}:`)).toBe(true)
    const line = logLines(gateway.running).find(({ message }) => message === 'started without npx')
    expect(line).toMatchObject({ server: 'one', program: join(bin, 'server') })
    await gateway.stop()

    // The installation is broken: the first start fails, the next one is that of npx.
    write('usr/lib/node_modules/@scope/server/cli.js', '#!/usr/bin/env node\nrequire("no-such-module")\n')
    const second = await Gateway.start({ servers: { one: entry } }, { env, ready: false })
    const client = await TestClient.http(second.url())
    const tool = await until(
      async () => (await client.text('one__whoami').catch(() => undefined)) || undefined,
      'npx does not get its turn',
      { ms: 8_000 },
    )
    expect((JSON.parse(tool) as Self).argv).toEqual(['--tools', '1'])
    await client.close()
    await second.stop()
  })
})
