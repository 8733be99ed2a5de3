/** Instances for workspaces over time: they sleep, come back, are remembered for their own workspace alone, and are told of. */
import { mkdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { InstanceHealth, ServerHealth } from '../../src/downstream/health.ts'
import { Machine } from '../support/bridge.ts'
import { TestClient } from '../support/clients.ts'
import { fixtureServer } from '../support/gateway.ts'
import { PROJECT, type Running, stop, until } from '../support/processes.ts'
import { RawSession } from '../support/raw-http.ts'

const rooted = { ...fixtureServer('rooted.mjs'), instances: 'workspace' }
const direct = { surface: { mode: 'direct' } }
const ROOTS = { roots: { listChanged: true } }

let machine: Machine
let gateway: Running | undefined
const clients: { close(): Promise<void> }[] = []

const start = async (servers: Record<string, object>): Promise<void> => {
  machine.configure({ ...direct, servers })
  gateway = await machine.serve()
}
const restart = async (): Promise<void> => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
  if (gateway) await stop(gateway)
  gateway = await machine.serve()
}
const folder = (name: string): string => {
  const path = join(realpathSync(machine.folder.path), name)
  mkdirSync(path, { recursive: true })
  return path
}
const url = (server = ''): string => `http://127.0.0.1:${machine.port}/mcp${server && `/${server}`}`
const serverHealth = async (name: string): Promise<ServerHealth> =>
  ((await machine.status()).health?.servers ?? []).find((one) => one.name === name) as ServerHealth
const instances = async (name: string): Promise<InstanceHealth[]> => (await serverHealth(name)).instances

/** A client that has no roots, whose bridge reports where it was started. */
const inFolder = async (path: string): Promise<TestClient> => kept(await machine.connectIn(path))
/** A client that tells its roots. */
const withRoot = async (path: string, capabilities: object = {}, server?: string): Promise<TestClient> => {
  const answers = {
    'roots/list': () => ({ roots: [{ uri: pathToFileURL(path).href }] }),
    'sampling/createMessage': () => ({ role: 'assistant', model: 'm', content: { type: 'text', text: `sampled for ${path}` } }),
  }
  return kept(await TestClient.http(url(server), { ...ROOTS, ...capabilities }, answers))
}
const kept = <One extends { close(): Promise<void> }>(client: One): One => {
  clients.push(client)
  return client
}
const cwdOf = async (client: TestClient, name = 'rooted__where'): Promise<string> =>
  (JSON.parse(await client.text(name)) as { cwd: string }).cwd
const listsOf = async (client: TestClient): Promise<string> =>
  JSON.stringify([
    await client.request('tools/list'),
    await client.request('prompts/list'),
    await client.request('resources/list'),
  ])

beforeEach(async () => {
  machine = await Machine.with({ servers: {} })
})

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
  if (gateway) await stop(gateway)
  gateway = undefined
  await machine.remove()
})

describe('an instance for a workspace', () => {
  it('sleeps when nobody uses it, and wakes for the workspace that it was for, without a question', async () => {
    await start({ rooted: { ...rooted, idle: '1s' } })
    const [amber, basalt] = await Promise.all([withRoot(folder('amber')), withRoot(folder('basalt'))])
    const both = async () => [await cwdOf(amber), await cwdOf(basalt)]
    expect(await both()).toEqual([folder('amber'), folder('basalt')])
    await until(async () => ((await serverHealth('rooted')).state === 'asleep' ? true : undefined), 'it does not sleep')
    expect(await both()).toEqual([folder('amber'), folder('basalt')])
    expect([amber, basalt].map(({ asked }) => asked.length)).toEqual([1, 1])
  })

  it('is ended when its clients have gone or work elsewhere, and another is in use', async () => {
    await start({ rooted: { ...rooted, idle: '2s' } })
    const client = await withRoot(folder('amber'))
    const stayer = await withRoot(folder('basalt'))
    await cwdOf(client)
    await client.close()
    const alone = async () => {
      await cwdOf(stayer)
      const left = await instances('rooted')
      return left.length === 1 && left[0]?.clients === 1 ? true : undefined
    }
    await until(alone, 'the instance of nobody stays', { ms: 10_000 })
  })

  it('is learned anew after a crash, in the same workspace', async () => {
    await start({ rooted })
    const client = await inFolder(folder('amber'))
    await cwdOf(client)
    await expect(client.text('rooted__die')).rejects.toThrow(/may have run|exited/)
    expect(await cwdOf(client)).toBe(folder('amber'))
  })
})

