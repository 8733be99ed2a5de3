/** What clients hear of changes: lists, subscribed resources; and completion, which needs the names that clients know. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestClient } from '../support/clients.ts'
import { fixtureServer, Gateway, type HttpServer, packageServer, startEverything } from '../support/gateway.ts'
import { until } from '../support/processes.ts'

let gateway: Gateway
let streamable: HttpServer

beforeAll(async () => {
  streamable = await startEverything('streamableHttp')
  gateway = await Gateway.start({
    servers: {
      everything: packageServer('everything'),
      remote: { url: streamable.url },
      odd: fixtureServer('misbehaving.mjs'),
      twin: fixtureServer('misbehaving.mjs'),
    },
  })
})

afterAll(async () => {
  await gateway?.stop()
  await streamable?.stop()
})

/** Long enough for a change that is told to arrive. */
const A_MOMENT_MS = 400

describe('a subscription', () => {
  it('brings updates to the clients that subscribed, until they unsubscribe', async () => {
    const [watching, other] = await Promise.all([TestClient.http(gateway.url()), TestClient.http(gateway.url())])
    const updated = 'notifications/resources/updated'
    expect(await watching.request('resources/subscribe', { uri: 'mis://one' })).toEqual({})
    await other.call('odd__touch', { uri: 'mis://one' })
    expect((await watching.heard(updated)).params).toEqual({ uri: 'mis://one' })
    expect(other.count(updated)).toBe(0)
    expect(await other.request('resources/subscribe', { uri: 'mis://one' })).toEqual({})
    expect(await watching.request('resources/unsubscribe', { uri: 'mis://one' })).toEqual({})
    await other.call('odd__touch', { uri: 'mis://one' })
    await other.heard(updated)
    await other.call('odd__touch', { uri: 'mis://two' })
    await sleep(A_MOMENT_MS)
    expect([watching.count(updated), other.count(updated)]).toEqual([1, 1])
    await Promise.all([watching.close(), other.close()])
  })

  it('to a resource that two servers have is told under the URI that the client used', async () => {
    const client = await TestClient.http(gateway.url())
    await client.request('resources/subscribe', { uri: 'mcp-gw://twin/mis://one' })
    await client.call('odd__touch', { uri: 'mis://one' })
    await client.call('twin__touch', { uri: 'mis://one' })
    expect((await client.heard('notifications/resources/updated')).params).toEqual({ uri: 'mcp-gw://twin/mis://one' })
    await sleep(A_MOMENT_MS)
    expect(client.count('notifications/resources/updated')).toBe(1)
    await client.close()
  })

  it('to part of what changed is told as the server told it', async () => {
    const client = await TestClient.http(gateway.url())
    await client.request('resources/subscribe', { uri: 'mis://one' })
    await client.call('odd__touch', { uri: 'mis://one/part' })
    expect((await client.heard('notifications/resources/updated')).params).toEqual({ uri: 'mis://one/part' })
    await client.close()
  })

  it.each(['everything', 'remote'])('to a resource of %s brings its simulated updates', async (server) => {
    const client = await TestClient.http(gateway.url())
    const uri = `${server === 'remote' ? 'mcp-gw://remote/' : ''}demo://resource/static/document/features.md`
    await client.request('resources/subscribe', { uri })
    await client.call(`${server}__toggle-subscriber-updates`)
    expect((await client.heard('notifications/resources/updated')).params).toEqual({ uri })
    await client.call(`${server}__toggle-subscriber-updates`)
    await client.close()
  })

  it('to nothing is refused', async () => {
    const client = await TestClient.http(gateway.url())
    for (const method of ['resources/subscribe', 'resources/unsubscribe', 'resources/read'])
      await expect(client.request(method, {})).rejects.toMatchObject({ code: -32602 })
    await client.close()
  })
})

