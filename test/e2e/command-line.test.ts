/** The commands as a person types them: what they print, where, and the exit code that a script sees. */
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fixtureServer, Gateway, mcpGw, packageServer, temporaryFolder, writeConfig } from '../support/gateway.ts'
import { finish, program } from '../support/processes.ts'

const folder = temporaryFolder()
const broken = temporaryFolder()
let config: string

beforeAll(() => {
  config = writeConfig(folder.path, {
    servers: {
      everything: packageServer('everything'),
      odd: { ...fixtureServer('misbehaving.mjs'), tools: { deny: ['die', 'tool_*'] } },
      dead: fixtureServer('misbehaving.mjs', '--crash'),
      missing: { command: 'no-such-program-here' },
      off: { ...fixtureServer('tiny.mjs'), disabled: true },
    },
  })
})

afterAll(() => {
  folder.remove()
  broken.remove()
})

const mcp = (...args: string[]) => finish(mcpGw(args))
const withConfig = (command: string, ...args: string[]) => mcp(command, '--config', config, ...args)

describe('mcp-gw list', () => {
  it('shows every server with its state, and why one has failed', async () => {
    const { code, stdout } = await withConfig('list')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^SERVER +STATE +TRANSPORT +PROTOCOL +ERA +TOOLS +INSTANCES$/m)
    expect(stdout).toMatch(/^dead +failed +- +- +- +- +shared$/m)
    expect(stdout).toMatch(/^everything +ready +stdio +2025-11-25 +session +13 +shared$/m)
    expect(stdout).toMatch(/^off +disabled$/m)
    expect(stdout).toContain('misbehaving: cannot find module "the-one-it-needs"')
    expect(stdout).toMatch(/missing: .*"no-such-program-here": it was not found in PATH \(.*\/bin.*\); install it/)
  })

  it('--tools names the tools that clients see, and none that the config withholds', async () => {
    const { stdout } = await withConfig('list', '--tools')
    expect(stdout).toMatch(/^ {2}everything__get-sum$/m)
    expect(stdout).toMatch(/^ {2}odd__echo-raw$/m)
    expect(stdout).not.toContain('odd__die')
  })

  it('--json gives the same to a program', async () => {
    const { code, stdout } = await withConfig('list', '--json')
    const listed = JSON.parse(stdout) as { config: string; servers: Record<string, unknown>[]; disabled: string[] }
    expect(code).toBe(0)
    expect(listed.config).toBe(config)
    expect(listed.disabled).toEqual(['off'])
    expect(listed.servers.map(({ name, state }) => [name, state])).toEqual([
      ['dead', 'failed'],
      ['everything', 'ready'],
      ['missing', 'failed'],
      ['odd', 'ready'],
    ])
    expect(listed.servers[1]).toMatchObject({ tools: 13, toolNames: expect.arrayContaining(['echo']), transport: 'stdio' })
  })
})

describe('mcp-gw tools', () => {
  it('lists the names and what they do', async () => {
    const { code, stdout } = await withConfig('tools')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^everything__echo\n {2}Echoes back the input string$/m)
    expect(stdout).toMatch(/^odd__echo$/m)
  })

  it.each([
    ['everything__get-s*', ['everything__get-structured-content', 'everything__get-sum']],
    ['GET-SUM', ['everything__get-sum']],
    ['*__echo', ['everything__echo', 'odd__echo']],
  ])('takes the pattern %s', async (pattern, names) => {
    const { stdout } = await withConfig('tools', pattern, '--json')
    expect((JSON.parse(stdout) as { name: string }[]).map(({ name }) => name)).toEqual(names)
  })
})

