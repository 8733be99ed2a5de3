/** What an entry of `servers:` may say, and what becomes of it. */
import { describe, expect, test } from 'vitest'
import { reveal, type Secret } from '../../src/std/secret.ts'
import type { ServerOptions } from '../../src/upstream/options.ts'
import { bad, good, type World } from './parsed.ts'

async function server(entry: string, world?: World): Promise<ServerOptions> {
  return (await good(`servers:\n  a: ${entry}\n`, world)).config.servers.a as ServerOptions
}

/** The problems of one entry, without the file name. */
async function wrong(entry: string, world?: World): Promise<string[]> {
  return (await bad(`servers:\n  a: ${entry}\n`, world)).map((line) => line.replace('mcp-gw.yaml:', ''))
}

/** The program and its arguments as they are started. */
async function started(entry: string, world?: World): Promise<string[]> {
  const { command, args } = await server(entry, world)
  return [command as string, ...args].map(reveal)
}

describe('health', () => {
  const defaults = { interval: 30_000, timeout: 5_000, failures: 3, successes: 1 }

  test.each([
    ['is not checked unless the entry says so', '{ command: x }', undefined],
    ['is checked by the defaults where the section is empty', '{ command: x, health: {} }', defaults],
    ['is so too where all its keys are commented out', '{ command: x, health: }', defaults],
    [
      'takes what is said',
      '{ command: x, health: { interval: 1m, failures: 1 } }',
      { ...defaults, interval: 60_000, failures: 1 },
    ],
  ])('%s', async (_, entry, health) => {
    expect((await server(entry)).health).toEqual(health)
  })

  test('is a section, and says so', async () => {
    expect(await wrong('{ command: x, health: true }')).toEqual([expect.stringContaining('expected keys and values')])
  })
})

describe('a pasted mcpServers object', () => {
  const entry = { command: 'npx', args: ['-y', 'x'], env: { A: 'b' } }

  test.each([
    ['is the value of servers', { servers: { a: entry } }],
    ['stands instead of servers', { mcpServers: { a: entry } }],
    ['stands inside servers', { servers: { mcpServers: { a: entry } } }],
    ['stands inside itself', { mcpServers: { mcpServers: { a: entry } } }],
  ])('%s', async (_, config) => {
    expect((await good(JSON.stringify(config))).config.servers).toMatchObject({ a: entry })
  })

  test('stands beside servers and inside it at once', async () => {
    const source = { servers: { a: entry, mcpServers: { b: entry } }, mcpServers: { c: entry } }
    expect(Object.keys((await good(JSON.stringify(source))).config.servers)).toEqual(['a', 'b', 'c'])
  })

  test('may be empty, and servers beside it too', async () => {
    expect((await good('servers:\nmcpServers: {}\n')).config.servers).toEqual({})
    expect((await good('servers:\nmcpServers: { a: { command: x } }\n')).config.servers).toHaveProperty('a')
  })

  test('that repeats a name is a problem with both places', async () => {
    const source = 'servers:\n  a: { command: x }\n  mcpServers:\n    a: { command: y }\nmcpServers:\n  a: { command: z }\n'
    expect(await bad(source)).toEqual([
      'mcp-gw.yaml:4:5 servers.mcpServers.a: stands twice, first at line 2, column 3; rename or remove one of them',
      'mcp-gw.yaml:6:3 mcpServers.a: stands twice, first at line 2, column 3; rename or remove one of them',
    ])
  })

  test('is checked under the keys that were written', async () => {
    expect(await bad('mcpServers:\n  a:\n    comand: x\n    url: http://x\n')).toEqual([
      'mcp-gw.yaml:3:5 mcpServers.a.comand: unknown key; did you mean command?',
    ])
    expect(await bad('mcpServers: [a]')).toEqual(['mcp-gw.yaml:1:13 mcpServers: expected keys and values, got a list'])
    expect(await bad('mcpServers: [a]\nservers: { a: { command: x } }')).toEqual([
      'mcp-gw.yaml:1:13 mcpServers: expected keys and values: the servers by name',
    ])
  })

  test('is told from a server with that name', async () => {
    expect((await good('servers: { mcpServers: { command: x } }')).config.servers).toHaveProperty('mcpServers.command', 'x')
  })
})

