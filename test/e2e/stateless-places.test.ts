/** Stateless clients at servers that go by who asks: where each works, what each can do, and what servers want in headers. */
import { mkdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fixtureServer, Gateway, type HttpServer, packageServer, startReference, temporaryFolder } from '../support/gateway.ts'
import { EventReader } from '../support/raw-http.ts'
import { ask, call, page, textOf } from '../support/stateless.ts'
import { v2Client } from '../support/v2-client.ts'

const folder = temporaryFolder()
const home = realpathSync(folder.path)
const NAMES = ['amber', 'basalt'] as const

let gateway: Gateway
let reference: HttpServer

beforeAll(async () => {
  for (const name of NAMES) mkdirSync(join(home, name))
  reference = await startReference()
  gateway = await Gateway.start({
    servers: {
      files: { ...packageServer('filesystem'), instances: 'workspace' },
      everything: packageServer('everything'),
      own: { ...fixtureServer('misbehaving.mjs'), instances: 'session' },
      older: { url: reference.url, protocol: 'session' },
      newer: { url: reference.url, protocol: 'stateless' },
      kept: fixtureServer('eras.mjs', 'stateless', join(home, 'kept.log')),
    },
    profiles: { lasting: { servers: ['kept'] }, mixed: { servers: ['kept', 'older'] } },
  })
})

afterAll(async () => {
  await gateway?.stop()
  await reference?.stop()
  folder.remove()
})

describe('a server with an instance for each workspace', () => {
  it('is told by each call where its client works', async () => {
    const allowed = NAMES.map(async (name) => {
      const answers = { 'roots/list': () => ({ roots: [{ uri: pathToFileURL(join(home, name)).href }] }) }
      const { client } = await v2Client(gateway.url(), { answers })
      const texts: string[] = []
      for (let n = 0; n < 2; n++) {
        const { content } = await client.callTool({ name: 'files__list_allowed_directories', arguments: {} })
        texts.push(JSON.stringify(content))
      }
      await client.close()
      return texts
    })
    const [amber = [], basalt = []] = await Promise.all(allowed)
    for (const text of amber) expect([text.includes('amber'), text.includes('basalt')]).toEqual([true, false])
    for (const text of basalt) expect([text.includes('amber'), text.includes('basalt')]).toEqual([false, true])
  })
})

describe('a server with an instance for each client', () => {
  it('keeps one for requests that say the same of their client, and another for those that do not', async () => {
    const pid = async (name: string): Promise<unknown> => {
      const meta = { 'io.modelcontextprotocol/clientInfo': { name, version: '1' } }
      return JSON.parse(textOf(await call(gateway.url(), 'own__whoami', {}, {}, { meta }))).pid
    }
    const pids = [await pid('ada'), await pid('ada'), await pid('bob')]
    expect(pids[0]).toBe(pids[1])
    expect(pids[2]).not.toBe(pids[0])
  })
})

describe('what is declared', () => {
  it('is nothing of the session era that means something else in this one', async () => {
    const { last } = await ask(gateway.url('everything'), 'server/discover')
    expect(Object.keys(last.result.capabilities)).toContain('resources')
    expect(last.result.capabilities).not.toHaveProperty('tasks')
  })

  it('of lists is the time that their servers give them', async () => {
    const hint = async (path: string): Promise<number> => (await ask(gateway.url(path), 'tools/list')).last.result.ttlMs
    for (const ms of [await hint('kept'), await hint('profile/lasting')]) {
      expect(ms).toBeGreaterThan(0)
      expect(ms).toBeLessThanOrEqual(60_000)
    }
    expect(await hint('profile/mixed')).toBe(0)
  })
})

describe.each(['older', 'newer'])('a client that listens at a server (%s)', (server) => {
  const uri = 'test://watched-resource'

  it.each([{}, { elicitation: {}, roots: {} }])('and can do %j hears of its changes', async (capabilities) => {
    const url = gateway.url(server)
    const notifications = { toolsListChanged: true, resourceSubscriptions: [uri] }
    const sent = page('subscriptions/listen', { notifications }, { id: 'ear', capabilities })
    const reader = await EventReader.open(url, { method: 'POST', ...sent })
    const { data } = await reader.next((one) => one.includes('acknowledged'))
    expect(JSON.parse(data).params.notifications).toEqual(notifications)
    await call(url, 'test_trigger_resource_update', {}, {}, { capabilities })
    await reader.next((one) => one.includes('resources/updated') && one.includes(uri) && one.includes('"ear"'))
    await call(url, 'test_trigger_tool_change', {}, {}, { capabilities })
    await reader.next((one) => one.includes('tools/list_changed') && one.includes('"ear"'))
    reader.cut()
  })
})

describe.each(['older', 'newer'])('a tool of a server (%s) that wants an argument in a header', (server) => {
  const name = `${server}__test_header_parameter`
  const args = { region: 'Zürich' }
  const encoded = `=?base64?${Buffer.from(args.region).toString('base64')}?=`

  it('is called where both say the same', async () => {
    const reply = await call(gateway.url(), name, args, {}, { headers: { 'mcp-param-region': encoded } })
    expect([reply.status, textOf(reply)]).toEqual([200, 'Region: Zürich'])
  })

  it.each([
    ['is missing', {}],
    ['says something else', { 'mcp-param-region': 'Bern' }],
    ['is encoded in a way of its own', { 'mcp-param-region': encoded.replace('=?=', '?=') }],
  ])('is not where the header %s', async (_, headers) => {
    const { status, last } = await call(gateway.url(), name, args, {}, { headers, id: 'p' })
    expect([status, last.error?.code, last.id]).toEqual([400, -32020, 'p'])
  })

  it('nor is a header there for an argument that is not', async () => {
    const { status, last } = await call(gateway.url(), name, {}, {}, { headers: { 'mcp-param-region': 'Bern' } })
    expect([status, last.error?.code]).toEqual([400, -32020])
  })
})
