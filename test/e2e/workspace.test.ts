/** Two projects on one gateway: servers with an instance for each workspace tell nothing of one to the other. */
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Health, ServerHealth } from '../../src/downstream/health.ts'
import { Machine } from '../support/bridge.ts'
import { TestClient } from '../support/clients.ts'
import { fixtureServer, type HttpServer, packageServer, startEverything, temporaryFolder } from '../support/gateway.ts'
import { type Running, stop, until } from '../support/processes.ts'
import { EventReader, RawSession } from '../support/raw-http.ts'

const folder = temporaryFolder()
const home = realpathSync(folder.path)
const ROOTS = { roots: { listChanged: true } }
/** Paths that have nothing in common, so that one in the answer of another cannot be missed. */
const NAMES = ['amber', 'basalt', 'cobalt'] as const
const settled = join(home, 'settled')
type Name = (typeof NAMES)[number]
const pathOf = (name: Name): string => join(home, name)
const uriOf = (name: Name): string => pathToFileURL(pathOf(name)).href

let machine: Machine
let gateway: Running
let remote: HttpServer
let url: string

beforeAll(async () => {
  mkdirSync(settled)
  for (const name of NAMES) {
    mkdirSync(pathOf(name))
    writeFileSync(join(pathOf(name), `${name}.txt`), `a note of ${name}\n`)
  }
  const instances = 'workspace'
  remote = await startEverything('streamableHttp')
  machine = await Machine.with({
    surface: { mode: 'direct' },
    servers: {
      filesystem: { ...packageServer('filesystem'), instances },
      everything: { ...packageServer('everything'), instances },
      remote: { url: remote.url, instances },
      rooted: { ...fixtureServer('rooted.mjs'), instances },
      fixed: { ...fixtureServer('rooted.mjs'), instances, cwd: settled },
      fails: { ...fixtureServer('rooted.mjs', '--fail-in', 'cobalt'), instances },
      own: { ...fixtureServer('rooted.mjs', '--incurious'), instances: 'session' },
    },
  })
  gateway = await machine.serve()
  url = `http://127.0.0.1:${machine.port}/mcp`
})

afterAll(async () => {
  await stop(gateway)
  await machine.remove()
  await remote.stop()
})

/** A client with roots of its own, and everything that it was ever told. */
class Project {
  readonly client: TestClient
  readonly heard: string[] = []
  names: Name[]

  private constructor(client: TestClient, names: Name[]) {
    this.client = client
    this.names = names
  }

  static async rooted(names: Name[], open = (answers: Answers) => TestClient.http(url, ROOTS, answers)): Promise<Project> {
    const roots = () => ({ roots: project.names.map((name) => ({ uri: uriOf(name), name: `the name that ${name} has` })) })
    const project: Project = new Project(await open({ 'roots/list': roots }), names)
    return project
  }

  static async bridged(name: Name, capabilities?: typeof ROOTS, answers?: Answers): Promise<Project> {
    return new Project(await machine.connectIn(pathOf(name), capabilities, answers), [name])
  }

  async move(...names: Name[]): Promise<void> {
    this.names = names
    await this.client.client.sendRootsListChanged()
  }

  async call(tool: string, args: Record<string, unknown> = {}): Promise<string> {
    const said = JSON.stringify(await this.client.call(tool, args))
    this.heard.push(said)
    return said
  }

  async where(server = 'rooted'): Promise<Where> {
    const said = await this.client.text(`${server}__where`)
    this.heard.push(said)
    return JSON.parse(said) as Where
  }

  /** Everything that it can list. */
  async lists(): Promise<string> {
    const methods = ['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list']
    const said = JSON.stringify(await Promise.all(methods.map((method) => this.client.request(method))))
    this.heard.push(said)
    return said
  }

  /** All that it was told, by whatever way. */
  get everything(): string {
    return [...this.heard, this.client.client.getInstructions(), JSON.stringify(this.client.notifications)].join('\n')
  }
}

type Answers = Record<string, () => unknown>