describe('a server is a command or a url', () => {
  test.each([
    ['{}', ['2:3 servers.a: needs a command (a program to start) or a url (where it listens)']],
    ['', ['2:3 servers.a: needs a command (a program to start) or a url (where it listens)']],
    ['{ url: http://x, command: x }', ['2:23 servers.a: has both command and url; keep the one that is meant']],
    ['{ command: "" }', ['2:17 servers.a.command: is empty; name the program to start']],
    ['{ command: "  " }', ['2:17 servers.a.command: is empty; name the program to start']],
    ['{ command: }', ['2:17 servers.a.command: expected a text, got nothing']],
    ['{ command: [x] }', ['2:17 servers.a.command: expected a text, got a list']],
    ['{ url: x }', ['2:13 servers.a.url: expected a whole address that begins with http:// or https://']],
    ['{ url: "ws://x" }', ['2:13 servers.a.url: expected a whole address that begins with http:// or https://']],
    ['{ url: localhost:80 }', ['2:13 servers.a.url: expected a whole address that begins with http:// or https://']],
  ])('%j is refused', async (entry, problems) => {
    expect(await wrong(entry)).toEqual(problems)
  })

  test('a url from a variable is checked and not shown', async () => {
    expect(await wrong('{ url: "${URL}" }', { env: { URL: 'postgres://me:sekret@x' } })).toEqual([
      '2:13 servers.a.url: expected a whole address that begins with http:// or https://; ${URL} gives something else',
    ])
    expect(String((await server('{ url: "${URL}" }', { env: { URL: 'https://x/?key=1' } })).url)).toBe('${URL}')
  })

  test.each(['args: [x]', 'env: { A: b }', 'cwd: /x'])('with a url, %s is refused', async (key) => {
    const name = key.split(':')[0]
    expect(await wrong(`{ url: "http://x", ${key} }`)).toEqual([
      `2:25 servers.a.${name}: cannot apply to a server reached by url; remove it`,
    ])
  })

  test.each(['headers: { A: b }', 'tls_skip_verify: true', 'quirks: { normalize_sse_events: true }'])(
    'with a command, %s is refused',
    async (key) => {
      const name = key.split(':')[0]
      expect(await wrong(`{ command: x, ${key} }`)).toEqual([
        `2:20 servers.a.${name}: cannot apply to a server started by command; remove it`,
      ])
    },
  )
})

describe('protocol', () => {
  test.each(['auto', 'session', 'stateless'])('%s is an era, over any transport', async (era) => {
    expect((await server(`{ url: http://x, protocol: ${era} }`)).protocol).toBe(era)
    expect((await server(`{ command: x, protocol: ${era} }`)).protocol).toBe(era)
  })

  test('stateless is nothing that can be spoken over HTTP+SSE', async () => {
    expect(await wrong('{ url: http://x, type: sse, protocol: stateless }')).toEqual([
      '2:29 servers.a.type: sse is a transport of servers with sessions, and protocol says stateless; remove one of them',
    ])
  })

  test.each([
    ['sse', 'type: sse'],
    ['streamable', 'type: http'],
  ])('%s is a transport, which is said elsewhere', async (word, meant) => {
    expect(await wrong(`{ url: http://x, protocol: ${word} }`)).toEqual([
      `2:33 servers.a.protocol: expected one of auto, session, stateless, got "${word}"; did you mean ${meant}?`,
    ])
  })
})

describe('type', () => {
  test.each(['http', 'streamable-http', 'streamableHttp', 'streamable_http'])('%s means Streamable HTTP', async (type) => {
    expect((await server(`{ type: ${type}, url: http://x }`)).type).toBe('http')
  })

  test('sse means HTTP+SSE, and none that it is found out', async () => {
    expect((await server('{ type: sse, url: http://x }')).type).toBe('sse')
    expect((await server('{ url: http://x }')).type).toBeUndefined()
  })

  test('a command says as much as stdio', async () => {
    expect((await server('{ type: stdio, command: x }')).type).toBe('stdio')
    expect((await server('{ command: x }')).type).toBe('stdio')
  })

  test('that contradicts the rest is refused', async () => {
    expect(await wrong('{ type: stdio, url: http://x }')).toEqual([
      '2:14 servers.a.type: stdio needs a command, and this server has a url; remove type',
    ])
    expect(await wrong('{ type: sse, command: x }')).toEqual([
      '2:14 servers.a.type: sse needs a url, and this server has a command; remove type, or write stdio',
    ])
    expect(await wrong('{ type: htpp, url: http://x }')).toEqual([expect.stringContaining('did you mean http?')])
  })
})