describe('what is known of a server', () => {
  it('lists a workspace that was seen before without a start, and tells another one nothing of it', async () => {
    await start({ rooted })
    const before = await inFolder(folder('amber'))
    await until(async () => ((await listsOf(before)).includes('prompt-of-amber') ? true : undefined), 'no lists of amber')
    await restart()
    const again = await inFolder(folder('amber'))
    expect(await listsOf(again)).toContain('prompt-of-amber')
    expect(await instances('rooted')).toEqual([])
    expect((await serverHealth('rooted')).state).toBe('asleep')
    const other = await inFolder(folder('basalt'))
    expect(await listsOf(other)).not.toContain('amber')
    expect(other.client.getInstructions()).not.toContain('amber')
    await until(async () => ((await listsOf(other)).includes('prompt-of-basalt') ? true : undefined), 'no lists of basalt')
  })

  it('is nothing to a server whose entry shares its instances otherwise', async () => {
    await start({ rooted })
    const before = await inFolder(folder('amber'))
    await until(async () => ((await listsOf(before)).includes('prompt-of-amber') ? true : undefined), 'no lists of amber')
    machine.configure({ ...direct, servers: { rooted: { ...rooted, instances: 'shared' } } })
    await restart()
    const client = await inFolder(folder('basalt'))
    expect(client.client.getInstructions()).not.toContain('amber')
    await until(async () => ((await listsOf(client)).includes('prompt-of-') ? true : undefined), 'no lists')
    expect(await listsOf(client)).not.toContain('amber')
  })
})

describe('where a client works', () => {
  it('is where its bridge was started, or nowhere where that is said in a wrong way', async () => {
    await start({ rooted })
    const say = async (header: string) => {
      const session = kept(await RawSession.open(url(), { headers: { 'mcp-gw-cwd': header } }).then(closable))
      return JSON.parse(JSON.parse((await session.session.call('1', 'rooted__where')).at(-1) as string).result.content[0].text)
    }
    expect(await say(encodeURIComponent(folder('with ünusual, chars')))).toMatchObject({ cwd: folder('with ünusual, chars') })
    for (const wrong of [folder('amber'), encodeURIComponent('amber'), '%2F', '%']) {
      expect(await say(wrong)).toMatchObject({ roots: [] })
    }
  })

  it('is where a gateway for one client was started', async () => {
    machine.configure({ ...direct, servers: { rooted } })
    const args = [join(PROJECT, 'bin', 'mcp-gw.js'), 'serve', '--stdio', '--config', machine.config]
    const env = { ...(process.env as Record<string, string>), ...machine.env }
    const transport = new StdioClientTransport({ command: process.execPath, args, env, cwd: folder('amber'), stderr: 'ignore' })
    const client = kept(await TestClient.over(transport))
    expect(await cwdOf(client)).toBe(folder('amber'))
  })

  it('counts at the endpoint of one server too, which opens before it can be asked', async () => {
    await start({ rooted })
    const client = await withRoot(folder('amber'), {}, 'rooted')
    expect(client.client.getInstructions()).toContain('Works in')
    expect(await listsOf(client)).toContain('prompt-of-amber')
    expect(await cwdOf(client, 'where')).toBe(folder('amber'))
  })
})

describe('a server that asks its clients', () => {
  it('is listed with how its instances are shared from then on', async () => {
    const shared = fixtureServer('rooted.mjs')
    await start({
      asker: shared,
      calm: fixtureServer('tiny.mjs'),
      own: { ...shared, instances: 'session' },
      rooted,
      sampler: rooted,
    })
    const sharing = async (): Promise<string[]> => {
      const { stdout } = await machine.command('list')
      return stdout.split('\n').flatMap((line) => /^\w+ +ready.* (\w+(?: \(.*\))?)$/.exec(line)?.[1] ?? [])
    }
    expect(await sharing()).toEqual(['shared', 'shared', 'session', 'workspace', 'workspace'])
    const two = await Promise.all([withRoot(folder('amber'), { sampling: {} }), withRoot(folder('amber'), { sampling: {} })])
    for (const client of two) {
      await client.text('asker__where')
      await client.text('rooted__where')
      // The first may be refused: while they share it, nobody can tell whom a question is for.
      await client.text('sampler__sample')
    }
    const said = await Promise.all(two.map((client) => client.text('sampler__sample')))
    for (const text of said) expect(text).toContain(`sampled for ${folder('amber')}`)
    expect(new Set(await Promise.all(two.map((client) => pidOf(client, 'sampler')))).size).toBe(2)
    expect(new Set(await Promise.all(two.map((client) => pidOf(client, 'rooted')))).size).toBe(1)
    expect(await sharing()).toEqual([
      'session (it asks its clients)',
      'shared',
      'session',
      'workspace',
      'workspace (each client its own: it asks them)',
    ])
    const { servers } = JSON.parse((await machine.command('list', '--json')).stdout) as { servers: ServerHealth[] }
    expect(servers.find(({ name }) => name === 'asker')?.sharing).toEqual({
      instances: 'session',
      because: 'it asks its clients',
    })
    expect((await serverHealth('rooted')).sharing).toEqual({ instances: 'workspace' })
  })
})

async function pidOf(client: TestClient, server: string): Promise<number> {
  return (JSON.parse(await client.text(`${server}__where`)) as { pid: number }).pid
}

function closable(session: RawSession): { session: RawSession; close(): Promise<void> } {
  return { session, close: async () => void (await session.end()) }
}