interface Where {
  pid: number
  cwd: string
  roots: { uri: string; name?: string }[]
  client: { roots?: object; sampling?: object }
}

/** Fails where a client was told of a project that it never worked in. */
function expectNothingOf(names: readonly Name[], project: Project): void {
  const said = project.everything
  expect(names.flatMap((name) => said.split('\n').filter((line) => line.includes(name)))).toEqual([])
}

async function inFlight(server: string): Promise<number> {
  const { servers } = (await (await fetch(new URL('/health', url))).json()) as Health
  const { instances } = servers.find(({ name }) => name === server) as ServerHealth
  return instances.reduce((sum, instance) => sum + instance.inFlight, 0)
}

const close = (...projects: Project[]) => Promise.all(projects.map(({ client }) => client.close()))

describe('two projects on one gateway with workspace instances', () => {
  it('no path of one ever appears in an answer of the other', async () => {
    const projects = await Promise.all([
      Project.rooted(['amber']),
      Project.rooted(['basalt']),
      Project.bridged('amber'),
      Project.bridged('basalt'),
    ])
    const use = async (project: Project) => {
      const [name] = project.names as [Name]
      const foreign = name === 'amber' ? 'basalt' : 'amber'
      for (let round = 0; round < 5; round++) {
        expect(await project.call('filesystem__list_allowed_directories')).toContain(pathOf(name))
        expect(await project.call('filesystem__read_text_file', { path: join(pathOf(name), `${name}.txt`) })).toContain(
          `a note of ${name}`,
        )
        expect(await project.call('everything__get-roots-list')).toContain(uriOf(name))
        expect(await project.call('remote__get-roots-list')).toContain(uriOf(name))
        expect(await project.where()).toMatchObject({ cwd: pathOf(name), roots: [{ uri: uriOf(name), name }] })
        await project.lists()
      }
      await until(async () => ((await project.lists()).includes(`prompt-of-${name}`) ? true : undefined), 'no lists of its own')
      // It says itself what it is refused, so this is the one answer that may name the other.
      const refused = (await project.client.call('filesystem__read_text_file', {
        path: join(pathOf(foreign), `${foreign}.txt`),
      })) as { isError?: boolean }
      expect(refused.isError).toBe(true)
      expect(JSON.stringify(refused)).not.toContain('a note of')
    }
    await Promise.all(projects.map(use))
    for (const project of projects) {
      expectNothingOf(project.names[0] === 'amber' ? ['basalt'] : ['amber'], project)
      expectNothingOf(['cobalt'], project)
    }
    const pids = await Promise.all(projects.map(async (project) => (await project.where()).pid))
    expect(pids[0]).toBe(pids[2])
    expect(pids[1]).toBe(pids[3])
    expect(pids[0]).not.toBe(pids[1])
    await close(...projects)
  })

  it('nor when one of them moves in the middle of its calls', async () => {
    const [mover, stayer] = await Promise.all([Project.rooted(['amber']), Project.rooted(['basalt'])])
    const stays = async () => {
      for (let round = 0; round < 20; round++) {
        expect(await stayer.call('everything__get-roots-list')).toContain(uriOf('basalt'))
        expect((await stayer.where()).cwd).toBe(pathOf('basalt'))
      }
    }
    const moves = async () => {
      for (const name of ['cobalt', 'basalt', 'amber', 'cobalt'] as const) {
        await mover.move(name)
        // What is asked after the word of the change is answered from the new place, the first answer included.
        expect((await mover.where()).cwd).toBe(pathOf(name))
        const [files, roots] = await Promise.all([
          mover.call('filesystem__list_allowed_directories'),
          mover.call('everything__get-roots-list'),
        ])
        expect(files).toContain(pathOf(name))
        expect(roots).toContain(uriOf(name))
        for (const other of NAMES.filter((one) => one !== name)) expect(files + roots).not.toContain(other)
      }
    }
    await Promise.all([stays(), moves()])
    expectNothingOf(['amber', 'cobalt'], stayer)
    await close(mover, stayer)
  })
})

