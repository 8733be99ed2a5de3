/** Clients of the stateless era listen for changes: acknowledged first, tagged, nothing that was not asked for, and an end in order. */
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fixtureServer, Gateway, temporaryFolder, writeConfig } from '../support/gateway.ts'
import { until } from '../support/processes.ts'
import { EventReader } from '../support/raw-http.ts'
import { apply } from '../support/reload.ts'
import { ask, call, page, type Said, type Wish } from '../support/stateless.ts'
import { Line } from '../support/stdio-line.ts'
import { v2Client } from '../support/v2-client.ts'

const servers = { odd: fixtureServer('misbehaving.mjs'), tiny: fixtureServer('tiny.mjs') }
const TAG = 'io.modelcontextprotocol/subscriptionId'
const ALL = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true }

let gateway: Gateway

beforeAll(async () => {
  gateway = await Gateway.start({ servers })
})

afterAll(() => gateway?.stop())

async function listen(url: string, notifications: unknown, wish: Wish = {}): Promise<EventReader> {
  return EventReader.open(url, { method: 'POST', ...page('subscriptions/listen', { notifications }, wish) })
}

const said = (reader: EventReader): Said[] => reader.events.map(({ data }) => JSON.parse(data) as Said)
const methods = (reader: EventReader): string[] => said(reader).map(({ method }) => method ?? 'result')

