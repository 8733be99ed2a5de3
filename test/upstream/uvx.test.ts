/** `uvx` is left out for a tool that is installed and asked for without any options. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { resolveProgram } from '../../src/upstream/launchers.ts'
import { temporaryFolder } from '../support/gateway.ts'

const folder = temporaryFolder()
afterAll(() => folder.remove())
const at = (path: string): string => join(folder.path, path)
const env = { HOME: folder.path, PATH: at('bin') }
const TOOLS = '.local/share/uv/tools'

function write(path: string, text = ''): void {
  mkdirSync(dirname(at(path)), { recursive: true })
  writeFileSync(at(path), text, { mode: 0o755 })
}

beforeAll(() => {
  write('bin/uvx')
  write(`${TOOLS}/mcp-server-git/uv-receipt.toml`, '[tool]\nrequirements = [{ name = "mcp-server-git" }]\n')
  write(`${TOOLS}/mcp-server-git/bin/mcp-server-git`)
  write(`${TOOLS}/mcp-server-git/bin/mcp_server_git`)
  write(`${TOOLS}/pinned/uv-receipt.toml`, '[tool]\n\n[tool.options]\nprerelease = "allow"\n')
  write(`${TOOLS}/pinned/bin/pinned`)
  write(`${TOOLS}/broken/bin/broken`)
  write(`${TOOLS}/python3/uv-receipt.toml`)
  write(`${TOOLS}/python3/bin/python3`)
})

const uvx = (args: string[], more: Record<string, string> = {}, command = 'uvx') =>
  resolveProgram({ command, args }, { cwd: folder.path, env: { ...env, ...more }, platform: 'linux', stateDir: at('state') })

describe('uvx', () => {
  test('is left out for an installed tool', async () => {
    const bin = at(`${TOOLS}/mcp-server-git/bin`)
    expect(await uvx(['mcp-server-git', '--repository', '.'])).toEqual({
      command: join(bin, 'mcp-server-git'),
      args: ['--repository', '.'],
      env: { PATH: `${bin}:${at('bin')}` },
      without: 'uvx',
    })
    expect((await uvx(['mcp_server_git'])).command).toBe(join(bin, 'mcp_server_git'))
    expect((await uvx(['mcp-server-git'], {}, '/opt/bin/uvx')).without).toBe('uvx')
  })

  test.each([
    ['a version', ['mcp-server-git@latest']],
    ['a range', ['mcp-server-git>=1']],
    ['another package', ['--from', 'mcp-server-git', 'mcp-server-git']],
    ['a Python', ['--python', '3.12', 'mcp-server-git']],
    ['a tool that is not installed', ['mcp-server-time']],
    ['a tool that was installed with options', ['pinned']],
    ['a tool without a receipt', ['broken']],
    ['an interpreter', ['python3']],
    ['a script', ['mcp-server-git.py']],
    ['nothing', []],
  ])('has its way where it is asked for %s', async (_, args) => {
    expect(await uvx(args)).toEqual({ command: 'uvx', args })
  })

  test('has its way where its settings may ask for something else', async () => {
    const asked = { command: 'uvx', args: ['mcp-server-git'] }
    expect(await uvx(asked.args, { UV_PYTHON: '3.12' })).toEqual(asked)
    expect(await uvx(asked.args, { UV_TOOL_DIR: at('elsewhere') })).toEqual(asked)
    write('xdg/uv/uv.toml', 'python-preference = "system"\n')
    expect(await uvx(asked.args, { XDG_CONFIG_HOME: at('xdg') })).toEqual(asked)
  })
})
