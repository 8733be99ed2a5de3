/** The gateway becomes a service of its person on each system, and stops being one without a trace. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { type ServiceSetup, serviceDefinition } from '../../src/cli/service/definition.ts'
import { installService, isServiceInstalled, servicePath, unfitFor, uninstallService } from '../../src/cli/service/service.ts'
import type { System } from '../../src/clients/client.ts'
import { historyIn } from '../../src/clients/journal.ts'
import { thisMachine } from '../../src/clients/machine.ts'
import { undo } from '../../src/clients/undo.ts'
import { realEditSystem } from '../../src/std/edit-system.ts'
import { mcpGw, temporaryFolder, writeConfig } from '../support/gateway.ts'
import { machine, SYSTEMS } from '../support/machine.ts'
import { finish } from '../support/processes.ts'

const folder = temporaryFolder()
afterAll(() => folder.remove())

const PROGRAMS = {
  linux: { node: '/usr/bin/node', script: '/opt/odd $HOME 100% "x"/bin/mcp-gw.js' },
  darwin: { node: '/opt/homebrew/bin/node', script: '/Users/anna/R&D <x>/bin/mcp-gw.js' },
  win32: { node: 'C:\\Program Files\\nodejs\\node.exe', script: 'C:\\Users\\anna\\R&D tools\\bin\\mcp-gw.js' },
}
const PATHS = { linux: '/usr/bin:/home/anna/50%/bin', darwin: '/opt/homebrew/bin:/Users/anna/a&b', win32: 'C:\\Windows' }

function setup(system: System): ServiceSetup {
  const env = { USERDOMAIN: 'DESK', USERNAME: 'anna' }
  const program = { ...PROGRAMS[system], version: '1.2.3' }
  const config = system === 'win32' ? 'C:\\Users\\anna\\mcp-gw.yaml' : '/home/anna/my servers/mcp-gw.yaml'
  return { machine: machine(system, {}, env), program, config, path: PATHS[system] }
}

/** A reader that takes only what is well-formed: the names of the elements, each closed where it belongs. */
function elements(xml: string): string[] {
  const open: string[] = []
  const names: string[] = []
  const rest = xml.replace(/<\?xml[^?]*\?>|<!DOCTYPE[^>]*>|<!--(?:(?!--)[\s\S])*-->/g, '')
  for (const [, end, name = '', text = ''] of rest.matchAll(/<(\/?)([A-Za-z]+)[^<>]*?>([^<]*)/g)) {
    const isEmpty = new RegExp(`<${name}[^<>]*/>`).test(rest)
    if (end) expect(open.pop()).toBe(name)
    else {
      names.push(name)
      if (!isEmpty) open.push(name)
    }
    expect(text.replace(/&(?:amp|lt|gt|quot|apos);/g, '')).not.toMatch(/[&>]/)
  }
  expect(open).toEqual([])
  return names
}

describe('the definition', () => {
  test.each(SYSTEMS)('is what %s understands', async (system) => {
    const { file, text, enable, disable } = serviceDefinition(setup(system))
    const commands = [...enable, ...disable].map((words) => `$ ${words.join(' ')}`).join('\n')
    const uid = `gui/${process.getuid?.()}`
    await expect(`${file}\n\n${text}\n${commands.replaceAll(uid, 'gui/501')}\n`).toMatchFileSnapshot(
      `golden/service-${system}.golden.txt`,
    )
  })

  test.each(['darwin', 'win32'] as const)('is well-formed for %s, with every word escaped', (system) => {
    const names = elements(serviceDefinition(setup(system)).text)
    expect(names.length).toBeGreaterThan(10)
  })

  test.runIf(spawnSync('systemd-analyze', ['--version']).status === 0)('passes the check of systemd itself', () => {
    const program = { node: process.execPath, script: '/opt/a b/100% $HOME/mcp-gw.js', version: '1.2.3' }
    const { text } = serviceDefinition({ ...setup('linux'), program })
    const unit = join(folder.path, 'mcp-gw.service')
    writeFileSync(unit, text)
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--user', unit], {
      encoding: 'utf8',
      env: { ...process.env, XDG_RUNTIME_DIR: folder.path, HOME: folder.path },
    })
    expect(stderr.split('\n').filter((line) => line.includes('mcp-gw.service'))).toEqual([])
    expect(status).toBe(0)
  })
})