describe('a client that moves to other folders', () => {
  it('is told of the lists that are others there, and of nothing that happens where it was', async () => {
    const [mover, stayer] = await Promise.all([Project.rooted(['amber']), Project.rooted(['amber'])])
    for (const project of [mover, stayer]) {
      await until(async () => ((await project.lists()).includes('prompt-of-amber') ? true : undefined), 'no lists of amber')
    }
    await mover.where()
    const { pid } = await stayer.where()
    await mover.move('basalt')
    await mover.client.heard('notifications/prompts/list_changed')
    await until(async () => ((await mover.lists()).includes('prompt-of-basalt') ? true : undefined), 'no lists of basalt')
    expect(await mover.lists()).not.toContain('amber')
    const before = mover.client.notifications.length
    await stayer.call('rooted__say', { data: 'quietly' })
    await stayer.client.heard('notifications/message')
    expect(JSON.stringify(mover.client.notifications.slice(before))).not.toContain('quietly')
    expect((await stayer.where()).pid).toBe(pid)
    expect((await mover.where()).pid).not.toBe(pid)
    await close(mover, stayer)
  })

  it('gets the answers to what it asked before, and goes on watching what it watches', async () => {
    const client = await Project.rooted(['amber'])
    const amber = await client.where()
    await client.call('rooted__note', { name: 'watched' })
    const watched = { uri: 'note://watched' }
    await until(async () => ((await client.lists()).includes(watched.uri) ? true : undefined), 'the note is not listed')
    await client.client.request('resources/subscribe', watched)
    const late = client.call('rooted__late', { delayMs: 1_000 })
    await until(async () => ((await inFlight('rooted')) > 0 ? true : undefined), 'the call does not start')
    await client.move('basalt')
    expect((await client.where()).cwd).toBe(pathOf('basalt'))
    expect(await client.call('rooted__touch')).toContain(watched.uri)
    expect((await client.client.heard('notifications/resources/updated')).params).toEqual(watched)
    expect(await late).toContain(String(amber.pid))
    await close(client)
  })

  it('stays where it is when its roots are the same in another spelling', async () => {
    const spelled = [`${uriOf('amber')}/`, uriOf('amber').replace('amber', '%61mber')]
    let uris = [uriOf('amber')]
    const client = await TestClient.http(url, ROOTS, { 'roots/list': () => ({ roots: uris.map((uri) => ({ uri })) }) })
    const where = async () => JSON.parse(await client.text('rooted__where')) as Where
    const { pid } = await where()
    for (const other of spelled) {
      uris = [other, uriOf('amber')]
      await client.client.sendRootsListChanged()
      expect(await where()).toMatchObject({ pid, roots: [{ uri: uriOf('amber') }] })
    }
    await client.close()
  })
})

