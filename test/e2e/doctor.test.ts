/** mcp-gw doctor finds what is wrong on a machine, mends what it can, and mcp-gw undo takes that back. */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { fixtureServer, Gateway, mcpGw, temporaryFolder, writeConfig } from '../support/gateway.ts'
import { finish } from '../support/processes.ts'

const SECRET = 'ghp_abcdefghijklmnopqrstuvwxyz0123456789'
const STATUS = { tiny: 'ok', dead: 'error', missing: 'error' }

interface Report {
  ok: boolean
  env: { config: string | null }
  checks: { id: string; group: string; status: string; subject: string; message: string; detail: string[]; fix: string | null }[]
  fixed?: { done: string[]; left: string[]; failed: string[] }
}

const home = temporaryFolder()
const cursor = join(home.path, '.cursor', 'mcp.json')
let config: string
afterAll(() => home.remove())

const env = () => ({
  HOME: home.path,
  XDG_STATE_HOME: join(home.path, 'state'),
  XDG_CONFIG_HOME: join(home.path, 'config'),
  HTTP_PROXY: '',
})
const mcp = (...args: string[]) => finish(mcpGw(args, { env: env(), cwd: home.path }))
const doctor = (...args: string[]) => mcp('doctor', '--config', config, ...args)

async function report(...args: string[]): Promise<Report & { code: unknown }> {
  const { code, stdout } = await doctor('--json', '--offline', ...args)
  return { ...(JSON.parse(stdout) as Report), code }
}

const found = ({ checks }: Report, id: string) => checks.filter((check) => check.id === id)

beforeEach(() => {
  for (const name of ['state', 'config', '.env', '.cursor']) rmSync(join(home.path, name), { recursive: true, force: true })
  mkdirSync(join(home.path, '.cursor'))
  writeFileSync(cursor, '{\n  // mine\n  "mcpServers": { "mcp-gw": { "url": "http://127.0.0.1:7718/mcp" } }\n}\n')
  config = writeConfig(
    home.path,
    [
      'servers:',
      '  linear:  # the tracker',
      '    url: https://mcp.linear.app/sse',
      '  git:',
      `    command: ${process.execPath}`,
      `    args: [${fixtureServer('tiny.mjs').args[0]}]`,
      '    env:',
      `      GITHUB_TOKEN: ${SECRET}`,
      '',
    ].join('\n'),
  )
  chmodSync(config, 0o644)
})

