import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mcpGw, packageServer, temporaryFolder } from '../support/gateway.ts'
import { finish } from '../support/processes.ts'

const everything = packageServer('everything')
const memory = packageServer('memory')
const TOKEN = 'ghp_abcdefghijklmnopqrstuvwxyz0123456789'

/** A home with three clients, two of which have the same server, a secret in plain text and a server that does not start. */
const FILES = {
  '.claude.json': `{
  "numStartups": 3,
  "mcpServers": {
    "everything": { "type": "stdio", "command": "${everything.command}", "args": ["${everything.args[0]}"], "env": {} },
    "notes": { "type": "stdio", "command": "${memory.command}", "args": ["${memory.args[0]}"], "env": { "GITHUB_TOKEN": "${TOKEN}" } }
  }
}
`,
  '.cursor/mcp.json': `{
  // mine
  "mcpServers": {
    "ev": { "command": "${everything.command}", "args": ["${everything.args[0]}"] }, // the same
  }
}
`,
  '.codex/config.toml': `model = "o3" # mine

[mcp_servers.broken]
command = "no-such-program-anywhere"
args = []
`,
} as const

let home: ReturnType<typeof temporaryFolder>

beforeEach(() => {
  home = temporaryFolder()
  for (const [path, text] of Object.entries(FILES)) write(path, text)
})
afterEach(() => home.remove())

const at = (path: string): string => join(home.path, path)
const read = (path: string): string => readFileSync(at(path), 'utf8')
const config = (): string => read('.config/mcp-gw/mcp-gw.yaml')

function write(path: string, text: string): void {
  mkdirSync(dirname(at(path)), { recursive: true })
  writeFileSync(at(path), text)
}

/** Nothing of the machine that the tests run on shall be found. */
function cli(...args: string[]) {
  const env = {
    HOME: home.path,
    USERPROFILE: home.path,
    XDG_CONFIG_HOME: '',
    XDG_STATE_HOME: '',
    CODEX_HOME: '',
    CLAUDE_CONFIG_DIR: '',
  }
  return finish(mcpGw(args, { env, cwd: home.path }))
}

describe('mcp-gw init', () => {
  it('says what it needs where there is no terminal, and changes nothing', async () => {
    const { code, stdout, stderr } = await cli('init')
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain(
      'This command needs a terminal to ask questions. Re-run with --yes, or pass --clients and --servers. See mcp-gw init --help.',
    )
    expect(existsSync(at('.config'))).toBe(false)
  })

  it('takes the servers over, each once, with secrets out of plain text, and points the clients at the gateway', async () => {
    const { code, stdout } = await cli('init', '--yes')
    expect(code).toBe(0)
    expect(stdout).toMatch(/✗ broken {2}cannot start/)
    expect(stdout).toMatch(/✓ ev {2}\d+ tools, \d+ ms/)
    expect(config().match(/server-everything/g)).toHaveLength(1)
    expect(config()).toMatch(/broken:\n {4}command: no-such-program-anywhere\n.*disabled: true/s)
    expect(config()).toContain('GITHUB_TOKEN: ${GITHUB_TOKEN}')
    expect(config() + stdout).not.toContain(TOKEN)
    expect(read('.config/mcp-gw/.env')).toBe(`GITHUB_TOKEN=${TOKEN}\n`)
    expect(statSync(at('.config/mcp-gw/.env')).mode & 0o777).toBe(0o600)
    for (const path of Object.keys(FILES)) expect(read(path), path).toContain('mcp-gw')
    expect(read('.cursor/mcp.json')).toContain('// the same')
  })

  it('leaves the entries of the clients alone unless it is told to move them', async () => {
    await cli('init', '--yes', '--no-check')
    expect(read('.cursor/mcp.json')).toContain('"ev"')
    await cli('undo', '--yes')
    const { stdout } = await cli('init', '--yes', '--no-check', '--originals', 'move', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ changed: true })
    expect(read('.cursor/mcp.json')).not.toContain('"ev"')
    expect(read('.codex/config.toml')).not.toContain('broken')
    expect(read('.codex/config.toml')).toContain('model = "o3" # mine')
  })

  it('is undone to the byte', async () => {
    await cli('init', '--yes', '--no-check', '--originals', 'move')
    const { code, stdout } = await cli('undo', '--json')
    expect(code).toBe(0)
    const results = JSON.parse(stdout) as { result: string }[]
    expect(
      results.every(({ result }) => ['restored', 'deleted'].includes(result)),
      stdout,
    ).toBe(true)
    for (const [path, text] of Object.entries(FILES)) expect(read(path), path).toBe(text)
    expect(existsSync(at('.config/mcp-gw'))).toBe(false)
  })

  it('does nothing a second time, and proposes only what is new', async () => {
    await cli('init', '--yes', '--no-check')
    const before = config()
    expect((await cli('init', '--yes')).stdout).toMatch(/^Everything is set up already/)
    expect(config()).toBe(before)
    const entry = `"files": { "command": "${everything.command}", "args": ["${packageServer('filesystem').args[0]}", "/"] },`
    write('.cursor/mcp.json', read('.cursor/mcp.json').replace('"ev"', `${entry}\n    "ev"`))
    const { servers } = JSON.parse((await cli('init', '--yes', '--no-check', '--json')).stdout)
    expect(servers.map(({ name }: { name: string }) => name)).toEqual(['files'])
  })

  it('shows every change beforehand, without secrets, and changes nothing in a dry run', async () => {
    const { code, stdout } = await cli('init', '--dry-run')
    expect(code).toBe(3)
    expect(stdout).toContain('+++ ~/.cursor/mcp.json')
    expect(stdout).not.toContain(TOKEN)
    expect(existsSync(at('.config'))).toBe(false)
    for (const [path, text] of Object.entries(FILES)) expect(read(path), path).toBe(text)
  })

  it('leaves a file that it cannot read as it is, says where it is broken, and goes on with the others', async () => {
    write('.cursor/mcp.json', '{ "mcpServers": { "a": \n } ')
    const { stdout } = await cli('init', '--yes', '--no-check', '--json')
    const ids = JSON.parse(stdout).clients.map(({ id }: { id: string }) => id)
    expect(ids).toContain('claude-code')
    expect(ids).not.toContain('cursor')
    expect(read('.cursor/mcp.json')).toBe('{ "mcpServers": { "a": \n } ')
  })

  it('takes only what is named, and says what a wrong name may have meant', async () => {
    await cli('init', '--yes', '--no-check', '--clients', 'cursor', '--servers', 'ev')
    expect(config()).not.toContain('notes')
    expect(read('.codex/config.toml')).toBe(FILES['.codex/config.toml'])
    const { code, stderr } = await cli('init', '--yes', '--clients', 'cursro')
    expect(code).toBe(2)
    expect(stderr).toContain('did you mean cursor?')
  })
})

describe('mcp-gw setup-export', () => {
  it('writes the entry of one client, in its own words', async () => {
    expect((await cli('setup-export', '--target', 'codex')).code).toBe(0)
    expect(read('.codex/config.toml')).toContain('[mcp_servers.mcp-gw]')
    expect(read('.cursor/mcp.json')).toBe(FILES['.cursor/mcp.json'])
    expect((await cli('setup', 'export', '--target', 'codex', '--dry-run')).stdout).toContain('Nothing would change.')
  })

  it('writes an address where HTTP is wanted and the client takes one', async () => {
    await cli('setup-export', '--target', 'claude-code', '--mode', 'http')
    expect(JSON.parse(read('.claude.json')).mcpServers['mcp-gw']).toEqual({ type: 'http', url: 'http://127.0.0.1:39400/mcp' })
  })
})
