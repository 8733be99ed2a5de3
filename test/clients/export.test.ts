/** What is written into each client's file so that it uses the gateway, and that undo takes it back byte for byte. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { applyExport } from '../../src/clients/export/apply.ts'
import { planExport } from '../../src/clients/export/plan.ts'
import { findClients } from '../../src/clients/find.ts'
import { valueAt } from '../../src/clients/formats/format.ts'
import { formats } from '../../src/clients/formats/formats.ts'
import { importServers } from '../../src/clients/import/import.ts'
import { historyIn } from '../../src/clients/journal.ts'
import { everyPath, type Machine, thisMachine } from '../../src/clients/machine.ts'
import { undo } from '../../src/clients/undo.ts'
import { realEditSystem } from '../../src/std/edit-system.ts'
import { asOn, FIXTURES, type Fixture, machineWith, ownFile, systemsOf } from './fixtures.ts'

const GATEWAY = { url: 'http://127.0.0.1:39400/mcp' }
const BRIDGES = {
  linux: { command: '/usr/bin/node', args: ['/usr/lib/node_modules/mcp-gw/bin/mcp-gw.js', 'connect'] },
  darwin: { command: '/usr/local/bin/node', args: ['/usr/local/lib/node_modules/mcp-gw/bin/mcp-gw.js', 'connect'] },
  win32: { command: 'C:\\Program Files\\nodejs\\node.exe', args: ['C:\\npm\\node_modules\\mcp-gw\\bin\\mcp-gw.js', 'connect'] },
}

const folders: string[] = []
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))))

const wish = { scope: 'user', originals: 'keep' } as const

describe.each(FIXTURES.map((fixture) => [fixture.client.id, fixture] as const))('%s', (_, fixture) => {
  const [first] = systemsOf(fixture)

  test.each(['http', 'stdio'] as const)('gets the entry of the golden file by %s', async (mode) => {
    const { machine, path } = machineWith(fixture, first as 'linux')
    const plan = await planExport({ ...wish, client: fixture.client, gateway: GATEWAY, bridge: BRIDGES.linux, mode, machine })
    expect(plan.problems).toEqual([])
    expect(plan.state).toBe('absent')
    const file = plan.files.find((one) => one.path === path)
    const text = asLinux(file?.after ?? '', first)
    await expect(text).toMatchFileSnapshot(`${fixture.folder}/after.${mode}.${fixture.extension}`)
  })

  test.each(systemsOf(fixture))('has every other byte as before on %s', async (system) => {
    const { machine, path } = machineWith(fixture, system)
    const plan = await planExport({
      ...wish,
      client: fixture.client,
      gateway: GATEWAY,
      bridge: BRIDGES[system],
      mode: 'auto',
      machine,
    })
    const file = plan.files.find((one) => one.path === path)
    const after = file?.after ?? ''
    const format = formats[fixture.file.format]
    const [change] = file?.changes ?? []
    expect(change?.key.at(-1)).toBe('mcp-gw')
    expect(format.remove(after, change?.key ?? [])).toBe(asOn(system, fixture.before))
    if (system === 'win32') expect(after.replaceAll('\r\n', '')).not.toContain('\n')
  })

  test('gets its file back by undo, byte for byte, whatever became of its own entries', async () => {
    for (const originals of ['keep', 'disable', 'move'] as const) {
      const { client, machine, path, history } = await onDisk(fixture)
      const found = await findClients(machine, { clients: [client] })
      const { servers } = await importServers(found, machine)
      const taken = servers.flatMap(({ origins }) => origins)
      const request = { client, gateway: GATEWAY, bridge: BRIDGES.linux, mode: 'http', originals, taken } as const
      const plan = await planExport({ ...request, scope: 'user', machine, ...(found[0] && { found: found[0] }) })
      const applied = await applyExport(plan, { history, machine, runId: 'run', reason: 'test', wait: async () => undefined })
      expect(applied).toMatchObject([{ path, edited: { changed: true } }])
      const written = await readFile(path, 'utf8')
      expect(written).toBe(plan.files[0]?.after)
      const read = formats[fixture.file.format].read(written)
      for (const { keyPath } of originals === 'move' ? taken : [])
        expect(valueAt('value' in read ? read.value : {}, keyPath)).toBeUndefined()
      const again = await planExport({
        ...request,
        scope: 'user',
        machine,
        originals: 'keep',
        history: await history.journal.entries(),
      })
      expect(again).toMatchObject({ state: 'managed', files: [{ changes: [] }] })
      expect(await undo(history, { client: fixture.client.id })).toMatchObject([{ result: 'restored' }])
      expect(await readFile(path, 'utf8')).toBe(fixture.before)
    }
  })
})

/** The fixture in a folder of its own, as the home of somebody. */
async function onDisk({ client, before }: Fixture) {
  const home = await mkdtemp(join(tmpdir(), 'mcp-gw-export-'))
  folders.push(home)
  const machine: Machine = { ...thisMachine({ HOME: home }, join(home, 'project')), system: 'linux' }
  // What runs on Windows alone has its file at the same place in the home here.
  const files = client.files.map((file) => ('win32' in file.at && !file.at.linux ? { ...file, at: file.at.win32 ?? [] } : file))
  const here = { ...client, files }
  const path = everyPath(ownFile(here).at, machine)[0] as string
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, before, { mode: 0o640 })
  return { client: here, machine, path, history: historyIn(join(home, 'state'), realEditSystem(home)) }
}

function asLinux(text: string, system: string | undefined): string {
  return system === 'win32' ? text.replaceAll('\r\n', '\n') : text
}