describe('a change of a list', () => {
  const changed = 'notifications/tools/list_changed'

  it('is told to every client once it is true, and the list has changed by then', async () => {
    const [one, two, alone, apart] = await Promise.all([
      TestClient.http(gateway.url()),
      TestClient.sse(`${gateway.origin}/sse`),
      TestClient.http(gateway.url('odd')),
      TestClient.http(gateway.url('twin')),
    ])
    const clients = [one, two, alone, apart]
    await Promise.all(clients.map((client) => client.toolNames()))
    await one.call('odd__add-tool', { name: 'fresh', times: 20 })
    await Promise.all([one, two, alone].map((client) => client.heard(changed)))
    expect(await one.toolNames()).toContain('odd__fresh')
    expect(await two.toolNames()).toContain('odd__fresh')
    expect(await alone.toolNames()).toContain('fresh')
    await sleep(A_MOMENT_MS)
    expect(clients.map((client) => client.count(changed))).toEqual([1, 1, 1, 0])
    expect(await one.text('odd__fresh')).toBe('this is fresh')
    await one.call('odd__remove-tool', { name: 'fresh' })
    await until(() => (one.count(changed) === 2 ? true : undefined), 'the removal is not told')
    expect(await one.toolNames()).not.toContain('odd__fresh')
    await expect(one.call('odd__fresh')).rejects.toMatchObject({ code: -32602 })
    await Promise.all(clients.map((client) => client.close()))
  })

  it.each(['tools', 'prompts', 'resources'])('of %s that is announced a hundred times and is none is not told', async (list) => {
    const client = await TestClient.http(gateway.url())
    await client.request(`${list}/list`)
    await client.call('odd__storm', { list, count: 100 })
    await sleep(A_MOMENT_MS)
    expect(client.count(`notifications/${list}/list_changed`)).toBe(0)
    await client.close()
  })

  it('is in the list that the client asks for right after the call that made it', async () => {
    const client = await TestClient.http(gateway.url())
    await client.toolNames()
    for (const name of ['at_once', 'and_again']) {
      await client.call('odd__add-tool', { name })
      expect(await client.toolNames()).toContain(`odd__${name}`)
      await client.call('odd__remove-tool', { name })
      expect(await client.toolNames()).not.toContain(`odd__${name}`)
    }
    await client.close()
  })

  it('is announced by the capabilities', async () => {
    const client = await TestClient.http(gateway.url())
    expect(client.client.getServerCapabilities()).toEqual({
      logging: {},
      completions: {},
      prompts: { listChanged: true },
      resources: { subscribe: true, listChanged: true },
      tools: { listChanged: true },
    })
    await client.close()
  })
})

describe('completion', () => {
  it.each([
    ['of a prompt', { type: 'ref/prompt', name: 'everything__completable-prompt' }, 'department', 'S', ['Sales', 'Support']],
    ['of a prompt of another server', { type: 'ref/prompt', name: 'remote__resource-prompt' }, 'resourceType', 'B', ['Blob']],
    ['of a template', { type: 'ref/resource', uri: 'demo://resource/dynamic/text/{resourceId}' }, 'resourceId', '12', ['12']],
    [
      'of a template under a prefix',
      { type: 'ref/resource', uri: 'mcp-gw://remote/demo://resource/dynamic/blob/{resourceId}' },
      'resourceId',
      '5',
      ['5'],
    ],
  ])('%s comes from the server that has it', async (_what, ref, name, value, values) => {
    const client = await TestClient.http(gateway.url())
    const { completion } = await client.request('completion/complete', { ref, argument: { name, value } })
    expect(completion).toEqual({ values, total: values.length, hasMore: false })
    await client.close()
  })

  it('gets the context of arguments that are settled', async () => {
    const client = await TestClient.http(gateway.url())
    const ref = { type: 'ref/prompt', name: 'everything__completable-prompt' }
    const context = { arguments: { department: 'Marketing' } }
    const { completion } = await client.request('completion/complete', { ref, argument: { name: 'name', value: 'G' }, context })
    expect(completion).toMatchObject({ values: ['Grace'] })
    await client.close()
  })

  it('of the endpoint of one server takes its own names', async () => {
    const client = await TestClient.http(gateway.url('everything'))
    const ref = { type: 'ref/prompt', name: 'completable-prompt' }
    const { completion } = await client.request('completion/complete', { ref, argument: { name: 'department', value: 'E' } })
    expect(completion).toMatchObject({ values: ['Engineering'] })
    await client.close()
  })

  it('of something unknown, or of nothing, is refused', async () => {
    const client = await TestClient.http(gateway.url())
    for (const ref of [
      { type: 'ref/prompt', name: 'nobody__has' },
      { type: 'ref/resource', uri: 'no://{such}' },
      {},
      undefined,
    ]) {
      const argument = { name: 'x', value: 'y' }
      const refused = client.request('completion/complete', { ...(ref && { ref }), argument })
      await expect(refused).rejects.toMatchObject({ code: -32602 })
    }
    await client.close()
  })
})
