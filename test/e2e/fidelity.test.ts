/** What passes by is not touched: big numbers, unknown members, strange names and odd spellings, in both directions. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fixtureServer, Gateway, type HttpServer, startMisbehavingHttp } from '../support/gateway.ts'
import { messages, RawSession } from '../support/raw-http.ts'

let gateway: Gateway
let remote: HttpServer
let old: HttpServer
let session: RawSession

beforeAll(async () => {
  ;[remote, old] = await Promise.all([startMisbehavingHttp(), startMisbehavingHttp('--sse')])
  gateway = await Gateway.start({
    servers: {
      odd: fixtureServer('misbehaving.mjs', '--odd-names'),
      remote: { url: remote.url },
      old: { url: old.url },
    },
  })
  session = await RawSession.open(gateway.url(), { capabilities: { sampling: {} } })
})

afterAll(async () => {
  await session?.end()
  await gateway?.stop()
  await Promise.all([remote?.stop(), old?.stop()])
})

/** The last message of the answer to this request, as text. */
async function ask(body: string): Promise<string> {
  return messages(await session.post(body)).at(-1) ?? ''
}

const textOf = (answer: string) => (JSON.parse(answer) as { result: { content: { text: string }[] } }).result.content[0]?.text

describe('what a client sends', () => {
  const args =
    '{ "big":12345678901234567890, "exact":0.1000000000000000055511151231257827, "exp":1E400, "minus":-0, "text":"\\u00fc\\/\\ud83d\\ude42\\u2028", "": {"deep":[[[]]]}, "__proto__":{"x":1} }'

  it.each(['odd', 'remote', 'old'])('reaches the server %s as it was written, but for the name and the token', async (server) => {
    const params = (name: string, token: string) =>
      `{"_meta":{"progressToken":${token},"example.com/big":98765432109876543210,"traceparent":"00-ab"},"x-future":[1.0,{"a":2e0}],"name":"${name}","arguments":${args},"task":{"ttl":60000}}`
    const got = textOf(
      await ask(
        `{"jsonrpc":"2.0","x-top":{"n":1.50},"id":1,"method":"tools/call","params":${params(`${server}__echo-raw`, '"mine"')}}`,
      ),
    )
    const token = /"progressToken":(\d+)/.exec(got ?? '')?.[1]
    expect(token).toBeDefined()
    expect(got).toBe(params('echo-raw', String(token)))
  })

  it('may have its members in any order, with space between them', async () => {
    const body = `\n{\t"params" : { "arguments" : {"a" : 1 } ,\r\n "name" : "odd__echo-raw" } , "method":"tools/call", "id" : "x" , "jsonrpc":"2.0" }\n`
    const answer = await ask(body)
    expect(JSON.parse(answer)).toMatchObject({ id: 'x' })
    expect(JSON.parse(textOf(answer) ?? '')).toEqual({ arguments: { a: 1 }, name: 'echo-raw' })
  })

  it('may spell its keys and its name with escapes', async () => {
    const answer = await ask(
      `{"jsonrpc":"2.0","id":2,"method":"tools\\/call","params":{"n\\u0061me":"odd\\u005f_echo-raw","arguments":{"k":"v"}}}`,
    )
    expect(JSON.parse(textOf(answer) ?? '')).toMatchObject({ name: 'echo-raw', arguments: { k: 'v' } })
  })

  it.each(['12345678901234567890', '-5', '1.5', '1e3', '""', '"\\u0041"', '"__proto__"'])('keeps the id %s', async (id) => {
    expect(
      await ask(`{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"odd__echo","arguments":{"text":"t"}}}`),
    ).toContain(`"id":${id},`)
    expect(await ask(`{"jsonrpc":"2.0","id":${id},"method":"ping"}`)).toContain(`"id":${id},`)
  })
})