describe('a command', () => {
  test('that is one text is split, without a shell', async () => {
    expect(await started(`{ command: "npx -y 'my server' --a=\\"b c\\"" }`)).toEqual(['npx', '-y', 'my server', '--a=b c'])
    expect(await started('{ command: npx -y x, args: }')).toEqual(['npx', '-y', 'x'])
    expect(await started('{ command: x }')).toEqual(['x'])
  })

  test('is taken whole where args is given', async () => {
    expect(await started('{ command: /opt/my tools/x, args: [a b] }')).toEqual(['/opt/my tools/x', 'a b'])
    expect(await started('{ command: /opt/my tools/x, args: [] }')).toEqual(['/opt/my tools/x'])
    expect(await started("{ command: /opt/it's, args: [] }")).toEqual(["/opt/it's"])
  })

  test.each([
    ['npx x | tee', /unquoted \| has no meaning.*sh -c/],
    ['npx "x', /a double quote is never closed/],
    ['A=1 npx x', /put A into env/],
    ['C:\\tools\\x.exe -y', /give the program as command and its arguments as args/],
    ['x \0 y', /NUL/],
  ])('%j is refused', async (command, message) => {
    expect(await wrong(`{ command: ${JSON.stringify(command)} }`)).toEqual([expect.stringMatching(message)])
  })

  test('keeps each ${…} within its word, whatever it holds, and secret', async () => {
    const env = { TOKEN: `a 'b" | $(c)`, DIR: '/my dir' }
    const entry = '{ command: "${DIR}/x --key ${TOKEN} \'${TOKEN} ${DIR}\' $${X} ${N:-1 2}" }'
    expect(await started(entry, { env })).toEqual(['/my dir/x', '--key', env.TOKEN, `${env.TOKEN} /my dir`, '${X}', '1 2'])
    const { command, args } = await server(entry, { env })
    expect([command, ...args].map(String)).toEqual(['${DIR}/x', '--key', '${TOKEN}', '${TOKEN} ${DIR}', '${X}', '${N:-1 2}'])
  })

  test('that is nothing but one ${…} is split by its value, and every word is secret', async () => {
    const env = { CMD: "npx -y 'a b'" }
    const { command, args } = await server('{ command: "${CMD}" }', { env })
    expect([command, ...args].map((word) => (word as Secret).reveal())).toEqual(['npx', '-y', 'a b'])
    expect([command, ...args].map(String)).toEqual(['${CMD}', '${CMD}', '${CMD}'])
    expect(await started('{ command: "${CMD}", args: [] }', { env })).toEqual([env.CMD])
    expect(await started('{ command: "${CMD:-uvx x}" }')).toEqual(['uvx', 'x'])
    expect(await wrong('{ command: "${CMD}" }', { env: { CMD: 'a | b' } })).toEqual([
      expect.stringContaining('the value of ${CMD} cannot be split: no shell runs it'),
    ])
  })

  test('that lacks a variable is complained about once', async () => {
    expect(await wrong('{ command: "x ${MISSING}" }')).toEqual([expect.stringContaining('server a needs ${MISSING}')])
    expect(await wrong('{ command: "${MISSING}" }')).toEqual([expect.stringContaining('server a needs ${MISSING}')])
    expect(await wrong('{ command: "x ${env:A} y" }')).toEqual([expect.stringContaining('did you mean ${A}?')])
  })
})

describe('paths', () => {
  test('~ is the home folder in command, cwd and arguments that begin with it', async () => {
    const entry = '{ command: ~/bin/x, args: [~/a, "~", --x=~/y, b/~/c], cwd: ~/work }'
    expect(await started(entry)).toEqual(['/home/anna/bin/x', '/home/anna/a', '~', '--x=~/y', 'b/~/c'])
    expect((await server(entry)).cwd).toBe('/home/anna/work')
    expect((await server('{ command: x, cwd: ~ }')).cwd).toBe('/home/anna')
    expect(await started('{ command: ~/bin/x ~/a }')).toEqual(['/home/anna/bin/x', '/home/anna/a'])
    expect(await started('{ command: "${P}" }', { env: { P: '~/bin/x' } })).toEqual(['/home/anna/bin/x'])
  })

  test('a relative cwd is resolved against the folder of the config', async () => {
    const cwd = async (written: string, file: string): Promise<unknown> =>
      (await server(`{ command: x, cwd: ${written} }`, { file })).cwd
    expect(await cwd('work', 'mcp-gw.yaml')).toBe('/project/work')
    expect(await cwd('../work', '/etc/gw/mcp-gw.yaml')).toBe('/etc/work')
    expect(await cwd('/work', '/etc/gw/mcp-gw.yaml')).toBe('/work')
    expect(await cwd('.', 'conf/mcp-gw.yaml')).toBe('/project/conf')
  })
})

describe('names', () => {
  const named = (name: string): Promise<string[]> => bad(JSON.stringify({ servers: { [name]: { command: 'x' } } }))

  test.each(['a', 'my-server', 'My_Server.2', '9', '-', 'constructor', 'x'.repeat(64), 'Profile'])('%s is fine', async (name) => {
    expect(await named(name)).toEqual([])
  })

  test.each([
    ['my server', /only the letters.*for example to my-server$/],
    ['größe!', /only the letters.*for example to gr-e$/],
    ['a__b', /two underscores.*for example to a_b$/],
    ['a___b__c', /two underscores.*for example to a_b_c$/],
    ['profile', /\/mcp\/profile is taken.*for example to profile-server$/],
    ['x'.repeat(65), /longer than 64 characters.*for example to x{64}$/],
    ['', /needs a name.*for example to my-server$/],
    ['..', /dots alone are no name.*for example to my-server$/],
    ['日本', /only the letters.*for example to my-server$/],
  ])('%j is refused with a name that would do', async (name, message) => {
    const problems = await named(name)
    expect(problems).toEqual([expect.stringMatching(message)])
    expect(problems[0]).toMatch(/^mcp-gw\.yaml:1:13 servers\./)
    expect(await named(problems[0]?.split(' to ').at(-1) ?? '')).toEqual([])
  })
})
