/** In which era a server is spoken to: found out once, remembered, and found out anew where it has changed. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestClient } from '../support/clients.ts'
import { fixtureServer, Gateway, mcpGw, temporaryFolder, writeConfig } from '../support/gateway.ts'
import { finish, until } from '../support/processes.ts'

const folder = temporaryFolder()
const logOf = (name: string): string => join(folder.path, `${name}.log`)
const eras = (manner: string, name = manner, ...more: string[]) => fixtureServer('eras.mjs', manner, logOf(name), ...more)

/** What a server was sent, by the process that it was sent to, in order. */
function heard(name: string): string[][] {
  const byPid = new Map<string, string[]>()
  const lines = existsSync(logOf(name)) ? readFileSync(logOf(name), 'utf8').trim().split('\n') : []
  for (const line of lines) {
    const [pid = '', method = ''] = line.split(' ')
    byPid.set(pid, [...(byPid.get(pid) ?? []), method])
  }
  return [...byPid.values()]
}

async function protocols(gateway: Gateway): Promise<Record<string, string | undefined>> {
  return Object.fromEntries((await gateway.health()).servers.map(({ name, protocol }) => [name, protocol]))
}

describe('a stdio server of which nothing is known', () => {
  let gateway: Gateway
  let client: TestClient

  beforeAll(async () => {
    const manners = ['exits', 'hangs', 'ignores', 'rubbish', 'session', 'stateless', 'picky']
    const servers = Object.fromEntries(manners.map((manner) => [manner, { ...eras(manner), start_timeout: '4s' }]))
    gateway = await Gateway.start({
      servers: {
        ...servers,
        only: { ...eras('session', 'only'), protocol: 'session' },
        never: { ...eras('session', 'never'), protocol: 'stateless' },
        wrong: { ...eras('stateless', 'wrong'), protocol: 'session' },
      },
    })
    client = await TestClient.http(gateway.url())
  })

  afterAll(async () => {
    await client?.close()
    await gateway?.stop()
  })

  const call = async (name: string): Promise<{ era: string; meta: string[] }> =>
    JSON.parse(await client.text(`${name}__hello`)) as { era: string; meta: string[] }

  it('that answers is spoken to in its era', async () => {
    expect(await protocols(gateway)).toMatchObject({ stateless: '2026-07-28', session: '2025-11-25', rubbish: '2025-11-25' })
    expect((await call('stateless')).meta).toContain('io.modelcontextprotocol/clientCapabilities')
    expect((await call('session')).meta).toEqual([])
  })

  it('that refuses the question is not started a second time', async () => {
    await call('session')
    expect(heard('session')).toHaveLength(1)
    expect(heard('session')[0]?.slice(0, 3)).toEqual(['server/discover', 'initialize', 'notifications/initialized'])
    expect(heard('rubbish')).toHaveLength(1)
  })

  it('that ends when it is asked is started again, and not asked', async () => {
    await call('exits')
    expect(heard('exits').map(([first]) => first)).toEqual(['server/discover', 'initialize'])
  })

  it('that does not answer the question is asked the other one too', async () => {
    await call('ignores')
    expect(heard('ignores')).toHaveLength(1)
    expect(heard('ignores')[0]?.slice(0, 2)).toEqual(['server/discover', 'initialize'])
  })

  it('that hangs on the question is started again beside the one that hangs, which then ends', async () => {
    await call('hangs')
    expect(heard('hangs').map(([first]) => first)).toEqual(['server/discover', 'initialize'])
    const { servers } = await gateway.health()
    expect(servers.find(({ name }) => name === 'hangs')?.instances).toHaveLength(1)
  })

  it('that wants its version named once more gets it', async () => {
    expect((await call('picky')).era).toBe('stateless')
    expect(heard('picky')[0]?.slice(0, 2)).toEqual(['server/discover', 'server/discover'])
  })

  it('that is said to be of one era is not asked for the other', async () => {
    await call('only')
    expect(heard('only').flat()).not.toContain('server/discover')
    const { servers } = await gateway.health()
    const error = (name: string) => servers.find((one) => one.name === name)?.lastError?.message
    expect(error('never')).toMatch(/never refused server\/discover/)
    expect(error('wrong')).toMatch(/wrong refused initialize/)
    expect(heard('never').flat()).not.toContain('initialize')
  })
})

describe('mcp-gw call --era', () => {
  const call = async (era: string) => {
    const config = writeConfig(folder.path, { servers: { asked: eras('session', 'asked') } })
    return finish(mcpGw(['call', 'asked__hello', '--era', era, '--config', config]))
  }

  it('speaks to the server in the era that was asked for', async () => {
    expect((await call('session')).stdout).toContain('"era":"session"')
    expect(heard('asked').flat()).not.toContain('server/discover')
    const { code, stderr } = await call('stateless')
    expect(code).toBe(1)
    expect(stderr).toMatch(/asked refused server\/discover/)
    expect((await call('modern')).code).toBe(2)
  })
})

describe('what was found out', () => {
  const state = temporaryFolder()
  const env = { XDG_STATE_HOME: state.path }
  const eraFile = join(folder.path, 'era')

  async function run(name: string, servers: Record<string, object>): Promise<string | undefined> {
    const gateway = await Gateway.start({ servers }, { env })
    const client = await TestClient.http(gateway.url())
    await client.text(`${name}__hello`)
    const protocol = (await protocols(gateway))[name]
    await client.close()
    await gateway.stop()
    return protocol
  }

  it('is remembered: the next start asks no more', async () => {
    const servers = { kept: eras('session', 'kept') }
    await run('kept', servers)
    await run('kept', servers)
    expect(heard('kept').map(([first]) => first)).toEqual(['server/discover', 'initialize'])
  })

  it('is asked again after a week', async () => {
    const servers = { old: eras('session', 'old') }
    await run('old', servers)
    const places = () => readdirSync(join(state.path), { recursive: true, encoding: 'utf8' })
    const file = await until(() => places().find((path) => /old-\w+\.json$/.test(path)), 'nothing is remembered')
    const path = join(state.path, file)
    const weekAgo = Date.now() - 8 * 24 * 3_600_000
    writeFileSync(path, readFileSync(path, 'utf8').replace(/"probedAt":\d+/, `"probedAt":${weekAgo}`))
    await run('old', servers)
    expect(heard('old').map(([first]) => first)).toEqual(['server/discover', 'server/discover'])
  })

  it('gives way where the server has come to speak the other era, in both directions', async () => {
    const servers = { turns: eras('file', 'turns', eraFile) }
    for (const [era, version] of [
      ['session', '2025-11-25'],
      ['stateless', '2026-07-28'],
      ['session', '2025-11-25'],
    ] as const) {
      writeFileSync(eraFile, era)
      expect(await run('turns', servers)).toBe(version)
    }
  })
})
