/** A gateway that a desktop started has a bare PATH; the login shell knows the one that a person has in a terminal. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { hasBarePath, pathOfLoginShell } from '../../src/upstream/login-path.ts'
import { temporaryFolder } from '../support/gateway.ts'
import { groupLives, until } from '../support/processes.ts'

const folder = temporaryFolder()
afterAll(() => folder.remove())

const BARE = { SHELL: '/bin/zsh', PATH: '/usr/bin:/bin:/usr/sbin:/sbin' }

/** A shell that runs these lines instead of what it is asked, unless they say otherwise. */
function shell(...lines: string[]): string {
  const file = join(folder.path, `shell-${Math.random().toString(36).slice(2)}`)
  writeFileSync(file, ['#!/bin/sh', ...lines, ''].join('\n'), { mode: 0o755 })
  return file
}

describe('an environment', () => {
  test.each([
    ['of a desktop', BARE, 'darwin', true],
    ['of a service of the user', { ...BARE, PATH: '/usr/local/sbin:/usr/local/bin:/usr/bin/:/snap/bin' }, 'linux', true],
    ['of a terminal', { ...BARE, TERM: 'xterm' }, 'darwin', false],
    ['whose PATH somebody has set', { ...BARE, PATH: '/opt/homebrew/bin:/usr/bin' }, 'darwin', false],
    ['of a container, which has no shell of a person', { PATH: BARE.PATH }, 'linux', false],
    ['of Windows', { ...BARE, PATH: 'C:\\Windows' }, 'win32', false],
  ] as const)('%s: bare is %4$s', (_, env, platform, bare) => {
    expect(hasBarePath(env, platform)).toBe(bare)
  })
})

describe('the PATH of the login shell', () => {
  test('comes before ours, each folder once', async () => {
    const asked = shell('[ "$1" = -lic ] || exit 1', 'PATH=/opt/tools:/usr/bin; export PATH', '/bin/sh -c "$2"')
    expect(await pathOfLoginShell({ ...BARE, SHELL: asked })).toBe('/opt/tools:/usr/bin:/bin:/usr/sbin:/sbin')
  })

  test('is found among whatever the start files print', async () => {
    const asked = shell(
      'echo "PATH=/wrong"; echo Welcome >&2; printf "no newline"',
      'PATH=/right; export PATH',
      '/bin/sh -c "$2"',
      'echo PATH=/late',
    )
    expect(await pathOfLoginShell({ ...BARE, SHELL: asked })).toBe(`/right:${BARE.PATH}`)
  })

  test.each([
    ['prints nothing', shell('exit 0')],
    ['fails', shell('exit 1')],
    ['is not there', '/no/such/shell'],
  ])('is ours alone where the shell %s', async (_, asked) => {
    expect(await pathOfLoginShell({ ...BARE, SHELL: asked })).toBe(BARE.PATH)
  })

  test('is ours alone where the shell never ends, and the shell is ended with what it started', async () => {
    const note = join(folder.path, 'pid')
    const asked = shell(`echo $$ > ${note}`, 'trap "" TERM HUP', 'sleep 30 & wait')
    const began = Date.now()
    expect(await pathOfLoginShell({ ...BARE, SHELL: asked }, 300)).toBe(BARE.PATH)
    expect(Date.now() - began).toBeLessThan(2_000)
    const pid = Number(readFileSync(note, 'utf8'))
    await until(() => (groupLives(pid) ? undefined : true), 'the shell lives on', { ms: 2_000 })
  })

  test('does not wait for a program that the start files left in the background', async () => {
    const asked = shell('sleep 5 &', '/bin/sh -c "$2"')
    const began = Date.now()
    expect(await pathOfLoginShell({ ...BARE, SHELL: asked })).toBe(BARE.PATH)
    expect(Date.now() - began).toBeLessThan(2_000)
  })

  test('of a real shell is what its start file says', async () => {
    writeFileSync(join(folder.path, '.bash_profile'), 'export PATH="/from/profile:$PATH"\n')
    const path = await pathOfLoginShell({ ...BARE, SHELL: '/bin/bash', HOME: folder.path })
    expect(path?.split(':')).toContain('/from/profile')
  })
})