describe('a client', () => {
  it('whose roots are known is asked for them once, however many calls wait for them', async () => {
    const client = await Project.rooted(['basalt', 'amber'])
    const all = await Promise.all(Array.from({ length: 5 }, () => client.where()))
    expect(new Set(all.map(({ pid }) => pid)).size).toBe(1)
    expect(all[0]?.roots).toEqual([
      { uri: uriOf('amber'), name: 'amber' },
      { uri: uriOf('basalt'), name: 'basalt' },
    ])
    expect(client.client.asked.map(({ method }) => method)).toEqual(['roots/list'])
    await close(client)
  })

  it('of several folders, or of one that is not there, gets an instance that runs in none of a project', async () => {
    const several = await Project.rooted(['basalt', 'amber'])
    expect((await several.where()).cwd).toBe(realpathSync(process.env.HOME as string))
    const gone = await TestClient.http(url, ROOTS, { 'roots/list': () => ({ roots: [{ uri: 'file:///no/such/place' }] }) })
    const where = JSON.parse(await gone.text('rooted__where')) as Where
    expect(where).toMatchObject({ cwd: realpathSync(process.env.HOME as string), roots: [{ uri: 'file:///no/such/place' }] })
    await close(several)
    await gone.close()
  })

  it('gets an instance in the folder that its entry names', async () => {
    const client = await Project.rooted(['amber'])
    expect(await client.where('fixed')).toMatchObject({ cwd: settled, roots: [{ uri: uriOf('amber') }] })
    await close(client)
  })

  it('that tells no folder has an instance to itself', async () => {
    const silent = () => Promise.reject(new Error('I do not say'))
    const clients = await Promise.all([
      TestClient.http(url),
      TestClient.http(url),
      TestClient.http(url, ROOTS, { 'roots/list': () => ({ roots: [] }) }),
      TestClient.http(url, ROOTS, { 'roots/list': () => ({ roots: [] }) }),
      TestClient.http(url, ROOTS, { 'roots/list': silent }),
    ])
    const places = await Promise.all(clients.map(async (client) => JSON.parse(await client.text('rooted__where')) as Where))
    expect(new Set(places.map(({ pid }) => pid)).size).toBe(clients.length)
    for (const { cwd, roots } of places) {
      expect(roots).toEqual([])
      expect(NAMES.some((name) => cwd.includes(name))).toBe(false)
    }
    await Promise.all(clients.map((client) => client.close()))
  })

  it('behind the bridge works where its own roots are, not where the bridge was started', async () => {
    const client = await Project.bridged('amber', ROOTS, { 'roots/list': () => ({ roots: [{ uri: uriOf('basalt') }] }) })
    expect(await client.where()).toMatchObject({ cwd: pathOf('basalt'), roots: [{ uri: uriOf('basalt') }] })
    await close(client)
  })

  it('that opens no stream is asked on the stream of its call', async () => {
    const session = await RawSession.open(url, { capabilities: { roots: {} } })
    const body = '{"jsonrpc":"2.0","id":"call","method":"tools/call","params":{"name":"rooted__where","arguments":{}}}'
    const reader = await EventReader.open(url, { method: 'POST', headers: session.headers, body })
    const { id } = JSON.parse((await reader.next((data) => data.includes('roots/list'))).data) as { id: number }
    await session.post(JSON.stringify({ jsonrpc: '2.0', id, result: { roots: [{ uri: uriOf('cobalt') }] } }))
    expect((await reader.next((data) => data.includes('"id":"call"'))).data).toContain(pathOf('cobalt'))
    await session.end()
  })

  it('that can do more than another is told so to an instance of its own, with roots for both', async () => {
    const able = await Project.rooted(['amber'], (answers) => TestClient.http(url, { ...ROOTS, sampling: {} }, answers))
    const plain = await Project.rooted(['amber'])
    const [one, two] = await Promise.all([able.where(), plain.where()])
    expect(one.client).toEqual({ roots: {}, sampling: {} })
    expect(two.client).toEqual({ roots: {} })
    expect(one.pid).not.toBe(two.pid)
    await close(able, plain)
  })
})

describe('a server that fails in one workspace', () => {
  it('works in the others, which hear nothing of it', async () => {
    const [bad, good] = await Promise.all([Project.rooted(['cobalt']), Project.rooted(['amber'])])
    await expect(bad.client.call('fails__where')).rejects.toThrow(pathOf('cobalt'))
    expect((await good.where('fails')).cwd).toBe(pathOf('amber'))
    await good.call('gateway_list_servers').catch(() => undefined)
    expectNothingOf(['cobalt'], good)
    await close(bad, good)
  })
})

describe('what the instance of one client lists', () => {
  it('after it has worked for it is shown to nobody else', async () => {
    const [one, two] = await Promise.all([TestClient.http(url), TestClient.http(url)])
    for (const server of ['own', 'rooted']) {
      await one.call(`${server}__note`, { name: `secret-of-${server}` })
      const look = async () =>
        JSON.stringify(await one.request('resources/list')).includes(`secret-of-${server}`) ? true : undefined
      await until(look, 'the note is not listed')
    }
    expect(JSON.stringify(await two.request('resources/list'))).not.toContain('secret')
    const late = await TestClient.http(url)
    expect(JSON.stringify(await late.request('resources/list'))).not.toContain('secret')
    await Promise.all([one.close(), two.close(), late.close()])
  })
})
