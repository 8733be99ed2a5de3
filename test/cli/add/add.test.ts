/** `mcp-gw add` as a person types it: what it prints, what it writes, and what it leaves alone. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { historyIn } from '../../../src/clients/journal.ts'
import { undo } from '../../../src/clients/undo.ts'
import { realEditSystem } from '../../../src/std/edit-system.ts'
import { Gateway } from '../../support/gateway.ts'
import { Home } from '../../support/home.ts'
import { fixture, program, until } from '../../support/processes.ts'

const home = Home.forEachTest()
const add = (...words: string[]) => home.add(...words)

const tiny = ['--', process.execPath, fixture('tiny.mjs')]
const golden = (name: string): string => `golden/${name}.golden.txt`

describe('a program', () => {
  test('is started once, its tools are shown, and it is written into a config of its own', async () => {
    const { code, stdout, stderr } = await add('everything', '--', process.execPath, program('everything'))
    expect([code, stderr]).toEqual([0, ''])
    await expect(stdout).toMatchFileSnapshot(golden('add-everything'))
    await expect(home.same(home.text)).toMatchFileSnapshot(golden('first-config'))
    expect(statSync(home.config).mode & 0o777).toBe(0o600)
  })

  test('that does not start is not written, and its last words are shown', async () => {
    const { code, all } = await add('crash', '--', process.execPath, fixture('misbehaving.mjs'), '--crash')
    expect(code).toBe(1)
    await expect(all).toMatchFileSnapshot(golden('add-crash'))
    expect(existsSync(home.config)).toBe(false)
  })

  test('whose launcher is missing comes with where to get it', async () => {
    home.env.PATH = '/nowhere'
    const { code, all } = await add('x', 'uvx', 'mcp-server-time')
    expect(code).toBe(1)
    expect(all).toContain('Install uv, which brings uvx: https://docs.astral.sh/uv/')
  })

  test('is written unseen with --no-check, and unstarted where it is disabled', async () => {
    expect((await add('a', '--no-check', '--', 'no-such-program')).code).toBe(0)
    expect((await add('b', '--disabled', '--', 'no-such-program')).stdout).toContain(
      '✓ Added b, switched off, to ~/.config/mcp-gw/mcp-gw.yaml',
    )
    expect(home.text).toContain('  b:\n    command: no-such-program\n    disabled: true\n')
  })

  test('of this folder is found from any other', async () => {
    writeFileSync(join(home.path, 'server.mjs'), readFileSync(fixture('tiny.mjs')))
    await add('mine', '--no-check', 'node', './server.mjs')
    expect(home.text).toContain(`args: [${join(home.path, 'server.mjs')}]\n    cwd: ${home.path}\n`)
  })

  test('can be seen before anything is written', async () => {
    const { code, stdout } = await add('tiny', '--dry-run', ...tiny)
    expect(code).toBe(3)
    await expect(stdout).toMatchFileSnapshot(golden('add-dry-run'))
    expect(existsSync(home.config)).toBe(false)
    const json = await add('tiny', '--dry-run', '--json', ...tiny)
    expect([json.code, JSON.parse(json.stdout)]).toEqual([
      3,
      { file: '~/.config/mcp-gw/mcp-gw.yaml', changed: false, pending: true, diff: stdout },
    ])
  })
})

describe('a name that is taken', () => {
  test('is no obstacle where the server is the same', async () => {
    await add('tiny', '--no-check', ...tiny)
    const before = home.text
    const again = await add('tiny', ...tiny)
    expect([again.code, again.stdout]).toEqual([0, 'tiny is in ~/.config/mcp-gw/mcp-gw.yaml already, just like that.\n'])
    expect(home.text).toBe(before)
  })

  test('may be another one for the same server, which is said', async () => {
    home.write('servers: { mine: { command: npx, args: [srv@latest] } }\n')
    const { code, stderr } = await add('other', '--no-check', 'npx', '-y', 'srv')
    expect([code, stderr]).toEqual([0, 'other: the config has the same server as mine.\n'])
  })

  test('is not given away: the difference is shown, and --force replaces what differs', async () => {
    home.write('servers:\n  # mine\n  tiny:\n    command: old # so\n    timeout: 2m # long\n')
    const { code, stderr } = await add('tiny', '--no-check', '--timeout', '2m', '--', 'new')
    expect(code).toBe(1)
    await expect(stderr).toMatchFileSnapshot(golden('add-conflict'))
    expect((await add('tiny', '--no-check', '--force', '--timeout', '2m', '--', 'new')).stdout).toContain('✓ Replaced tiny in')
    expect(home.text).toBe('servers:\n  # mine\n  tiny:\n    command: new # so\n    timeout: 2m # long\n')
  })
})

describe('a pasted text', () => {
  const two = JSON.stringify({
    mcpServers: { a: { command: process.execPath, args: [fixture('tiny.mjs')] }, b: { url: 'http://127.0.0.1:9/mcp' } },
  })

  test('of several servers brings in those that work', async () => {
    const { code, all } = await add(two)
    expect(code).toBe(4)
    await expect(all).toMatchFileSnapshot(golden('add-partly'))
    expect(home.text).toContain('  a:\n')
    expect(home.text).not.toContain('  b:\n')
  })

  test('comes on stdin, as TOML, with a name, and says where it is wrong', async () => {
    const stdin = home.start('add', '-', '--no-check', '--secrets', 'env')
    stdin.child.stdin?.end('[mcp_servers.docs]\nurl = "https://x.io/mcp"\nbearer_token_env_var = "PATH"\n')
    expect(await stdin.exited).toBe(0)
    expect(home.text).toContain('  docs:\n    url: https://x.io/mcp\n    headers:\n      Authorization: Bearer ${PATH}\n')
    expect((await home.run('add-json', 'one', '{"command":"srv"}', '--no-check', '--secrets', 'env')).code).toBe(0)
    expect(home.text).toContain('  one:\n    command: srv\n')
    const wrong = await add('{"mcpServers": {"a": {"command": "x",,}}}')
    expect([wrong.code, wrong.stderr]).toEqual([
      2,
      expect.stringMatching(/^mcp-gw: Cannot read the pasted text: line 1, column 38: /),
    ])
  })

  test('with a place for a key asks for the key, and takes it by its name', async () => {
    const json = '{"command":"srv","env":{"SRV_KEY":"<your key>"}}'
    expect((await add('x', json, '--no-check')).stderr).toContain(
      'x needs SRV_KEY, and there is no terminal to ask for it; give it: -e SRV_KEY=…',
    )
    expect((await add('x', json, '--no-check', '-e', 'SRV_KEY=sekret-123')).code).toBe(0)
    expect(home.text).toContain('SRV_KEY: ${SRV_KEY}')
  })

  test('that is the command of another client does what it would do there', async () => {
    const { code } = await add('claude', 'mcp', 'add', '--scope', 'user', 'tiny', ...tiny)
    expect(code).toBe(0)
    expect(home.text).toContain('  tiny:\n')
    const trusting = await add('--no-check', 'gemini', 'mcp', 'add', '--trust', 't2', 'srv')
    expect(trusting.stderr).toBe('--trust is left out: only the client can let tools run without a question\n')
  })

  test('reads no file of this machine for anybody', async () => {
    await add('--no-check', 'claude', 'mcp', 'add', 'x', '-e', 'A=${file:~/.ssh/id_rsa}', '--', 'srv')
    expect(home.text).toContain('A: $${file:~/.ssh/id_rsa}')
  })
})

describe('a config', () => {
  test('that is broken is left as it is, and the fault is shown at its place', async () => {
    home.write('servers:\n  a: {url: "https://x"\n  b: 1\n')
    const { code, stderr } = await add('tiny', ...tiny)
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^mcp-gw: nothing was changed; \.config\/mcp-gw\/mcp-gw\.yaml:3:\d+ not valid YAML/),
    ])
    expect(home.text).toBe('servers:\n  a: {url: "https://x"\n  b: 1\n')
  })

  test('that an entry would break is left as it is', async () => {
    const { code, stderr } = await add('my server', '--no-check', '--', 'srv')
    expect(code).toBe(2)
    expect(stderr).toMatch(/^mcp-gw: nothing was changed; .*:6:3 servers\.my server: a name has only the letters/)
    expect(existsSync(home.config)).toBe(false)
  })

  test('can be another one', async () => {
    const there = join(home.path, 'my.yaml')
    expect((await add('a', '-c', there, '--no-check', '--', 'srv')).code).toBe(0)
    expect((await add('b', '--scope', 'project', '--no-check', '--', 'srv')).code).toBe(0)
    expect([there, join(home.path, 'mcp-gw.yaml'), home.config].map((path) => existsSync(path))).toEqual([true, true, false])
  })

  test('is as it was after an undo, byte for byte', async () => {
    const before = '\uFEFFservers:\r\n  a: {url: "https://x"} # mine\r\n'
    home.write(before)
    await add('tavily', '--no-check', '-e', 'TAVILY_API_KEY=tvly-abcdefghij0123456789')
    expect(home.text).not.toBe(before)
    const results = await undo(historyIn(join(home.path, '.local', 'state', 'mcp-gw'), realEditSystem(home.path)), {})
    expect(results.map(({ result }) => result).sort()).toEqual(['deleted', 'restored'])
    expect(home.text).toBe(before)
    expect(existsSync(join(home.path, '.config', 'mcp-gw', '.env'))).toBe(false)
  })
})

test('a running gateway takes the new server over, and the command says so', async () => {
  home.write('listen: { port: 0 }\nservers: {}\n')
  const gateway = await Gateway.start({ file: home.config }, { env: home.env })
  Object.assign(home.env, gateway.env)
  const { stdout } = await add('tiny', '-c', home.config, ...tiny)
  expect(stdout).toContain(`The gateway at ${gateway.url()} takes it over by itself.`)
  await until(
    async () => (await gateway.health()).servers.find(({ name, tools }) => name === 'tiny' && tools === 1),
    'the gateway does not take it over',
  )
  await gateway.stop()
})

test('--json tells a program the same', async () => {
  const { code, stdout } = await add('tiny', '--json', '-e', 'API_TOKEN=sekret-0123456789abc', ...tiny)
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toEqual({
    file: '~/.config/mcp-gw/mcp-gw.yaml',
    changed: true,
    servers: [
      {
        name: 'tiny',
        entry: { command: 'node', args: ['/fixtures/tiny.mjs'], env: { API_TOKEN: '${API_TOKEN}' } },
        change: 'added',
        check: {
          name: 'tiny',
          ok: true,
          ms: expect.any(Number),
          transport: 'stdio',
          tools: ['hello'],
          tokens: expect.any(Number),
          prompts: 0,
          resources: 0,
        },
      },
    ],
    secrets: [{ name: 'API_TOKEN', place: 'env' }],
    gateway: null,
  })
})

describe('the registry', () => {
  let server: Server
  let url: string
  beforeAll(async () => {
    const json = {
      server: {
        name: 'io.github.ann/srv',
        description: 'Srv',
        version: '1.0.0',
        packages: [{ registryType: 'npm', identifier: '@ann/srv', version: '1.0.0', transport: { type: 'stdio' } }],
      },
    }
    server = createServer((_, response) => response.end(JSON.stringify(json)))
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => void server.close())

  test('starts nothing on this machine before somebody has said that it may', async () => {
    home.env.MCP_GW_REGISTRY = url
    const { code, stderr } = await add('io.github.ann/srv')
    expect(code).toBe(2)
    expect(stderr.replace(/:\d{4,5}/, ':PORT')).toBe(
      [
        'mcp-gw: srv comes from 127.0.0.1:PORT as io.github.ann/srv 1.0.0, where anybody may publish. It starts: npx -y @ann/srv@1.0.0',
        '  If you trust it, say so: --trust-registry',
        '',
      ].join('\n'),
    )
  })

  test('is asked by its full name or by a part of it', async () => {
    const { code } = await add(
      'mine',
      '--registry',
      'io.github.ann/srv',
      '--registry-url',
      url,
      '--trust-registry',
      '--no-check',
      '-e',
      'X=1',
    )
    expect(code).toBe(0)
    expect(home.text).toContain('  mine:\n    command: npx\n    args: [-y, "@ann/srv@1.0.0"]\n    env:\n      X: "1"\n')
  })
})

describe('what people read', () => {
  test('the catalogue', async () => {
    const { stdout } = await add('--list', 'web')
    await expect(stdout).toMatchFileSnapshot(golden('add-list'))
    expect((await add('--list', 'nonsense')).stdout).toBe(
      'The catalogue has nothing about nonsense. The registry may have: mcp-gw add --registry nonsense\n',
    )
    expect((JSON.parse((await add('--list', '--json')).stdout) as object[]).length).toBeGreaterThan(70)
  })

  test('the help', async () => {
    const { code, stdout } = await add('--help')
    expect(code).toBe(0)
    await expect(stdout).toMatchFileSnapshot(golden('add-help'))
    // What the help names is what there is, and the other way round.
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(120)
  })

  test('a word that nobody knows', async () => {
    const { code, stderr } = await add('tavilly')
    expect(code).toBe(1)
    await expect(stderr).toMatchFileSnapshot(golden('add-unknown'))
    expect((await add()).code).toBe(2)
    expect((await add('x', '--nope')).code).toBe(2)
  })
})
