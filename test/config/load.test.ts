/** Which config is loaded. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { find, places } from '../../src/config/find.ts'
import { load } from '../../src/config/load.ts'
import { formatProblem } from '../../src/config/problem.ts'
import { reveal } from '../../src/std/secret.ts'

let root: string
/** A person with an empty home folder, in an empty project. */
let here: { cwd: string; env: NodeJS.ProcessEnv }

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'mcp-gw-'))
  here = { cwd: join(root, 'project'), env: { HOME: join(root, 'home'), XDG_CONFIG_HOME: join(root, 'xdg') } }
  await mkdir(here.cwd)
})
afterEach(() => rm(root, { recursive: true, force: true }))

async function write(path: string, source: string): Promise<string> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), source)
  return join(root, path)
}

/** The port of the config that is loaded, which tells the files of a test apart. */
async function port(options: Partial<Parameters<typeof load>[0]> = {}): Promise<number | string[]> {
  const loaded = await load({ ...here, ...options })
  return 'problems' in loaded ? loaded.problems.map(formatProblem) : loaded.config.listen.port
}

test('nothing found means the built-in defaults', async () => {
  const loaded = await load(here)
  expect(loaded).toMatchObject({ file: undefined, config: { listen: { host: '127.0.0.1', port: 39_400 }, servers: {} } })
})

test('the nearest config wins: --config, the variable, the folder, the home', async () => {
  const xdg = await write('xdg/mcp-gw/mcp-gw.yaml', 'listen: { port: 1 }')
  expect(await port()).toBe(1)
  expect(find(here)).toBe(xdg)
  await write('project/mcp-gw.yaml', 'listen: { port: 2 }')
  expect(await port()).toBe(2)
  const named = await write('named.yaml', 'listen: { port: 3 }')
  const env = { ...here.env, MCP_GW_CONFIG: named }
  expect(await port({ env })).toBe(3)
  await write('project/conf/other.yaml', 'listen: { port: 4 }')
  expect(await port({ env, file: 'conf/other.yaml' })).toBe(4)
})

test('the last place to look is /etc', () => {
  expect(places(here)).toEqual([join(here.cwd, 'mcp-gw.yaml'), join(root, 'xdg/mcp-gw/mcp-gw.yaml'), '/etc/mcp-gw/mcp-gw.yaml'])
})

test('a named file may begin with ~', async () => {
  await write('home/gw.yaml', 'listen: { port: 5 }')
  expect(await port({ file: '~/gw.yaml' })).toBe(5)
})

test('a named file that is missing is a problem, though another config could be found', async () => {
  await write('project/mcp-gw.yaml', 'listen: { port: 2 }')
  expect(await port({ file: 'nope.yaml' })).toEqual([
    `nope.yaml: there is no such file; --config names it (${join(here.cwd, 'nope.yaml')})`,
  ])
  expect(await port({ env: { ...here.env, MCP_GW_CONFIG: '/nope.yaml' } })).toEqual([
    '/nope.yaml: there is no such file; $MCP_GW_CONFIG names it (/nope.yaml)',
  ])
})

test('a config that cannot be read is a problem', async () => {
  await mkdir(join(here.cwd, 'mcp-gw.yaml'))
  expect(await port()).toEqual(['mcp-gw.yaml: cannot be read: it is a folder'])
})

test('files that the config names are read beside it, wherever it is', async () => {
  const file = await write('conf/gw.yaml', 'servers: { a: { url: "https://x", headers: { K: "${file:key}" } } }')
  await write('conf/key', 'sekret-123\n')
  const loaded = await load({ ...here, file })
  expect(loaded).toMatchObject({ file })
  expect('config' in loaded && reveal(loaded.config.servers.a?.headers.K ?? '')).toBe('sekret-123')
})

test('problems name the file as it was found', async () => {
  await write('project/mcp-gw.yaml', 'sesions: {}')
  const file = await write('conf/gw.yaml', 'sesions: {}')
  expect(await port()).toEqual(['mcp-gw.yaml:1:1 sesions: unknown key; did you mean sessions?'])
  expect(await port({ file })).toEqual([`${file}:1:1 sesions: unknown key; did you mean sessions?`])
})

test('a thousand servers load in well under a second', async () => {
  const server = (i: number): string => `  s${i}: { command: npx -y x, env: { A: "\${S}", B: b }, timeout: 30s }`
  const file = await write('big.yaml', `servers:\n${Array.from({ length: 1_000 }, (_, i) => server(i)).join('\n')}\n`)
  // Of the processor, not of the clock: others may be busy on the same machine.
  const started = process.cpuUsage()
  const loaded = await load({ ...here, file, env: { S: 'sekret-123' } })
  expect('config' in loaded && Object.keys(loaded.config.servers)).toHaveLength(1_000)
  const { user, system } = process.cpuUsage(started)
  expect((user + system) / 1_000).toBeLessThan(2_000)
})
