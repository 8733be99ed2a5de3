/** What is taken over from each client's file. */
import { describe, expect, test } from 'vitest'
import { findClients } from '../../src/clients/find.ts'
import { type Imported, importServers } from '../../src/clients/import/import.ts'
import type { Machine } from '../../src/clients/machine.ts'
import { HOMES } from '../support/machine.ts'
import { FIXTURES, machineWith, systemsOf } from './fixtures.ts'

describe.each(FIXTURES.map((fixture) => [fixture.client.id, fixture] as const))('the servers of %s', (_, fixture) => {
  test('are those of the golden file, on every system', async () => {
    const systems = systemsOf(fixture)
    const shown = await Promise.all(
      systems.map(async (system) => {
        const { machine } = machineWith(fixture, system, { GITHUB_TOKEN: 'set', CORP_TOKEN: 'set' })
        const found = await findClients(machine, { clients: [fixture.client] })
        return json(await importServers(found, machine), machine)
      }),
    )
    await expect(shown[0]).toMatchFileSnapshot(`${fixture.folder}/import.golden.json`)
    const same = shown.map(anywhere)
    expect(same).toEqual(same.map(() => same[0]))
  })
})

/** What was imported, without what differs from system to system. */
function json({ servers, skipped, problems }: Imported, { home }: Machine): string {
  const text = JSON.stringify(
    {
      servers: servers.map(({ name, entry, origins, needs, notes, secrets, bridged, readOnly }) => ({
        name,
        entry,
        from: origins.map(({ name, keyPath, project }) => ({ name, keyPath: keyPath.join(' › '), project })),
        needs: some(needs),
        notes: some(notes.map(({ kind, text }) => `${kind}: ${text}`)),
        secrets: some(secrets.map(({ place, variable, because }) => `${place.join('.')} → ${variable}, by ${because}`)),
        bridged,
        readOnly,
      })),
      skipped: skipped.map(({ origin, reason }) => `${origin.name}: ${reason}`),
      problems: problems.map(({ message }) => message),
    },
    null,
    2,
  )
  return `${text.replaceAll(JSON.stringify(home).slice(1, -1), HOMES.linux)}\n`
}

/** The same for Windows, where paths look different. */
function anywhere(text: string): string {
  return text.replace(/(?:C:)?(?:\\\\)+/g, '/')
}

function some<T>(list: T[]): T[] | undefined {
  return list.length > 0 ? list : undefined
}