describe('what a server sends', () => {
  const result =
    '{ "content":[{"type":"text","text":"\\u00fc","annotations":{"priority":1.0,"audience":["user"]},"_meta":{"n":1e2}},{"type":"future-block","x":12345678901234567890},{"type":"audio","data":"AAAA","mimeType":"audio/wav"},{"type":"resource_link","uri":"mis://one","name":"one","icons":[{"src":"data:image/png;base64,AA","sizes":["16x16"]}]}], "structuredContent":{"big":12345678901234567890,"nested":{"uri":"mis://x"}},"isError":false,"_meta":{"a/b":[null]},"x-future":{"k":[]} }'

  it('is the result as it was written', async () => {
    const answer = await ask(
      `{"jsonrpc":"2.0","id":3,"method":"tools/call","params":${JSON.stringify({ name: 'odd__raw-result', arguments: { json: result } })}}`,
    )
    expect(answer).toContain(`"result":${result}`)
    expect(answer).toContain('"id":3')
  })

  it('is an error with its code, message and data', async () => {
    const given = { code: -32099, message: 'no: 日本 "x"', data: { big: 1, deep: [{ a: null }] } }
    const answer = await ask(
      `{"jsonrpc":"2.0","id":4,"method":"tools/call","params":${JSON.stringify({ name: 'odd__rpc-error', arguments: given })}}`,
    )
    expect(JSON.parse(answer)).toEqual({ jsonrpc: '2.0', id: 4, error: given })
  })

  it('is an error of the tool, which is a result', async () => {
    const answer = await ask('{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"odd__tool-error"}}')
    expect(JSON.parse(answer)).toMatchObject({ id: 4, result: { isError: true, content: [{ text: 'the tool failed' }] } })
  })

  it('has unknown members in its lists', async () => {
    const { result: listed } = JSON.parse(await ask('{"jsonrpc":"2.0","id":5,"method":"resources/list"}')) as {
      result: { resources: Record<string, unknown>[] }
    }
    expect(listed.resources[0]).toEqual(expect.objectContaining({ title: 'The first', 'x-unknown': { kept: true } }))
  })

  it('has unknown members in its identity and capabilities', async () => {
    const alone = await RawSession.open(gateway.url('odd'))
    expect(alone.initialized).toEqual({
      protocolVersion: '2025-11-25',
      capabilities: expect.objectContaining({ 'x-unknown': { kept: true } }),
      serverInfo: { name: 'misbehaving', version: '1.0.0', title: 'The misbehaving server', 'x-unknown': true },
      instructions: 'Call the tools of this server to see it misbehave.',
    })
    await alone.end()
  })

  it.each([10_000_000, 100_000])('is as large as it is: %d bytes', async (bytes) => {
    for (const server of ['odd', 'remote', 'old']) {
      const answer = await ask(
        `{"jsonrpc":"2.0","id":6,"method":"tools/call","params":{"name":"${server}__big","arguments":{"bytes":${bytes}}}}`,
      )
      expect(textOf(answer)?.length).toBe(bytes)
    }
  })
})

describe('names', () => {
  it('that clients would not take are made to fit, each its own, and each can be called', async () => {
    const listed = JSON.parse(await ask('{"jsonrpc":"2.0","id":7,"method":"tools/list"}')) as {
      result: { tools: { name: string; description: string }[] }
    }
    const tools = listed.result.tools.filter(({ description }) => description.startsWith('Says that it is '))
    expect(tools).toHaveLength(18)
    expect(new Set(tools.map(({ name }) => name)).size).toBe(18)
    for (const { name, description } of tools) {
      expect(name).toMatch(/^odd__[A-Za-z0-9_-]{1,43}$/)
      const own = JSON.parse(description.slice('Says that it is '.length, -1)) as string
      const answer = await ask(`{"jsonrpc":"2.0","id":8,"method":"tools/call","params":{"name":"${name}"}}`)
      expect(textOf(answer)).toBe(`this is ${own}`)
    }
  })

  it('that fit are as the server gave them', async () => {
    for (const name of ['UPPER', 'upper', 'constructor', '__proto__', 'same_name', '__double__under__'])
      expect(textOf(await ask(`{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"odd__${name}"}}`))).toBe(
        `this is ${name}`,
      )
  })
})
