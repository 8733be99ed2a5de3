/** Where the program of a server runs that has an instance for each workspace. */
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { rootSet } from '../../src/protocol/roots.ts'
import { Secret } from '../../src/std/secret.ts'
import { type ServerOptions, serverOptions } from '../../src/upstream/options.ts'
import { inWorkspace } from '../../src/upstream/workspace-folder.ts'
import { temporaryFolder } from '../support/gateway.ts'
import { quietLog } from '../support/quiet-log.ts'

const place = realpathSync(temporaryFolder().path)
const project = join(place, 'project')
const home = join(place, 'home')
mkdirSync(project)
writeFileSync(join(place, 'file'), '')
symlinkSync(project, join(place, 'link'))

const entry = (more: object = {}): ServerOptions =>
  serverOptions.parse({ command: 'git-server', instances: 'workspace', ...more })
const settled = (options: ServerOptions, paths: string[], uid?: number) =>
  inWorkspace(options, { name: 'git', roots: rootSet(paths.map((path) => pathToFileURL(path).href)), home, uid, log: quietLog() })

describe('a server with an instance for each workspace', () => {
  it('runs in the folder of the workspace, wherever that really is', async () => {
    expect((await settled(entry(), [project])).cwd).toBe(project)
    expect((await settled(entry(), [join(place, 'link')])).cwd).toBe(project)
  })

  it('runs in the home folder where the workspace is several folders, or none', async () => {
    expect((await settled(entry(), [project, place])).cwd).toBe(home)
    expect((await settled(entry(), [])).cwd).toBe(home)
  })

  it('runs in the home folder where the workspace is not there, or is a file', async () => {
    expect((await settled(entry(), [join(place, 'gone')])).cwd).toBe(home)
    expect((await settled(entry(), [join(place, 'file')])).cwd).toBe(home)
  })

  it.runIf(process.getuid)('does not run in the folder of another user', async () => {
    expect((await settled(entry(), [project], (process.getuid?.() ?? 0) + 1)).cwd).toBe(home)
  })

  it('runs where its entry says, and is not looked at where it is reached over HTTP', async () => {
    expect((await settled(entry({ cwd: '/settled' }), [project])).cwd).toBe('/settled')
    const remote = serverOptions.parse({ url: 'http://127.0.0.1/mcp', instances: 'workspace' })
    expect(await settled(remote, [project])).toBe(remote)
  })

  it('is the same program in every workspace', async () => {
    expect((await settled(entry({ command: './bin/server' }), [project])).command).toBe(resolve('bin/server'))
    expect((await settled(entry({ command: '/opt/server' }), [project])).command).toBe('/opt/server')
    const secret = new Secret('hidden', '${HIDDEN}')
    expect((await settled(entry({ command: secret }), [project])).command).toBe(secret)
  })
})
