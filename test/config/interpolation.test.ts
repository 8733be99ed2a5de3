/** What `${…}` becomes. */
import { describe, expect, test } from 'vitest'
import { reveal, Secret } from '../../src/std/secret.ts'
import type { ServerOptions } from '../../src/upstream/options.ts'
import { bad, good, type World } from './parsed.ts'

const ENV = { TOKEN: 'sekret-123', EMPTY: '', PORT: '8080', LEVEL: 'debug', YES: 'true', TRICK: '${TOKEN} $${x}' }

/** One value of `env:`, after loading. */
async function value(written: string, world: World = { env: ENV }): Promise<string | Secret | undefined> {
  const { config } = await good(`servers: { a: { command: x, env: { V: ${JSON.stringify(written)} } } }`, world)
  return config.servers.a?.env.V
}

async function complaint(written: string, world: World = { env: ENV }): Promise<string> {
  const problems = await bad(`servers: { a: { command: x, env: { V: ${JSON.stringify(written)} } } }`, world)
  expect(problems).toHaveLength(1)
  return problems[0]?.replace('mcp-gw.yaml:1:39 servers.a.env.V: ', '') ?? ''
}

describe('a text', () => {
  test.each([
    ['${TOKEN}', 'sekret-123'],
    ['Bearer ${TOKEN}', 'Bearer sekret-123'],
    ['${TOKEN}${PORT}-${TOKEN}', 'sekret-1238080-sekret-123'],
    ['${MISSING:-default}', 'default'],
    ['${EMPTY:-default}', 'default'],
    ['${TOKEN:-default}', 'sekret-123'],
    ['${MISSING:-}', ''],
    ['${EMPTY}', ''],
    ['${MISSING:-{"a":{"b":1}}}!', '{"a":{"b":1}}!'],
    ['${MISSING:-a b:-c}', 'a b:-c'],
    ['${TRICK}', '${TOKEN} $${x}'],
    ['$${TOKEN} and ${TOKEN}', '${TOKEN} and sekret-123'],
  ])('%s gives %j, and prints as it is written', async (written, expected) => {
    const text = await value(written)
    expect(text).toBeInstanceOf(Secret)
    expect(reveal(text as Secret)).toBe(expected)
    expect(String(text)).toBe(written)
  })

  test.each([
    ['plain', 'plain'],
    ['$TOKEN', '$TOKEN'],
    ['$${TOKEN}', '${TOKEN}'],
    ['$$${TOKEN}', '$${TOKEN}'],
    ['a $${', 'a ${'],
    ['100$', '100$'],
  ])('%s has nothing to fill in and is the plain text %j', async (written, expected) => {
    expect(await value(written)).toBe(expected)
  })

  test('takes numbers, facts and a lone tilde as they are written', async () => {
    const source = 'servers: { a: { command: x, args: [1.10, 007, true, ~], env: { PORT: 8080 } } }'
    const { config } = await good(source)
    expect(config.servers.a).toMatchObject({ args: ['1.10', '007', 'true', '~'], env: { PORT: '8080' } })
  })
})

describe('a file', () => {
  const world = (path: string, content: string): World => ({ file: '/etc/gw/mcp-gw.yaml', files: { [path]: content } })

  test.each([
    ['${file:token}', '/etc/gw/token'],
    ['${file:./secrets/token}', '/etc/gw/secrets/token'],
    ['${file:../token}', '/etc/token'],
    ['${file:/run/secrets/token}', '/run/secrets/token'],
    ['${file:~/token}', '/home/anna/token'],
  ])('%s is read from %s', async (written, path) => {
    expect(reveal((await value(written, world(path, 'sekret-123'))) as Secret)).toBe('sekret-123')
  })

  test.each([
    ['a\n', 'a'],
    ['a\r\n', 'a'],
    ['a\nb\n\n', 'a\nb'],
    [' a ', ' a '],
    ['\uFEFFa', 'a'],
    ['\n', ''],
    ['${TOKEN}', '${TOKEN}'],
  ])('with the content %j gives %j', async (content, expected) => {
    expect(reveal((await value('${file:t}', world('/etc/gw/t', content))) as Secret)).toBe(expected)
  })

  test('that cannot be read is a problem with its whole path', async () => {
    expect(await complaint('${file:token}', { file: '/project/mcp-gw.yaml' })).toBe(
      'server a needs ${file:token}, which cannot be read: there is no such file (/project/token)',
    )
  })

  test('that several values name is read once', async () => {
    const { config } = await good('servers: { a: { command: x, args: ["${file:t}", "${file:t}"] } }', {
      files: { '/project/t': 'v' },
    })
    expect(config.servers.a?.args.map(reveal)).toEqual(['v', 'v'])
  })
})