describe('a stream', () => {
  it('begins with what will be heard on it, and brings that alone, under the id of its request', async () => {
    const [tools, prompts] = await Promise.all([
      listen(gateway.url(), { toolsListChanged: true }, { id: 7 }),
      listen(gateway.url(), { promptsListChanged: true }, { id: '7' }),
    ])
    await Promise.all([tools, prompts].map((reader) => reader.next((data) => data.includes('acknowledged'))))
    await call(gateway.url(), 'odd__add-tool', { name: 'one-more' })
    await tools.next((data) => data.includes('tools/list_changed'))
    expect(tools.response.headers).toMatchObject({ 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' })
    expect(said(tools)).toEqual([
      {
        jsonrpc: '2.0',
        method: 'notifications/subscriptions/acknowledged',
        params: { notifications: { toolsListChanged: true }, _meta: { [TAG]: 7 } },
      },
      { jsonrpc: '2.0', method: 'notifications/tools/list_changed', params: { _meta: { [TAG]: 7 } } },
    ])
    expect(said(prompts)).toMatchObject([{ params: { notifications: { promptsListChanged: true }, _meta: { [TAG]: '7' } } }])
    tools.cut()
    prompts.cut()
  })

  it('says nothing of a change that leaves the list as it was', async () => {
    const reader = await listen(gateway.url(), ALL)
    await reader.next((data) => data.includes('acknowledged'))
    await call(gateway.url(), 'odd__storm', { count: 5 })
    await call(gateway.url(), 'odd__add-tool', { name: 'after-the-storm' })
    await reader.next((data) => data.includes('tools/list_changed'))
    expect(methods(reader)).toEqual(['notifications/subscriptions/acknowledged', 'notifications/tools/list_changed'])
    reader.cut()
  })

  it('brings updates of the resources that it names, and of no others', async () => {
    const reader = await listen(gateway.url(), { resourceSubscriptions: ['mis://one', 'mis://one'] })
    const ack = JSON.parse((await reader.next((data) => data.includes('acknowledged'))).data) as Said
    expect(ack.params?.notifications).toEqual({ resourceSubscriptions: ['mis://one'] })
    await call(gateway.url(), 'odd__touch', { uri: 'mis://two' })
    await call(gateway.url(), 'odd__touch', { uri: 'mis://one' })
    await reader.next((data) => data.includes('resources/updated'))
    expect(said(reader).at(-1)).toMatchObject({ params: { uri: 'mis://one', _meta: { [TAG]: 1 } } })
    expect(methods(reader)).toHaveLength(2)
    reader.cut()
    const forgotten = async () => (await call(gateway.url(), 'odd__seen')).text.includes('resources/unsubscribe') || undefined
    await until(forgotten, 'the server still tells of the resource')
  })

  it('promises only what the server can tell', async () => {
    const reader = await listen(gateway.url('tiny'), { ...ALL, resourceSubscriptions: ['mis://one'] })
    const ack = JSON.parse((await reader.next((data) => data.includes('acknowledged'))).data) as Said
    expect(ack.params?.notifications).toEqual({ resourceSubscriptions: [] })
    reader.cut()
  })

  it('never carries what belongs to a call, nor does a call carry what belongs to it', async () => {
    const reader = await listen(gateway.url(), ALL, { logLevel: 'debug' })
    await reader.next((data) => data.includes('acknowledged'))
    const wish = { logLevel: 'debug', meta: { progressToken: 1 } }
    await call(gateway.url(), 'odd__slow-progress', { steps: 2, intervalMs: 1 }, {}, wish)
    await call(gateway.url(), 'odd__log', { level: 'error', text: 'x' }, {}, wish)
    const reply = await call(gateway.url(), 'odd__add-tool', { name: 'third' }, {}, wish)
    await reader.next((data) => data.includes('tools/list_changed'))
    expect(methods(reader)).toHaveLength(2)
    expect(reply.all).toHaveLength(1)
    reader.cut()
  })

  it.each([undefined, null, [], 'all', { resourceSubscriptions: 'mis://one' }, { resourceSubscriptions: [1] }])(
    'that asks for %j is refused',
    async (notifications) => {
      const { last } = await ask(gateway.url(), 'subscriptions/listen', { notifications })
      expect(last.error?.code).toBe(-32602)
    },
  )
})

describe('the end of a stream', () => {
  it('is a result under its id when the gateway ends, and one too many is refused before', async () => {
    const own = await Gateway.start({ servers, stateless: { streams: 1 } } as never)
    const reader = await listen(own.url(), ALL, { id: 'last' })
    await reader.next((data) => data.includes('acknowledged'))
    const { status } = await ask(own.url(), 'subscriptions/listen', { notifications: ALL })
    expect(status).toBe(503)
    await own.stop()
    await until(() => reader.ended || undefined, 'the stream is still open')
    expect(said(reader).at(-1)).toEqual({
      jsonrpc: '2.0',
      id: 'last',
      result: { resultType: 'complete', _meta: { [TAG]: 'last' } },
    })
  })

  it('comes in order where a reload takes its server away, and the others hear of the change', async () => {
    const own = await Gateway.start({ servers })
    const [gone, stays] = await Promise.all([listen(own.url('odd'), ALL), listen(own.url(), ALL)])
    await Promise.all([gone, stays].map((reader) => reader.next((data) => data.includes('acknowledged'))))
    await apply(own, { servers: { tiny: servers.tiny } })
    await stays.next((data) => data.includes('tools/list_changed'))
    await until(() => gone.ended || undefined, 'the stream is still open')
    expect(said(gone).at(-1)).toMatchObject({ id: 1, result: { resultType: 'complete' } })
    stays.cut()
    await own.stop()
  })

  it('makes room for another when its client leaves', async () => {
    const own = await Gateway.start({ servers, stateless: { streams: 1 } } as never)
    for (const id of [1, 2, 3]) {
      const reader = await until(async () => {
        const opened = await listen(own.url(), ALL, { id })
        return opened.response.statusCode === 200 ? opened : undefined
      }, 'no room for another stream')
      await reader.next((data) => data.includes('acknowledged'))
      reader.cut()
    }
    await own.stop()
  })
})

describe('over stdio', () => {
  const folder = temporaryFolder()
  const config = writeConfig(folder.path, { servers })
  afterAll(() => folder.remove())

  it('several streams share the line, and end one by one or with a notice', async () => {
    const line = new Line(config)
    // Once the servers are up, so that what changes is what the test changes.
    line.write(page('tools/call', { name: 'odd__echo', arguments: {} }, { id: 0 }).body)
    await line.answer('0')
    line.write(page('tools/list', {}, { id: 'list' }).body)
    await line.answer('"list"')
    for (const id of ['a', 'b']) line.write(page('subscriptions/listen', { notifications: ALL }, { id }).body)
    const has = (text: string, count: number) => () => line.lines.filter((one) => one.includes(text)).length >= count || undefined
    await until(has('acknowledged', 2), 'no acknowledgement')
    line.write('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"a"}}')
    line.write(page('tools/call', { name: 'odd__add-tool', arguments: { name: 'more' } }, { id: 1 }).body)
    await until(has('tools/list_changed', 1), 'no change')
    expect(await line.close()).toBe(0)
    const after = line.lines.map((one) => JSON.parse(one) as Said).slice(4)
    expect(after.filter(({ method }) => method?.includes('list_changed'))).toMatchObject([{ params: { _meta: { [TAG]: 'b' } } }])
    expect(after.slice(-2)).toMatchObject([
      { id: 'b', result: { resultType: 'complete', _meta: { [TAG]: 'b' } } },
      { method: 'notifications/cancelled', params: { requestId: 'b' } },
    ])
    expect(after.some(({ id }) => id === 'a')).toBe(false)
  })

  it.each(['http', 'stdio'])('the v2 SDK client hears of changes over %s', async (by) => {
    const bin = new URL('../../bin/mcp-gw.js', import.meta.url).pathname
    const stdio = { command: process.execPath, args: [bin, 'serve', '--stdio', '--config', config] }
    const { client } = await v2Client(by === 'http' ? gateway.url() : new StdioClientTransport(stdio))
    let changes = 0
    client.setNotificationHandler('notifications/tools/list_changed', () => {
      changes++
    })
    const subscription = await client.listen({ toolsListChanged: true })
    await client.callTool({ name: 'odd__add-tool', arguments: { name: `for-${by}` } })
    await until(() => changes > 0 || undefined, 'no change was heard')
    await subscription.close()
    await client.close()
  })
})
