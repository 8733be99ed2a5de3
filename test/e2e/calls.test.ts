/** What belongs to a call while it runs: progress, cancellation, log messages, and ids that clients choose as they like. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { TestClient } from '../support/clients.ts'
import { fixtureServer, Gateway, type HttpServer, packageServer, startMisbehavingHttp } from '../support/gateway.ts'
import { until } from '../support/processes.ts'
import { EventReader, messages, RawSession } from '../support/raw-http.ts'

let gateway: Gateway
let remote: HttpServer

beforeAll(async () => {
  remote = await startMisbehavingHttp()
  gateway = await Gateway.start({
    servers: {
      odd: fixtureServer('misbehaving.mjs'),
      impatient: { ...fixtureServer('misbehaving.mjs'), timeout: '600ms' },
      everything: packageServer('everything'),
      remote: { url: remote.url },
    },
  })
})

afterAll(async () => {
  await gateway?.stop()
  await remote?.stop()
})

interface Message {
  id?: unknown
  method?: string
  params?: Record<string, unknown>
  result?: { content: { text: string }[] }
  error?: { code: number; message: string }
}

const parsed = (texts: string[]): Message[] => texts.map((text) => JSON.parse(text) as Message)
const textOf = (message: Message | undefined): string | undefined => message?.result?.content[0]?.text

describe('progress', () => {
  const TOKENS = ['1', '"1"', '0', '""', '12345678901234567890', '"t\\u00e9xt \\"quoted\\""']

  it.each(TOKENS)('reaches the client under the token %s, as it wrote it', async (token) => {
    const session = await RawSession.open(gateway.url())
    const texts = await session.call('5', 'odd__slow-progress', { steps: 3, intervalMs: 5 }, token)
    const all = parsed(texts)
    expect(all.map(({ method, params, id }) => [method ?? id, params?.progress, params?.total, params?.message])).toEqual([
      ['notifications/progress', 1, 3, 'step 1'],
      ['notifications/progress', 2, 3, 'step 2'],
      ['notifications/progress', 3, 3, 'step 3'],
      [5, undefined, undefined, undefined],
    ])
    for (const text of texts.slice(0, 3)) expect(text).toContain(`"progressToken":${token}`)
    await session.end()
  })

  it('comes from a server over HTTP, and from server-everything', async () => {
    const session = await RawSession.open(gateway.url())
    const some = parsed(await session.call('1', 'remote__progress', { steps: 2, intervalMs: 5 }, '"p"'))
    const more = parsed(
      await session.call('1', 'everything__trigger-long-running-operation', { duration: 0.05, steps: 2 }, '"p"'),
    )
    for (const all of [some, more]) {
      expect(all.map(({ params, id }) => params?.progress ?? `answer ${id}`)).toEqual([1, 2, 'answer 1'])
      expect(all.slice(0, 2).map(({ params }) => params?.progressToken)).toEqual(['p', 'p'])
    }
    await session.end()
  })

  it('does not come where nobody asked for it', async () => {
    const session = await RawSession.open(gateway.url())
    const all = parsed(await session.call('1', 'odd__slow-progress', { steps: 2, intervalMs: 5 }))
    expect(all).toHaveLength(1)
    expect(parsed(await session.call('2', 'odd__stray-progress', {}, '7'))).toHaveLength(1)
    await session.end()
  })

  it('keeps a call alive for longer than the timeout of its server', async () => {
    const session = await RawSession.open(gateway.url())
    const all = parsed(await session.call('1', 'impatient__slow-progress', { steps: 8, intervalMs: 200 }, '1'))
    expect(textOf(all.at(-1))).toBe('8 steps')
    const [late] = parsed(await session.call('2', 'impatient__silent'))
    expect(late?.error?.message).toMatch(/impatient did not answer in 600 ?ms; raise servers\.impatient\.timeout/)
    await session.end()
  })

  it('reaches the SDK client whose call it belongs to', async () => {
    const [one, two] = await Promise.all([TestClient.http(gateway.url()), TestClient.http(gateway.url())])
    const run = async (client: TestClient, steps: number) => {
      const seen: number[] = []
      const params = { name: 'odd__slow-progress', arguments: { steps, intervalMs: 10 } }
      await client.client.callTool(params, undefined, { onprogress: ({ progress }) => void seen.push(progress) })
      return seen
    }
    expect(await Promise.all([run(one, 3), run(two, 5)])).toEqual([
      [1, 2, 3],
      [1, 2, 3, 4, 5],
    ])
    await Promise.all([one.close(), two.close()])
  })
})

describe('two clients that use the same ids at the same time', () => {
  let one: RawSession
  let two: RawSession

  beforeEach(async () => {
    ;[one, two] = await Promise.all([RawSession.open(gateway.url()), RawSession.open(gateway.url())])
    return async () => void (await Promise.all([one.end(), two.end()]))
  })

  it('each get their own answer from one stdio server', async () => {
    const [first, second] = await Promise.all([
      one.call('1', 'odd__batchy', { size: 2, text: 'for one' }),
      two.call('1', 'odd__batchy', { size: 2, text: 'for two' }),
    ])
    expect(parsed(first).map((message) => [message.id, textOf(message)])).toEqual([[1, 'for one']])
    expect(parsed(second).map((message) => [message.id, textOf(message)])).toEqual([[1, 'for two']])
  })

  it('do so with 1 and "1", in one session and across sessions', async () => {
    const calls = [
      [one, '1'],
      [one, '"1"'],
      [two, '"1"'],
      [two, '1'],
    ] as const
    const answers = await Promise.all(
      calls.map(([session, id], index) => session.call(id, 'odd__batchy', { size: 4, text: `call ${index}` })),
    )
    const got = answers.map((texts) => parsed(texts).map((message) => [message.id, textOf(message)]))
    expect(got).toEqual([[[1, 'call 0']], [['1', 'call 1']], [['1', 'call 2']], [[1, 'call 3']]])
  })

  it('get their own progress under the tokens 1 and "1"', async () => {
    const calls = [
      [one, '1', '1', 2],
      [one, '2', '"1"', 3],
      [two, '1', '1', 4],
      [two, '2', '"1"', 5],
    ] as const
    const answers = await Promise.all(
      calls.map(([session, id, token, steps]) => session.call(id, 'odd__slow-progress', { steps, intervalMs: 10 }, token)),
    )
    for (const [index, [, , token, steps]] of calls.entries()) {
      const all = parsed(answers[index] ?? [])
      expect(all.slice(0, -1).map(({ params }) => params?.progress)).toEqual(Array.from({ length: steps }, (_, i) => i + 1))
      for (const { params } of all.slice(0, -1)) expect(params?.progressToken).toBe(JSON.parse(token))
      expect(textOf(all.at(-1))).toBe(`${steps} steps`)
    }
  })

  it('an id that is in use in the session is refused, and the first call goes on', async () => {
    const first = one.call('1', 'odd__late', { delayMs: 300, text: 'first' })
    await until(async () => ((await inFlight('odd')) > 0 ? true : undefined), 'the call does not start')
    const [second] = parsed(await one.call('1', 'odd__echo', { text: 'second' }))
    expect(second?.error).toMatchObject({ code: -32600, message: expect.stringContaining('in use') })
    expect(textOf(parsed(await first)[0])).toBe('first')
    expect(textOf(parsed(await one.call('1', 'odd__echo', { text: 'again' }))[0])).toBe('again')
  })

  it('two hundred calls with crossing answers all find their caller', async () => {
    const work = Array.from({ length: 200 }, async (_, index) => {
      const session = index % 2 ? one : two
      const id = index % 3 ? String(index) : JSON.stringify(String(index))
      const [answer] = parsed(await session.call(id, 'odd__late', { delayMs: (index * 37) % 60, text: `n ${index}` }))
      expect([answer?.id, textOf(answer)]).toEqual([JSON.parse(id), `n ${index}`])
    })
    await Promise.all(work)
  })
})

describe('cancellation', () => {
  it.each(['1', '"1"', '"a long id"'])('of the request %s is told to the server under its own id', async (id) => {
    const session = await RawSession.open(gateway.url())
    const call = session.post(`{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"odd__silent"}}`)
    await until(async () => ((await inFlight('odd')) > 0 ? true : undefined), 'the call does not start')
    const before = await cancelledLines()
    await session.post(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${id},"reason":"enough"}}`)
    const line = await until(async () => (await cancelledLines())[before.length], 'the server is not told')
    expect(line).toMatch(/^cancelled \d+ running enough$/)
    // No answer follows a cancellation; the stream just ends.
    const answer = await call
    expect(messages(answer).filter(Boolean)).toEqual([])
    await session.end()
  })

  it('of 1 does not touch "1"', async () => {
    const session = await RawSession.open(gateway.url())
    const late = session.call('"1"', 'odd__late', { delayMs: 400, text: 'still here' })
    await until(async () => ((await inFlight('odd')) > 0 ? true : undefined), 'the call does not start')
    await session.post('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}')
    expect(textOf(parsed(await late)[0])).toBe('still here')
    await session.end()
  })

  it('by an SDK client reaches a server over stdio and over HTTP', async () => {
    const client = await TestClient.http(gateway.url())
    for (const tool of ['odd__silent', 'remote__silent']) {
      const before = (await cancelledLines()).length
      const stop = new AbortController()
      const call = client.call(tool, {}, { signal: stop.signal })
      setTimeout(() => stop.abort('the user pressed escape'), 100)
      await expect(call).rejects.toThrow(/escape/)
      const told = tool.startsWith('odd') ? async () => (await cancelledLines())[before] : remoteCancelled
      expect(await until(told, `the server of ${tool} is not told`)).toContain('the user pressed escape')
    }
    await client.close()
  })

  it('stops progress: nothing reaches the client afterwards', async () => {
    const session = await RawSession.open(gateway.url())
    const params = '{"name":"odd__slow-progress","arguments":{"intervalMs":10},"_meta":{"progressToken":5}}'
    const body = `{"jsonrpc":"2.0","id":9,"method":"tools/call","params":${params}}`
    const reader = await EventReader.open(gateway.url(), { method: 'POST', headers: session.headers, body })
    await reader.next((data) => data.includes('"progress":2'))
    await session.post('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":9}}')
    await until(() => reader.ended || undefined, 'the stream does not end')
    expect(reader.events.some(({ data }) => data.includes('"id":9'))).toBe(false)
    await until(async () => ((await inFlight('odd')) === 0 ? true : undefined), 'the call goes on')
    await session.end()
  })

  it('of something unknown is ignored', async () => {
    const session = await RawSession.open(gateway.url())
    for (const params of ['{"requestId":99}', '{}', '{"requestId":{}}'])
      expect((await session.post(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":${params}}`)).status).toBe(202)
    expect(textOf(parsed(await session.call('1', 'odd__echo', { text: 'on' }))[0])).toBe('on')
    await session.end()
  })

  it('happens to what is under way when a session ends', async () => {
    const session = await RawSession.open(gateway.url())
    void session.call('1', 'odd__silent').catch(() => [])
    await until(async () => ((await inFlight('odd')) > 0 ? true : undefined), 'the call does not start')
    await session.end()
    await until(async () => ((await inFlight('odd')) === 0 ? true : undefined), 'the call goes on')
  })
})

describe('log messages', () => {
  const logs = (texts: string[]) => parsed(texts).filter(({ method }) => method === 'notifications/message')
  const setLevel = (session: RawSession, level: string) =>
    session.post(`{"jsonrpc":"2.0","id":3,"method":"logging/setLevel","params":{"level":${JSON.stringify(level)}}}`)

  it('reach only the client that wants their level', async () => {
    const [calm, curious] = await Promise.all([RawSession.open(gateway.url()), RawSession.open(gateway.url())])
    expect(JSON.parse((await setLevel(calm, 'error')).text)).toEqual({ jsonrpc: '2.0', id: 3, result: {} })
    await setLevel(curious, 'debug')
    for (const [level, wanted] of [
      ['debug', false],
      ['warning', false],
      ['error', true],
      ['emergency', true],
    ] as const) {
      expect(logs(await calm.call('1', 'odd__log', { level }))).toHaveLength(wanted ? 1 : 0)
      expect(logs(await curious.call('1', 'odd__log', { level }))).toHaveLength(1)
    }
    await Promise.all([calm.end(), curious.end()])
  })

  it('come before the answer, in order and as the server wrote them', async () => {
    const session = await RawSession.open(gateway.url())
    const all = parsed(await session.call('1', 'odd__log', { text: 'said', count: 3 }))
    expect(all.map(({ method, id }) => method ?? id)).toEqual([...Array(3).fill('notifications/message'), 1])
    expect(all[0]?.params).toEqual({ level: 'info', logger: 'misbehaving', data: 'said' })
    const ten = parsed(await session.call('2', 'remote__ten-events'))
    expect(ten.slice(0, 10).map(({ params }) => params?.data)).toEqual(Array.from({ length: 10 }, (_, i) => `note ${i + 1}`))
    expect(textOf(ten[10])).toBe('after 10 events')
    await session.end()
  })

  it('have levels that exist', async () => {
    const session = await RawSession.open(gateway.url())
    const { error } = JSON.parse((await setLevel(session, 'loud')).text) as Message
    expect(error).toMatchObject({ code: -32602, message: expect.stringContaining('loud') })
    await session.end()
  })

  it('that belong to no call reach a client of server-everything by its stream', async () => {
    const client = await TestClient.http(gateway.url())
    await client.request('logging/setLevel', { level: 'debug' })
    await client.request('resources/subscribe', { uri: 'demo://resource/static/document/features.md' })
    const { params } = await client.heard('notifications/message', ({ data }) => String(data).includes('Subscribe'))
    expect(params?.level).toBe('info')
    await client.close()
  })
})

async function inFlight(server: string): Promise<number> {
  const { servers } = await gateway.health()
  return servers.find(({ name }) => name === server)?.instances.reduce((sum, one) => sum + one.inFlight, 0) ?? 0
}

async function cancelledLines(): Promise<string[]> {
  const { servers } = await gateway.health()
  return servers.find(({ name }) => name === 'odd')?.stderr.filter((line) => line.startsWith('cancelled ')) ?? []
}

async function remoteCancelled(): Promise<string | undefined> {
  const log = (await (await fetch(new URL('/log', remote.url))).json()) as { body?: Message }[]
  const told = log.find(({ body }) => body?.method === 'notifications/cancelled')?.body
  const call = log.find(({ body }) => body?.id === told?.params?.requestId)?.body
  return call?.method === 'tools/call' ? JSON.stringify(told) : undefined
}