describe('the service', () => {
  const here = () => {
    const home = temporaryFolder().path
    const own = thisMachine({ HOME: home, PATH: '/usr/bin' }, home)
    const history = historyIn(join(home, 'state'), realEditSystem(home))
    const ran: string[] = []
    const means = {
      history,
      runId: 'one',
      reason: 'service install',
      run: async (command: readonly string[]) => void ran.push(command.join(' ')),
    }
    const program = { node: process.execPath, script: '/opt/mcp-gw/bin/mcp-gw.js', version: '1.2.3' }
    return { own, ran, means, definition: serviceDefinition({ machine: own, program, config: undefined, path: '/usr/bin' }) }
  }

  test('is there after it was installed, and gone after it was removed', async () => {
    const { own, ran, means, definition } = here()
    expect(await isServiceInstalled(own)).toBe(false)
    expect(await installService(definition, means)).toBeUndefined()
    expect(await isServiceInstalled(own)).toBe(true)
    expect(readFileSync(definition.file, 'utf8')).toBe(definition.text)
    expect(await uninstallService(definition, means)).toBeUndefined()
    expect(existsSync(definition.file)).toBe(false)
    expect(ran).toEqual([...definition.enable, ...definition.disable].map((command) => command.join(' ')))
  })

  test('can be undone, with the folders that were made for it', async () => {
    const { means, definition, own } = here()
    await installService(definition, means)
    expect((await undo(means.history, {})).map(({ result }) => result)).toEqual(['deleted'])
    expect(existsSync(join(own.home, '.config'))).toBe(false)
  })

  test('says which command failed, and is not started by the next one', async () => {
    const { means, definition } = here()
    const problem = await installService(definition, { ...means, run: async () => 'no bus' })
    expect(problem).toBe(`${definition.enable[0]?.join(' ')}: no bus`)
  })

  test('is not made of what goes away by itself', () => {
    expect(
      unfitFor({ node: '/usr/bin/node', script: '/home/anna/.npm/_npx/1/node_modules/mcp-gw/bin/mcp-gw.js', version: '1' }),
    ).toMatch(/goes away by itself.*npm install -g mcp-gw/)
    expect(
      unfitFor({ node: '/usr/bin/node', script: '/usr/lib/node_modules/mcp-gw/bin/mcp-gw.js', version: '1' }),
    ).toBeUndefined()
  })

  test('gets the PATH of the login shell, without the folders of one session', async () => {
    const shell = join(folder.path, 'shell')
    writeFileSync(shell, '#!/bin/sh\nexport PATH=/home/anna/.local/bin:/tmp/fnm_multishells/1/bin:/usr/bin\nshift\neval "$1"\n', {
      mode: 0o755,
    })
    const own = thisMachine({ HOME: folder.path, SHELL: shell, PATH: '/usr/bin:/src/app/node_modules/.bin' }, folder.path)
    const path = await servicePath(own, { node: '/opt/node/bin/node', script: '/x', version: '1' })
    expect(path).toBe('/opt/node/bin:/home/anna/.local/bin:/usr/bin')
  })
})

describe('mcp-gw service', () => {
  const home = temporaryFolder().path
  const mcp = (...args: string[]) =>
    finish(mcpGw(args, { cwd: home, env: { HOME: home, XDG_CONFIG_HOME: '', XDG_STATE_HOME: '', SHELL: '' } }))

  test('installs nothing unless somebody says so', async () => {
    writeConfig(home, { servers: {} })
    const { code, stderr } = await mcp('service', 'install')
    expect(code).not.toBe(0)
    expect(stderr).toMatch(/--yes|goes away by itself/)
    expect(existsSync(join(home, '.config', 'systemd'))).toBe(false)
  })

  test('--dry-run shows the file and the commands, and ends with 3', async () => {
    const { code, stdout } = await mcp('service', 'install', '--dry-run')
    expect(code).toBe(3)
    expect(stdout).toContain(`"${join(home, 'mcp-gw.yaml')}"`)
    expect(stdout).toContain('$ systemctl --user enable --now mcp-gw.service')
  })

  test('the doctor finds a service that starts what is gone', async () => {
    const unit = join(home, '.config', 'systemd', 'user', 'mcp-gw.service')
    mkdirSync(dirname(unit), { recursive: true })
    writeFileSync(unit, `[Service]\nExecStart="${process.execPath}" "/gone/mcp-gw.js" "serve"\nEnvironment="PATH=/nowhere"\n`)
    const { stdout } = await mcp('doctor', '--only', 'G05', '--json')
    const { checks } = JSON.parse(stdout) as { checks: object[] }
    expect(checks).toEqual([expect.objectContaining({ status: 'error', message: 'starts /gone/mcp-gw.js, which is not there' })])
  })
})
