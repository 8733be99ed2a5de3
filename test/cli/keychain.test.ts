/** A real keychain keeps secrets and gives them to the config; without one in reach, the tests say so and stand aside. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { temporaryFolder } from '../support/gateway.ts'
import { finish, fixture, PROJECT, run } from '../support/processes.ts'

const folder = temporaryFolder()
afterAll(() => folder.remove())

const missing = ['dbus-run-session', 'gnome-keyring-daemon'].filter((program) => !inPath(program))

const TITLE =
  missing.length > 0
    ? `a keychain is not tried here, for want of ${missing.join(' and ')}`
    : 'a secret goes into the keychain of the system and from there to the server'

function inPath(program: string): boolean {
  try {
    execFileSync('which', [program], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Runs lines of shell in a session of its own, with a keychain that is empty and open. `mcp-gw` is ours. */
async function inSession(...lines: string[]): Promise<{ code: number | string; stdout: string; stderr: string }> {
  const script = join(folder.path, 'session.sh')
  const start = 'printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1'
  const gateway = `mcp-gw() { '${process.execPath}' '${join(PROJECT, 'bin', 'mcp-gw.js')}' "$@"; }`
  writeFileSync(script, [start, gateway, ...lines].join('\n'))
  const env = { HOME: folder.path, XDG_DATA_HOME: join(folder.path, 'data'), XDG_CONFIG_HOME: '', XDG_RUNTIME_DIR: folder.path }
  return finish(run('dbus-run-session', ['--', 'bash', script], { env, cwd: folder.path }))
}

test.skipIf(missing.length > 0)(TITLE, async () => {
  writeFileSync(
    join(folder.path, 'mcp-gw.yaml'),
    `servers: { everything: { command: '${process.execPath}', args: ['${fixture('tiny.mjs')}'], env: { KEY: "\${keychain:my-key}" } } }\n`,
  )
  const { code, stdout, stderr } = await inSession(
    'mcp-gw tools; echo "before: $?"',
    'printf sekret-123 | mcp-gw secret set my-key',
    'mcp-gw secret list',
    'mcp-gw tools',
    `mcp-gw add second --no-check -e 'SECOND_TOKEN=abcdefgh12345678' -- srv`,
    'cat mcp-gw.yaml',
    'mcp-gw secret remove my-key SECOND_TOKEN',
    'mcp-gw secret list',
  )
  expect(stderr).toContain(
    'server everything needs ${keychain:my-key}, which cannot be read: the keychain has no such secret; store it: mcp-gw secret set my-key',
  )
  expect(stdout).toContain('before: 2\n')
  expect(stdout).toContain(
    '✓ my-key is kept in the keychain of the system. Write ${keychain:my-key} for it in the config.\n${keychain:my-key}\n',
  )
  expect(stdout).toContain('\neverything__hello\n')
  expect(stdout).toContain('  SECOND_TOKEN is kept in the keychain of the system.\n')
  expect(stdout).toContain('SECOND_TOKEN: "${keychain:SECOND_TOKEN}"')
  expect(stdout).toContain('✓ my-key, SECOND_TOKEN are gone from the keychain of the system.\nNo secrets are kept.\n')
  expect(stdout + stderr).not.toMatch(/sekret-123|abcdefgh12345678/)
  expect(code).toBe(0)
})