describe('mcp-gw call', () => {
  it('takes key=value by the types of the schema, and prints the text', async () => {
    const { code, stdout } = await withConfig('call', 'everything__get-sum', 'a=2', 'b=40')
    expect([code, stdout]).toEqual([0, 'The sum of 2 and 40 is 42.\n'])
    const echo = await withConfig('call', 'everything__echo', 'message=7')
    expect([echo.code, echo.stdout]).toEqual([0, 'Echo: 7\n'])
    const flag = await withConfig('call', 'everything__get-annotated-message', 'messageType=error', 'includeImage=true')
    expect(flag.stdout).toMatch(/^Error: Operation failed\n\[image image\/png, \d+ bytes; --raw prints it\]\n$/)
  })

  it('takes --json, key:=json and values with an equals sign', async () => {
    const json = await withConfig('call', 'odd__echo-raw', '--json', '{"a":[1,{"b":null}]}', 'c:={"d":2}', 'e=f=g')
    const { arguments: got } = JSON.parse(json.stdout) as { arguments: object }
    expect(got).toEqual({ a: [1, { b: null }], c: { d: 2 }, e: 'f=g' })
    expect((await withConfig('call', 'odd__echo', '--json', '[1]')).code).toBe(2)
    expect((await withConfig('call', 'odd__echo', '--json', '{')).code).toBe(2)
    expect((await withConfig('call', 'odd__echo', 'nonsense')).code).toBe(2)
  })

  it('ends with 1 where the tool says that it failed, and prints what it said', async () => {
    const { code, stdout } = await withConfig('call', 'odd__tool-error', 'text=no such row')
    expect([code, stdout]).toEqual([1, 'the tool failed\n'.replace('the tool failed', 'no such row')])
  })

  it('ends with 1 where the tool is unknown, and suggests what was meant', async () => {
    const near = await withConfig('call', 'everything__ecko')
    expect([near.code, near.stdout]).toEqual([1, ''])
    expect(near.stderr).toContain('Unknown tool: everything__ecko; did you mean everything__echo?')
    const denied = await withConfig('call', 'odd__die')
    expect(denied.code).toBe(1)
    expect(denied.stderr).toContain('Unknown tool: odd__die')
  })

  it('ends with 1 where the server cannot be started or refuses, and says why', async () => {
    const dead = await withConfig('call', 'dead__anything')
    expect([dead.code, dead.stdout]).toEqual([1, ''])
    expect(dead.stderr).toContain('cannot find module "the-one-it-needs"')
    const refused = await withConfig('call', 'odd__rpc-error', 'message=not today')
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('not today')
  })

  it('--raw prints the whole result', async () => {
    const { stdout } = await withConfig('call', 'everything__get-structured-content', 'location=Chicago', '--raw')
    expect(JSON.parse(stdout)).toMatchObject({ structuredContent: { temperature: 36 }, content: [{ type: 'text' }] })
  })

  it('shows progress on stderr, where it is no part of the result', async () => {
    const { stdout, stderr } = await withConfig('call', 'odd__slow-progress', 'steps:=2', 'intervalMs:=5')
    expect(stdout).toBe('2 steps\n')
    expect(stderr).toContain('1/2 step 1\n')
  })
})

describe('mcp-gw', () => {
  it('--version prints the version alone', async () => {
    const { code, stdout } = await mcp('--version')
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/)])
  })

  it('--help shows the commands and examples', async () => {
    const { code, stdout } = await mcp('--help')
    expect(code).toBe(0)
    for (const word of ['serve', 'list', 'tools', 'call', 'Examples:', '$ mcp-gw serve --demo']) expect(stdout).toContain(word)
    const call = await mcp('call', '--help')
    expect(call.stdout).toMatch(/Examples:\n {2}\$ mcp-gw call/)
  })

  it('ends with 2 for a command or an option that does not exist', async () => {
    for (const args of [
      ['sirve'],
      ['serve', '--prot', '1'],
      ['call'],
      ['serve', '--port', '99999'],
      ['list', '--log-level', 'loud'],
    ]) {
      const { code, stdout, stderr } = await mcp(...args)
      expect([args, code, stdout]).toEqual([args, 2, ''])
      expect(stderr.length).toBeGreaterThan(10)
    }
  })
})