describe('mcp-gw doctor', () => {
  it('starts each server, and shows the last words of those that fail', async () => {
    config = writeConfig(home.path, {
      servers: {
        tiny: fixtureServer('tiny.mjs'),
        dead: fixtureServer('misbehaving.mjs', '--crash'),
        missing: { command: 'no-such-program-here' },
      },
    })
    const seen = await report('--only', 'servers')
    expect(seen.code).toBe(1)
    expect(Object.fromEntries(found(seen, 'MGW-S01').map(({ subject, status }) => [subject, status]))).toEqual(STATUS)
    const [dead] = found(seen, 'MGW-S01').filter(({ subject }) => subject === 'dead')
    expect([dead?.message, ...(dead?.detail ?? [])].join('\n')).toContain('cannot find module "the-one-it-needs"')
  })

  it('names the place of each fault of the config', async () => {
    config = writeConfig(home.path, 'servers:\n  a:\n    comand: node\n  b:\n    url: https://x.example/${NOT_SET_ANYWHERE}\n')
    const seen = await report('--only', 'config')
    const keys = found(seen, 'MGW-C02').map(({ subject, message }) => `${subject} ${message}`)
    expect(keys).toContainEqual(expect.stringMatching(/~\/mcp-gw\.yaml:3:5 .*did you mean command/))
    expect(found(seen, 'MGW-C04')[0]?.message).toContain('${NOT_SET_ANYWHERE}, which is not set')
    expect(seen.code).toBe(1)
  })

  it('never prints a secret or the name of the home folder, not even where a server does', async () => {
    const args = ['-e', 'console.error(process.env.GITHUB_TOKEN, process.env.OTHER, process.env.HOME); process.exit(3)']
    const secrets = { GITHUB_TOKEN: SECRET, OTHER: '${FROM_OUTSIDE}' }
    config = writeConfig(home.path, { servers: { chatty: { command: process.execPath, args, env: secrets } } })
    const outside = 'a word that nobody would guess'
    for (const args of [['--json'], ['--report'], ['-v']]) {
      const all = ['doctor', '--config', config, '--offline', ...args]
      const { stdout, stderr } = await finish(mcpGw(all, { env: { ...env(), FROM_OUTSIDE: outside }, cwd: home.path }))
      expect(stdout).toContain('MGW-S01')
      expect(stdout).toContain('${FROM_OUTSIDE}')
      for (const hidden of [SECRET, outside, home.path]) expect(stdout + stderr).not.toContain(hidden)
    }
  })

  it('--fix mends what is safe, says so, and leaves what has to be agreed to', async () => {
    const seen = await report('--fix', '--only', 'config,clients')
    expect(seen.fixed?.done).toEqual([
      'set the url of linear to https://mcp.linear.app/mcp',
      'set the mode of ~/mcp-gw.yaml to 600',
    ])
    expect(seen.fixed?.left).toHaveLength(2)
    expect(found(seen, 'MGW-C07').map(({ status }) => status)).toEqual(['ok'])
    expect(readFileSync(config, 'utf8')).toContain('  linear:  # the tracker\n    url: https://mcp.linear.app/mcp\n')
    expect(statSync(config).mode & 0o777).toBe(0o600)
  })

  it('--fix --yes moves secrets and writes entries anew, and undo takes all of it back to the byte', async () => {
    const before = [readFileSync(config, 'utf8'), readFileSync(cursor, 'utf8')]
    const seen = await report('--fix', '--yes', '--only', 'config,clients')
    expect(seen.fixed?.failed).toEqual([])
    expect(readFileSync(config, 'utf8')).toContain('GITHUB_TOKEN: ${GITHUB_TOKEN}')
    expect(readFileSync(join(home.path, '.env'), 'utf8')).toContain(SECRET)
    expect(statSync(join(home.path, '.env')).mode & 0o777).toBe(0o600)
    expect(readFileSync(cursor, 'utf8')).toContain('"http://127.0.0.1:39400/mcp"')
    expect((await mcp('undo', '--yes')).code).toBe(0)
    expect([readFileSync(config, 'utf8'), readFileSync(cursor, 'utf8')]).toEqual(before)
    expect(statSync(config).mode & 0o777).toBe(0o644)
    expect(existsSync(join(home.path, '.env'))).toBe(false)
  })

  it('talks to the running gateway as clients do, and holds their addresses against it', async () => {
    config = writeConfig(home.path, { servers: { tiny: fixtureServer('tiny.mjs') }, listen: { port: 0 } })
    const gateway = await Gateway.start({ file: config }, { env: env() })
    try {
      const { port } = new URL(gateway.origin)
      const seen = await report('--only', 'gateway,K03,X02')
      for (const id of ['MGW-G01', 'MGW-G03', 'MGW-G04', 'MGW-X02'])
        expect(found(seen, id).map(({ status }) => status)).not.toContainEqual(expect.stringMatching(/error|warn|skip/))
      expect(found(seen, 'MGW-K03')[0]?.message).toBe(`~/.cursor/mcp.json points to port 7718, the gateway runs on ${port}`)
      const fixed = await report('--fix', '--yes', '--only', 'K03')
      expect(found(fixed, 'MGW-K03').map(({ status }) => status)).toEqual(['ok'])
      expect(readFileSync(cursor, 'utf8')).toContain(`"http://127.0.0.1:${port}/mcp"`)
    } finally {
      await gateway.stop()
    }
  })

  it('sees that a client is shown more tools than it takes', async () => {
    const servers = { many: fixtureServer('misbehaving.mjs', '--tools', '90') }
    config = writeConfig(home.path, { servers, surface: { mode: 'direct' }, listen: { port: 0 } })
    const gateway = await Gateway.start({ file: config }, { env: env() })
    try {
      const [limit] = found(await report('--only', 'K10'), 'MGW-K10')
      expect(limit).toMatchObject({ status: 'warn', subject: 'cursor' })
      expect(limit?.message).toMatch(/^takes 80 tools, and the gateway shows \d{2,}$/)
    } finally {
      await gateway.stop()
    }
  })

  it('sees a server that a client has by itself and through the gateway, and removes it where that is agreed to', async () => {
    const { command, args } = fixtureServer('tiny.mjs')
    config = writeConfig(home.path, { servers: { tiny: { command, args } } })
    const entry = { url: 'http://127.0.0.1:39400/mcp' }
    writeFileSync(cursor, JSON.stringify({ mcpServers: { 'mcp-gw': entry, tiny: { command, args } } }, null, 2))
    expect(found(await report('--only', 'K05'), 'MGW-K05')[0]).toMatchObject({ status: 'warn', subject: 'cursor' })
    const fixed = await report('--fix', '--yes', '--only', 'K05')
    expect(found(fixed, 'MGW-K05')[0]).toMatchObject({ status: 'ok' })
    expect(JSON.parse(readFileSync(cursor, 'utf8'))).toEqual({ mcpServers: { 'mcp-gw': entry } })
  })

  it('ends with 0 on warnings, with 1 on them where --strict says so, and with 2 for a check that is none', async () => {
    config = writeConfig(home.path, { servers: { loose: { command: 'npx', args: ['-y', 'some-server'], disabled: false } } })
    expect((await doctor('--offline', '--only', 'C08')).code).toBe(0)
    expect((await doctor('--offline', '--only', 'C08', '--strict')).code).toBe(1)
    const { code, stderr } = await doctor('--only', 'Z99')
    expect(code).toBe(2)
    expect(stderr).toContain('"z99" is no group and no check')
  })
})
