/** Keys that `mcp-gw add` is given: they reach the server, and no file but the one that is theirs. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Home } from '../../support/home.ts'
import { program } from '../../support/processes.ts'

const home = Home.forEachTest()
const add = (...words: string[]) => home.add(...words)
const golden = (name: string): string => `golden/${name}.golden.txt`

describe('secrets', () => {
  const KEY = 'tvly-abcdefghij0123456789'

  test('that a server of the catalogue wants are named with where to get them, where nobody can be asked', async () => {
    const { code, all } = await add('firecrawl')
    expect(code).toBe(2)
    await expect(all).toMatchFileSnapshot(golden('add-missing-key'))
    expect(existsSync(home.config)).toBe(false)
  })

  test('are kept in a .env that only the owner can read, and nowhere else', async () => {
    const { code, stdout } = await add('tavily', '--no-check', '-e', `TAVILY_API_KEY=${KEY}`)
    expect(code).toBe(0)
    await expect(stdout).toMatchFileSnapshot(golden('add-key'))
    const file = join(home.path, '.config', 'mcp-gw', '.env')
    expect(readFileSync(file, 'utf8')).toBe(`TAVILY_API_KEY=${KEY}\n`)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(home.text).toContain('Authorization: Bearer ${TAVILY_API_KEY}')
    for (const journal of ['edits.jsonl', 'secrets.jsonl'])
      expect(readFileSync(join(home.path, '.local', 'state', 'mcp-gw', journal), 'utf8')).not.toContain(KEY)
  })

  test('in a folder that git would commit come with a warning', async () => {
    execFileSync('git', ['init', '-q', home.path])
    const words = ['--no-check', '--scope', 'project', '-e', `TAVILY_API_KEY=${KEY}`]
    expect((await add('tavily', ...words)).stdout).toContain('! git would commit ~/.env; add .env to .gitignore\n')
    writeFileSync(join(home.path, '.gitignore'), '.env\n')
    expect((await add('tavily', '-n', 'second', ...words)).stdout).not.toContain('git would commit')
  })

  test('that were typed in plain text are taken out of the entry', async () => {
    await add('x', '--no-check', '-H', `Authorization: Bearer ${KEY}`, '-H', 'X-Mode: fast', 'https://x.io/mcp')
    expect(home.text).toContain('Authorization: Bearer ${X_TOKEN}\n      X-Mode: fast\n')
    await add('y', '--no-check', '--secrets', 'plain', '-e', `API_KEY=${KEY}`, '--', 'srv')
    expect(home.text).toContain(`API_KEY: ${KEY}\n`)
  })

  test('that are there are not shown by a diff of their neighbours', async () => {
    home.write(`servers:\n  a: { command: x, env: { API_KEY: ${KEY} } }\n`)
    const { stdout } = await add('b', '--dry-run', '--', 'y')
    expect(stdout).toContain('a: { command: x, env: { API_KEY: •••••• } }')
  })

  test('of a server get a new value only by --force, and two servers never share one by accident', async () => {
    await add('tavily', '--no-check', '-e', `TAVILY_API_KEY=${KEY}`)
    const other = await add('tavily', '--no-check', '-e', `TAVILY_API_KEY=${KEY}x`)
    expect([other.code, other.stderr]).toEqual([
      1,
      'mcp-gw: ~/.config/mcp-gw/mcp-gw.yaml has tavily with another key; --force puts the new one in its place\n',
    ])
    await add('second', '--no-check', '-H', 'Authorization: Bearer ${TAVILY_API_KEY}', 'https://x.io/mcp')
    await add('third', '--no-check', '-e', `TAVILY_API_KEY=${KEY}y`, '--', 'srv')
    expect(readFileSync(join(home.path, '.config', 'mcp-gw', '.env'), 'utf8')).toBe(
      `TAVILY_API_KEY=${KEY}\nTHIRD_TAVILY_API_KEY=${KEY}y\n`,
    )
  })

  test('are used before they are stored, so that the server can be tried with them', async () => {
    const { code } = await add('everything', '-e', `MY_TOKEN=${KEY}`, '--', process.execPath, program('everything'))
    expect(code).toBe(0)
    const call = await home.run('call', 'everything__get-env')
    expect(call.stdout).toContain(KEY)
  })
})