describe('a config that is wrong', () => {
  it.each(['serve', 'list', 'tools', 'call'])('ends mcp-gw %s with 2 and shows every problem at its place', async (command) => {
    const file = writeConfig(
      broken.path,
      ['listen:', '  prot: 1', 'servers:', '  one:', '    comand: node', '  two:', '    command: node', '    timeout: soon'].join(
        '\n',
      ),
    )
    const { code, stdout, stderr } = await mcp(command, '--config', file, ...(command === 'call' ? ['x'] : []))
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(`${file}:2:3`)
    expect(stderr).toContain('did you mean port')
    expect(stderr).toContain(`${file}:5:5`)
    expect(stderr).toContain('did you mean command')
    expect(stderr).toContain(`${file}:8:14`)
  })

  it('that does not exist is named', async () => {
    const { code, stderr } = await mcp('list', '--config', '/nowhere/mcp-gw.yaml')
    expect(code).toBe(2)
    expect(stderr).toContain('/nowhere/mcp-gw.yaml')
  })

  it('never shows a secret', async () => {
    const file = writeConfig(
      broken.path,
      [
        'servers:',
        '  one:',
        '    command: node',
        '    args: ["${TEST_SECRET}", "-e", "process.exit(1)"]',
        '    timeout: ${TEST_SECRET}',
      ].join('\n'),
    )
    const env = { TEST_SECRET: 'hunter2-hunter2' }
    const { code, stdout, stderr } = await finish(mcpGw(['list', '--config', file], { env }))
    expect(code).toBe(2)
    expect(stdout + stderr).not.toContain('hunter2')
  })
})

describe('mcp-gw serve', () => {
  it('says who holds a port that is in use', async () => {
    const gateway = await Gateway.start({ servers: { tiny: fixtureServer('tiny.mjs') } })
    const { port } = new URL(gateway.origin)
    const { code, stderr } = await mcp('serve', '--config', config, '--port', port)
    expect(code).toBe(1)
    expect(stderr).toMatch(new RegExp(`port ${port} is in use by another mcp-gw.*--port`))
    await gateway.stop()
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    const taken = String((other.address() as { port: number }).port)
    const refused = await mcp('serve', '--config', config, '--port', taken)
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain(`port ${taken} is in use`)
    other.close()
  })

  it('gives up where a required server does not start', async () => {
    const file = writeConfig(broken.path, {
      listen: { port: 0 },
      servers: { dead: { ...fixtureServer('misbehaving.mjs', '--crash'), required: true }, tiny: fixtureServer('tiny.mjs') },
    })
    const { code, stderr } = await mcp('serve', '--config', file)
    expect(code).toBe(1)
    expect(stderr).toContain('a required server did not start: dead exited with code 7')
  })

  it('refuses to listen where other machines reach it', async () => {
    const { code, stderr } = await mcp('serve', '--config', config, '--host', '0.0.0.0', '--port', '0')
    expect(code).toBe(2)
    expect(stderr).toContain('listen.insecure')
  })

  it('tells in /health why a server is not there, while the others serve', async () => {
    const gateway = await Gateway.start({
      servers: {
        tiny: fixtureServer('tiny.mjs'),
        dead: fixtureServer('misbehaving.mjs', '--crash'),
        nodir: { ...fixtureServer('tiny.mjs'), cwd: '/no/such/folder' },
      },
    })
    const health = await gateway.health()
    expect(health).toMatchObject({ status: 'degraded', name: 'mcp-gw', version: expect.stringMatching(/^\d/) })
    const [dead, nodir, tiny] = health.servers
    expect(dead).toMatchObject({ state: 'failed', lastError: { message: expect.stringContaining('the-one-it-needs') } })
    expect(nodir).toMatchObject({ state: 'failed', lastError: { message: expect.stringContaining('/no/such/folder') } })
    expect(tiny).toMatchObject({ state: 'ready', transport: 'stdio', tools: 1, lastContact: expect.any(String) })
    await gateway.stop()
  })

  it('takes a pasted mcpServers object, and a command in one text', async () => {
    const server = { command: `"${process.execPath}" '${program('everything')}'`, type: 'stdio' }
    const file = writeConfig(broken.path, JSON.stringify({ mcpServers: { everything: server } }))
    const { code, stdout } = await mcp('call', '--config', file, 'everything__echo', 'message=pasted')
    expect([code, stdout]).toEqual([0, 'Echo: pasted\n'])
  })
})
