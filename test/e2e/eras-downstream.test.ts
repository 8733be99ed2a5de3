/** Clients of the stateless era before servers of the session era: nobody notices that there is a bridge. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fixtureServer, Gateway, type HttpServer, packageServer, startEverything } from '../support/gateway.ts'
import { ask, call, textOf } from '../support/stateless.ts'
import { v2Client } from '../support/v2-client.ts'

let gateway: Gateway
let remote: HttpServer

beforeAll(async () => {
  remote = await startEverything('streamableHttp')
  gateway = await Gateway.start({
    servers: { local: packageServer('everything'), remote: { url: remote.url }, odd: fixtureServer('misbehaving.mjs') },
  })
})

afterAll(async () => {
  await gateway?.stop()
  await remote?.stop()
})

const answers = {
  'elicitation/create': () => ({ action: 'accept', content: { name: 'Ada', check: true } }),
  'sampling/createMessage': () => ({ model: 'm', role: 'assistant', content: { type: 'text', text: 'sampled 日本' } }),
  'roots/list': () => ({ roots: [{ uri: 'file:///home/ada/notes', name: 'Notes' }] }),
}

const ABLE = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} }

type Result = { content: { text: string }[] }

describe.each(['local', 'remote'])('a client of the v2 SDK and server-everything (%s)', (server) => {
  it('is asked what the server wants to know, by way of its calls', async () => {
    const { client, asked } = await v2Client(gateway.url(), { answers })
    const text = async (tool: string, args = {}): Promise<string> => {
      const { content } = (await client.callTool({ name: `${server}__${tool}`, arguments: args })) as Result
      return content.map((block) => block.text).join('\n')
    }
    expect(await text('echo', { message: 'hey' })).toBe('Echo: hey')
    expect(await text('trigger-sampling-request', { prompt: 'x' })).toContain('sampled 日本')
    expect(await text('trigger-elicitation-request')).toContain('Name: Ada')
    expect(await text('get-roots-list')).toContain('file:///home/ada/notes')
    expect(asked.map(({ method }) => method)).toEqual(expect.arrayContaining(Object.keys(answers)))
    await client.close()
  })
})

describe('a client of the v2 SDK', () => {
  it('finds the era by itself, and reads what there is', async () => {
    const { client } = await v2Client(gateway.url('local'), { mode: 'auto' })
    expect(client.getServerVersion()?.name).toBe('mcp-servers/everything')
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toContain('echo')
    const { resources } = await client.listResources()
    const uri = (resources[0] as { uri: string }).uri
    expect((await client.readResource({ uri })).contents).toHaveLength(1)
    expect((await client.getPrompt({ name: 'simple-prompt' })).messages).not.toHaveLength(0)
    const completed = await client.complete({
      ref: { type: 'ref/prompt', name: 'completable-prompt' },
      argument: { name: 'department', value: 'S' },
    })
    expect(completed.completion.values).toContain('Sales')
    await client.close()
  })

  it('may still speak the session era at the same endpoint', async () => {
    const { client } = await v2Client(gateway.url(), { mode: 'legacy' })
    expect((await client.listTools()).tools).not.toHaveLength(0)
    await client.close()
  })
})

describe('a question of a server', () => {
  const elicit = (n = 1) => ({
    method: 'elicitation/create',
    params: {
      message: `question ${n}`,
      requestedSchema: { type: 'object', properties: {} },
      elicitationId: 'e',
      _meta: { a: 1 },
    },
  })
  const asking = (more = {}, wish: object = {}, at = 'odd__ask', args: object = elicit()) =>
    call(gateway.url(), at, args, more, { capabilities: ABLE, ...wish })

  it('is the result of the call, without what only the session era has, and its answer resumes the call', async () => {
    const first = await asking()
    expect(first.status).toBe(200)
    const { resultType, inputRequests, requestState, ttlMs } = first.last.result
    expect([resultType, ttlMs]).toEqual(['input_required', undefined])
    const { elicitationId: _, _meta: __, ...params } = elicit().params
    expect(inputRequests).toEqual({ r1: { method: 'elicitation/create', params } })
    const inputResponses = { r1: { action: 'accept', content: { a: 'é' } } }
    const second = await asking({ inputResponses, requestState }, { id: 'again' })
    expect(second.last.id).toBe('again')
    expect(JSON.parse(textOf(second)).result).toEqual(inputResponses.r1)
  })

  it('comes through a call that the gateway makes for its client, too', async () => {
    const args = { tool: 'odd__ask', arguments: elicit() }
    const { inputRequests, requestState } = (await asking({}, {}, 'gateway_invoke', args)).last.result
    expect(Object.keys(inputRequests)).toEqual(['r1'])
    const inputResponses = { r1: { action: 'accept', content: { via: 'invoke' } } }
    const reply = await asking({ inputResponses, requestState }, {}, 'gateway_invoke', args)
    expect(JSON.parse(textOf(reply)).result).toEqual(inputResponses.r1)
  })

  it('that was not answered is asked again, and an answer that nobody asked for is ignored', async () => {
    let reply = await asking()
    for (const inputResponses of [{}, { other: { action: 'accept' } }, { r1: 7 }]) {
      reply = await asking({ inputResponses, requestState: reply.last.result.requestState })
      expect(Object.keys(reply.last.result.inputRequests)).toEqual(['r1'])
    }
    const fresh = await asking({ inputResponses: { r1: { action: 'accept' } } })
    expect(fresh.last.result.resultType).toBe('input_required')
  })

  it('is answered once: the state of an answered one is refused', async () => {
    const { requestState } = (await asking()).last.result
    const inputResponses = { r1: { action: 'decline' } }
    expect((await asking({ inputResponses, requestState })).last.result.resultType).toBe('complete')
    const replayed = await asking({ inputResponses, requestState })
    expect([replayed.status, replayed.last.error?.code]).toEqual([200, -32602])
    expect(replayed.last.error?.message).toContain('used already')
  })

  it('keeps its state to the request and the endpoint it belongs to, and takes none that was made up', async () => {
    const { requestState } = (await asking()).last.result
    const inputResponses = { r1: { action: 'accept' } }
    const foreign = [
      await asking({ inputResponses, requestState }, {}, 'odd__ask', elicit(2)),
      await asking({ inputResponses, requestState }, {}, 'odd__echo'),
      await call(gateway.url('odd'), 'odd__ask', elicit(), { inputResponses, requestState }, { capabilities: ABLE }),
      await asking({ inputResponses, requestState: `${requestState}x` }),
      await asking({ inputResponses, requestState: 'v1.e30.e30' }),
      await asking({ inputResponses, requestState: 7 }),
      await asking({ inputResponses: null, requestState }),
    ]
    expect(foreign.map(({ status, last }) => [status, last.error?.code])).toEqual(foreign.map(() => [200, -32602]))
    const right = await asking({ inputResponses, requestState })
    expect(right.last.result.resultType).toBe('complete')
  })

  it('for which the request declares nothing ends the call, with what it must declare', async () => {
    for (const [capabilities, required] of [
      [{}, { elicitation: { form: {} } }],
      [{ elicitation: { url: {} } }, { elicitation: { form: {} } }],
    ] as const) {
      const { status, last } = await asking({}, { capabilities })
      expect([status, last.error?.code]).toEqual([400, -32021])
      expect(last.error?.data).toEqual({ requiredCapabilities: required })
    }
    const url = { method: 'elicitation/create', params: { mode: 'url', url: 'https://example.com', message: 'visit' } }
    const { last } = await asking({}, { capabilities: { elicitation: {} } }, 'odd__ask', url)
    expect(last.error?.data).toEqual({ requiredCapabilities: { elicitation: { url: {} } } })
  })
})

describe('pages to visit first', () => {
  const required = {
    code: -32042,
    message: 'visit first',
    data: { elicitations: [{ mode: 'url', elicitationId: 'e1', url: 'https://example.com/a', message: 'A' }] },
  }

  it('are questions to a client that can show pages, and the retry is a new call', async () => {
    const args = required
    const first = await call(gateway.url(), 'odd__rpc-error', args, {}, { capabilities: ABLE })
    expect(first.last.result).toMatchObject({
      resultType: 'input_required',
      inputRequests: {
        r1: { method: 'elicitation/create', params: { mode: 'url', url: 'https://example.com/a', message: 'A' } },
      },
    })
    expect(JSON.stringify(first.last)).not.toContain('e1')
    const again = await call(
      gateway.url(),
      'odd__rpc-error',
      args,
      { inputResponses: { r1: { action: 'accept' } } },
      { capabilities: ABLE },
    )
    expect(again.last.result.resultType).toBe('input_required')
  })

  it('are an error to any other', async () => {
    const { status, last } = await call(gateway.url(), 'odd__rpc-error', required)
    expect([status, last.error]).toMatchObject([
      400,
      { code: -32021, data: { requiredCapabilities: { elicitation: { url: {} } } } },
    ])
  })
})

describe('calls at the same time', () => {
  it('of clients that can be asked get the answers to their own questions', async () => {
    const names = ['Ada', 'Bob', 'Cyd', 'Dee']
    const said = await Promise.all(
      names.map(async (name) => {
        const wish = { capabilities: ABLE }
        const args = {
          method: 'elicitation/create',
          params: { message: name, requestedSchema: { type: 'object', properties: {} } },
        }
        const { last } = await call(gateway.url('odd'), 'ask', args, {}, wish)
        const { inputRequests, requestState } = last.result
        expect(inputRequests.r1.params.message).toBe(name)
        const inputResponses = { r1: { action: 'accept', content: { name } } }
        return textOf(await call(gateway.url('odd'), 'ask', args, { inputResponses, requestState }, wish))
      }),
    )
    expect(said.map((text) => JSON.parse(text).result.content.name)).toEqual(names)
  })

  it('of clients that cannot, share one instance and keep their answers apart, ids and all', async () => {
    const texts = Array.from({ length: 50 }, (_, n) => `text ${n}`)
    const replies = await Promise.all(texts.map((text) => call(gateway.url(), 'odd__echo', { text }, {}, { id: 1 })))
    expect(replies.map(textOf)).toEqual(texts)
  })
})

describe('an endpoint of one server', () => {
  it('has the names, the identity and the methods of that server', async () => {
    const { last } = await ask(gateway.url('odd'), 'tools/list')
    expect(last.result.tools.map(({ name }: { name: string }) => name)).toContain('echo-raw')
    const unknown = await ask(gateway.url('odd'), 'made/up')
    expect([unknown.status, unknown.last.error?.code]).toEqual([404, -32601])
  })
})