describe('a form that is not known is refused', () => {
  test.each([
    ['${MISSING}', 'server a needs ${MISSING}, which is not set; set it, or give a default: ${MISSING:-…}'],
    ['${constructor}', 'server a needs ${constructor}, which is not set; set it, or give a default: ${constructor:-…}'],
    ['${keychain:tavily}', 'server a needs ${keychain:tavily}, which cannot be read: there is no such secret'],
    ['${keychain:}', '${keychain:} names no secret'],
    ['${cmd:pass show x}', '${cmd:pass show x}: ${cmd:…} is not available yet; use ${VAR}, ${file:path} or ${keychain:name}'],
    ['${env:TOKEN}', '${env:TOKEN}: variables need no prefix; did you mean ${TOKEN}?'],
    ['${env:TOKEN:-x}', '${env:TOKEN:-x}: variables need no prefix; did you mean ${TOKEN:-x}?'],
    ['${flie:x}', '${flie:x}: nothing is called flie; did you mean ${file:x}?'],
    [
      '${input:key}',
      '${input:key}: nothing is called input; ${VAR}, ${VAR:-default}, ${file:path} and ${keychain:name} are known',
    ],
    ['${PORT:80}', '${PORT:80} is no form that is known here; did you mean ${PORT:-80}?'],
    ['${PORT:?needed}', '${PORT:?needed} is no form that is known here; did you mean ${PORT:-needed}?'],
    ['${A:-${B}}', '${A:-${B}}: a ${…} cannot stand inside another one'],
    ['${file:}', '${file:} names no file'],
    ['${}', '${} names no variable: a name has letters, digits and _; write $${ for a literal ${'],
    ['${my-token}', '${my-token} names no variable: a name has letters, digits and _; write $${ for a literal ${'],
    ['x ${TOKEN', 'a ${ is never closed; close it with }, or write $${ for a literal ${'],
  ])('%s', async (written, message) => {
    expect(await complaint(written)).toBe(message)
  })

  test('and every form of a value is looked at', async () => {
    const problems = await bad('servers: { a: { command: x, env: { V: "${A} ${B:} ${C" } } }')
    expect(problems).toHaveLength(3)
  })
})

describe('a leaf that is no text', () => {
  test('gets what YAML would have made of the value, quoted or not', async () => {
    const source =
      'listen:\n  port: ${PORT}\n  insecure: "${YES}"\n  host: ${HOST:-localhost}\nlog: { level: "${LEVEL}" }\nsessions: { idle: "${N}m" }\n'
    const { config } = await good(source, { env: { ...ENV, N: '2' } })
    expect(config.listen).toMatchObject({ port: 8080, insecure: true, host: 'localhost' })
    expect(config.log.level).toBe('debug')
    expect(config.sessions.idle).toBe(120_000)
  })

  test('stays a text where a text belongs, though it looks like a number', async () => {
    expect((await good('listen: { hosts: ["${PORT}", 8081] }', { env: ENV })).config.listen.hosts).toEqual(['8080', '8081'])
  })

  test('is complained about without its value', async () => {
    const env = { PORT: 'sekret-123', MISSING_TOO: '' }
    expect(await bad('listen: { port: "${PORT}" }\nlog: { level: "${PORT}" }\nshutdown: { grace: "1${PORT}" }', { env })).toEqual(
      [
        'mcp-gw.yaml:1:17 listen.port: expected a number between 0 and 65535, got what ${PORT} holds',
        'mcp-gw.yaml:2:15 log.level: expected one of trace, debug, info, warn, error, silent, got what ${PORT} holds',
        'mcp-gw.yaml:3:20 shutdown.grace: expected a duration such as 250ms, 30s, 5m or 2h, got what 1${PORT} holds',
      ],
    )
  })

  test('is complained about once when the variable is missing', async () => {
    expect(await bad('listen: { port: "${P}", hosts: ["${H}", {}] }')).toEqual([
      'mcp-gw.yaml:1:17 listen.port: the config needs ${P}, which is not set; set it, or give a default: ${P:-…}',
      'mcp-gw.yaml:1:33 listen.hosts[0]: the config needs ${H}, which is not set; set it, or give a default: ${H:-…}',
      'mcp-gw.yaml:1:41 listen.hosts[1]: expected a text, got keys and values',
    ])
  })
})

test('keys are never filled in', async () => {
  const { config } = await good('servers: { a: { command: x, env: { "${TOKEN}": y } } }', { env: ENV })
  expect(config.servers.a?.env).toEqual({ '${TOKEN}': 'y' })
})

describe('a disabled server', () => {
  const off = (more: string): string => `servers: { a: { disabled: true, ${more} } }`

  test('may name what is not there', async () => {
    const source = off(
      'command: "${A} -y", args: ["${B}"], env: { C: "${C}", D: "${file:d}" }, timeout: "${E}", tools: { deny: ["${F}"] }',
    )
    const { a } = (await good(source)).config.servers as { a: ServerOptions }
    expect(a.disabled).toBe(true)
    expect(String(a.env.C)).toBe('${C}')
    await good(off('url: "${URL}"'))
    await good(off('command: "${A} -y"'))
    await good(off('url: "https://x", headers: { A: "${env:B}" }'))
  })

  test('may be disabled by a variable', async () => {
    const source = 'servers: { a: { disabled: "${OFF:-true}", command: x, env: { A: "${A}" } } }'
    await good(source)
    expect(await bad(source, { env: { OFF: 'false' } })).toHaveLength(1)
  })

  test('is checked for everything else', async () => {
    expect(await bad(off('command: x, url: "http://x"'))).toHaveLength(1)
    expect(await bad(off('command: x, timout: 1s'))).toHaveLength(1)
    expect(await bad(off('url: "${A:-ftp://x}"'))).toHaveLength(1)
  })
})
