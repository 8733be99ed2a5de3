/** Servers ask clients: sampling, elicitation and roots go to the client that is meant, and to none that cannot answer. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answers, TestClient } from '../support/clients.ts'
import {
  fixtureServer,
  Gateway,
  type HttpServer,
  packageServer,
  startEverything,
  startMisbehavingHttp,
} from '../support/gateway.ts'
import { until } from '../support/processes.ts'
import { EventReader, RawSession } from '../support/raw-http.ts'

const everything = packageServer('everything')
const ABLE = { sampling: {}, elicitation: { form: {}, url: {} }, roots: { listChanged: true } }

let gateway: Gateway
let streamable: HttpServer
let sse: HttpServer
let remote: HttpServer

beforeAll(async () => {
  ;[streamable, sse, remote] = await Promise.all([
    startEverything('streamableHttp'),
    startEverything('sse'),
    startMisbehavingHttp(),
  ])
  gateway = await Gateway.start({
    servers: {
      stdio: everything,
      streamable: { url: streamable.url },
      sse: { url: sse.url },
      odd: fixtureServer('misbehaving.mjs'),
      fresh: fixtureServer('misbehaving.mjs'),
      remote: { url: remote.url },
      own: { ...fixtureServer('misbehaving.mjs'), instances: 'session' },
    },
  })
})

afterAll(async () => {
  await gateway?.stop()
  await Promise.all([streamable?.stop(), sse?.stop(), remote?.stop()])
})

const roots = [
  { uri: 'file:///home/ada/notes', name: 'Notes' },
  { uri: 'file:///srv/z%C3%BCrich', name: 'Zürich' },
]
const SAMPLE = { model: 'test-model', stopReason: 'endTurn', role: 'assistant', content: { type: 'text', text: 'sampled 日本' } }

function answers(changed: Answers = {}): Answers {
  return {
    'sampling/createMessage': () => SAMPLE,
    'elicitation/create': ({ mode }) =>
      mode === 'url' ? { action: 'accept' } : { action: 'accept', content: { name: 'Ada', check: true, integer: 42 } },
    'roots/list': () => ({ roots }),
    ...changed,
  }
}

type Asking = { content: { text: string }[] }

describe.each(['stdio', 'streamable', 'sse'])('server-everything over %s', (server) => {
  it('offers its asking tools to a client that can answer them, and not to one that cannot', async () => {
    const [able, plain] = await Promise.all([TestClient.http(gateway.url(), ABLE, answers()), TestClient.http(gateway.url())])
    const asking = ['get-roots-list', 'trigger-elicitation-request', 'trigger-sampling-request', 'trigger-url-elicitation']
    const names = asking.map((tool) => `${server}__${tool}`)
    await until(async () => ((await able.toolNames()).includes(names[0] as string) ? true : undefined), 'no asking tools')
    expect(await able.toolNames()).toEqual(expect.arrayContaining(names))
    const shown = await plain.toolNames()
    expect(names.filter((name) => shown.includes(name))).toEqual([])
    expect(shown).toContain(`${server}__echo`)
    await Promise.all([able.close(), plain.close()])
  })

  it('samples from the client', async () => {
    const client = await TestClient.http(gateway.url(), ABLE, answers())
    const said = await client.text(`${server}__trigger-sampling-request`, { prompt: 'Grüezi', maxTokens: 17 })
    expect(said).toBe(`LLM sampling result: \n${JSON.stringify(SAMPLE, null, 2)}`)
    expect(client.asked.filter(({ method }) => method === 'sampling/createMessage')).toEqual([
      {
        method: 'sampling/createMessage',
        params: expect.objectContaining({
          maxTokens: 17,
          systemPrompt: 'You are a helpful test server.',
          messages: [{ role: 'user', content: { type: 'text', text: 'Resource trigger-sampling-request context: Grüezi' } }],
        }),
      },
    ])
    await client.close()
  })

  it.each(['accept', 'decline', 'cancel'])('shows a form that the person may %s', async (action) => {
    const content = action === 'accept' ? { content: { name: 'Ada', integer: 7 } } : {}
    const client = await TestClient.http(gateway.url(), ABLE, answers({ 'elicitation/create': () => ({ action, ...content }) }))
    const { content: blocks } = (await client.call(`${server}__trigger-elicitation-request`)) as Asking
    expect(blocks.at(-1)?.text).toBe(`\nRaw result: ${JSON.stringify({ action, ...content }, null, 2)}`)
    const { params } = client.asked.find(({ method }) => method === 'elicitation/create') ?? {}
    expect(params?.requestedSchema).toMatchObject({ type: 'object', required: ['name'] })
    await client.close()
  })

  it('sends the person to a URL, by a request and by an error', async () => {
    const client = await TestClient.http(gateway.url(), ABLE, answers())
    const args = { url: 'https://example.com/authorize?x=1', message: 'Open it', elicitationId: `id-${server}` }
    const said = await client.text(`${server}__trigger-url-elicitation`, args)
    expect(said).toContain(`Elicitation ID: id-${server}`)
    const { params } = client.asked.find(({ method }) => method === 'elicitation/create') ?? {}
    expect(params).toMatchObject({ mode: 'url', ...args })
    const refused = client.call(`${server}__trigger-url-elicitation`, { ...args, errorPath: true })
    await expect(refused).rejects.toMatchObject({
      code: -32042,
      data: { elicitations: [expect.objectContaining({ mode: 'url', url: 'https://modelcontextprotocol.io' })] },
    })
    await client.close()
  })

  it('learns the roots of the client, and hears when they change', async () => {
    let current = roots
    const client = await TestClient.http(gateway.url(), ABLE, answers({ 'roots/list': () => ({ roots: current }) }))
    const said = await client.text(`${server}__get-roots-list`)
    expect(said).toMatch(/\(2 total\).*Notes\n {3}URI: file:\/\/\/home\/ada\/notes.*Zürich/s)
    const before = client.asked.length
    current = [{ uri: 'file:///new', name: 'New' }]
    await client.client.sendRootsListChanged()
    await until(() => (client.asked.length > before ? true : undefined), 'nobody asked for the roots again')
    const look = async () => ((await client.text(`${server}__get-roots-list`)).includes('file:///new') ? true : undefined)
    await until(look, 'the server does not know the new roots')
    await client.close()
  })
})

describe('what a server is told of the client', () => {
  const whoami = async (client: TestClient, server: string) =>
    JSON.parse(await client.text(`${server}__whoami`)) as { client: { capabilities: object }; pid: number }

  it('is exactly what the client can do, for two clients at once', async () => {
    const first = { sampling: { tools: {} }, 'x-mine': { deep: [1, { two: null }] }, experimental: { thing: { on: true } } }
    const second = { elicitation: { form: {} }, roots: {} }
    const [one, two, none] = await Promise.all([
      TestClient.http(gateway.url(), first, answers()),
      TestClient.http(gateway.url(), second, answers()),
      TestClient.http(gateway.url()),
    ])
    for (const server of ['odd', 'own']) {
      const told = await Promise.all([one, two, none].map((client) => whoami(client, server)))
      expect(told.map(({ client }) => client.capabilities)).toEqual([first, second, {}])
      expect(new Set(told.map(({ pid }) => pid)).size).toBe(3)
    }
    await Promise.all([one.close(), two.close(), none.close()])
  })

  it('is shared by clients that can do the same, unless each session has an instance of its own', async () => {
    const open = () => TestClient.http(gateway.url(), { elicitation: { form: {} } }, answers())
    const [one, two] = await Promise.all([open(), open()])
    const pids = async (server: string) =>
      (await Promise.all([one, two].map((client) => whoami(client, server)))).map(({ pid }) => pid)
    const [a, b] = await pids('odd')
    expect(a).toBe(b)
    const [c, d] = await pids('own')
    expect(c).not.toBe(d)
    await Promise.all([one.close(), two.close()])
  })
})

describe('a question', () => {
  it.each(['odd', 'remote', 'own'])('is never put to a client that cannot answer it (%s)', async (server) => {
    const session = await RawSession.open(gateway.url())
    const stream = await session.listen()
    for (const method of ['sampling/createMessage', 'elicitation/create', 'roots/list']) {
      const texts = await session.call('1', `${server}__ask`, { method, params: {}, ids: 'own' })
      expect(texts).toHaveLength(1)
      const { result } = JSON.parse(texts[0] as string) as { result: Asking }
      expect(JSON.parse(result.content[0]?.text ?? '')).toMatchObject({
        error: { code: -32601, message: expect.stringContaining(method) },
      })
    }
    expect(stream.events.filter(({ data }) => data.includes('"id"'))).toEqual([])
    stream.cut()
    await session.end()
  })

  it('of a server that several clients share goes to nobody, until each has an instance of its own', async () => {
    const names = ['one', 'two', 'three']
    const clients = await Promise.all(names.map(rooted))
    const ask = () =>
      Promise.all(clients.map(async (client) => JSON.parse(await client.text('fresh__ask', { method: 'roots/list' }))))
    const own = names.map((name) => ({ result: { roots: [{ uri: `file:///${name}` }] } }))
    // Whether their first calls meet on the one instance is a matter of moments; nobody ever gets the roots of another.
    for (const [index, answer] of (await ask()).entries()) {
      if (answer.error) expect(answer.error.message).toContain('set servers.fresh.instances: session')
      else expect(answer).toEqual(own[index])
    }
    expect(await ask()).toEqual(own)
    await Promise.all(clients.map((client) => client.close()))
  })

  it.each(['same', 'text', 'zero', 'own'])('goes to the client whose call caused it, whatever its id is (%s)', async (ids) => {
    const clients = await Promise.all(['one', 'two', 'three'].map(rooted))
    const said = await Promise.all(clients.map((client) => client.text('own__ask', { method: 'roots/list', ids })))
    expect(said.map((text) => JSON.parse(text))).toEqual(
      ['one', 'two', 'three'].map((name) => ({ result: { roots: [{ uri: `file:///${name}` }] } })),
    )
    await Promise.all(clients.map((client) => client.close()))
  })

  it.each(['ask', 'ask-get'])(
    'of a server over HTTP goes to its client, in the stream of the call or beside it (%s)',
    async (tool) => {
      const names = ['one', 'two']
      const clients = await Promise.all(
        names.map((name) => TestClient.http(gateway.url(), { roots: {} }, { 'roots/list': () => ({ roots: [], 'x-by': name }) })),
      )
      const said = await Promise.all(clients.map((client) => client.text(`remote__${tool}`, { method: 'roots/list' })))
      expect(said.map((text) => JSON.parse(text))).toEqual(names.map((name) => ({ result: { roots: [], 'x-by': name } })))
      await Promise.all(clients.map((client) => client.close()))
    },
  )

  it('is answered with the error of the client, and with unknown members kept', async () => {
    const refuse = () => {
      throw Object.assign(new Error('the person said no'), { code: -1, data: { why: ['not', 'today'] } })
    }
    const client = await TestClient.http(gateway.url(), ABLE, answers({ 'sampling/createMessage': refuse }))
    const params = { messages: [], maxTokens: 1, 'x-unknown': { kept: true }, _meta: { 'example.com/trace': 'abc' } }
    const said = JSON.parse(await client.text('odd__ask', { method: 'sampling/createMessage', params, ids: 'own' })) as object
    expect(said).toEqual({ error: expect.objectContaining({ code: -1, data: { why: ['not', 'today'] } }) })
    expect(client.asked.at(-1)).toEqual({ method: 'sampling/createMessage', params })
    await client.close()
  })

  it('keeps its own progress, and may take longer than the timeout of the server', async () => {
    const session = await RawSession.open(gateway.url(), { capabilities: { sampling: {} } })
    const params = { messages: [], maxTokens: 1, _meta: { progressToken: 'the server’s own' } }
    const args = JSON.stringify({ method: 'sampling/createMessage', params, ids: 'text' })
    const body = `{"jsonrpc":"2.0","id":"call","method":"tools/call","params":{"name":"odd__ask","arguments":${args}}}`
    const reader = await EventReader.open(gateway.url(), { method: 'POST', headers: session.headers, body })
    const question = JSON.parse((await reader.next((data) => data.includes('sampling/createMessage'))).data) as Question
    const token = question.params._meta.progressToken
    expect(['number', 'string']).toContain(typeof token)
    const told = { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: token, progress: 1 } }
    expect((await session.post(JSON.stringify(told))).status).toBe(202)
    await session.post(JSON.stringify({ jsonrpc: '2.0', id: question.id, result: { ok: true } }))
    const { data } = await reader.next((text) => text.includes('"id":"call"'))
    expect(JSON.parse((JSON.parse(data) as { result: Asking }).result.content[0]?.text ?? '')).toEqual({ result: { ok: true } })
    await session.end()
  })

  it('to visit a URL is told to be done, and what no revision knows yet passes too', async () => {
    const client = await TestClient.http(gateway.url(), ABLE, answers())
    for (const method of ['notifications/elicitation/complete', 'notifications/unheard-of']) {
      const params = { elicitationId: 'abc', 'x-unknown': [1, { two: 2 }] }
      await client.call('remote__notify-get', { method, params })
      expect((await client.heard(method)).params).toEqual(params)
    }
    await client.close()
  })

  it('that the client answers after it was withdrawn, or twice, harms nothing', async () => {
    const session = await RawSession.open(gateway.url(), { capabilities: { roots: {} } })
    for (const id of ['1', '"1"', '99', 'null']) {
      const answer = await session.post(`{"jsonrpc":"2.0","id":${id},"result":{"roots":[]}}`)
      expect([200, 202, 400]).toContain(answer.status)
    }
    const texts = await session.call('1', 'odd__echo', { text: 'on' })
    expect(texts.at(-1)).toContain('on')
    await session.end()
  })
})

function rooted(name: string): Promise<TestClient> {
  return TestClient.http(gateway.url(), { roots: {} }, { 'roots/list': () => ({ roots: [{ uri: `file:///${name}` }] }) })
}

interface Question {
  id: number | string
  params: { _meta: { progressToken: unknown } }
}
