import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { contentOf, records } from '../fixtures/flooding.mjs'
import { TestClient } from '../support/clients.ts'
import { fixtureServer, Gateway } from '../support/gateway.ts'

interface Result {
  [member: string]: unknown
  content: { [member: string]: unknown; text?: string }[]
  isError?: boolean
}

const LIMIT = 2_000
const READ = 'gateway_read_result'

let gateway: Gateway
let client: TestClient

beforeAll(async () => {
  const surface = { mode: 'search', pin: ['flooding__*'] }
  const results = { limit: LIMIT, media: '10KB' }
  gateway = await Gateway.start({ servers: { flooding: fixtureServer('flooding.mjs') }, surface, results })
  client = await TestClient.http(gateway.url())
})
afterAll(() => gateway.stop())

const flood = async (kind: string, bytes: number, more: object = {}): Promise<Result> =>
  (await client.client.callTool({ name: 'flooding__flood', arguments: { kind, bytes, ...more } })) as Result

const dig = async (handle: string, args: object, by = client): Promise<Result> =>
  (await by.client.callTool({ name: READ, arguments: { handle, ...args } })) as Result

const texts = ({ content }: Result): string[] => content.map(({ text = '' }) => text)

const handleOf = (result: Result): string => /"handle":"([0-9a-f]{32})"/.exec(texts(result).join())?.[1] ?? 'none'

const original = (kind: string, bytes: number, at = 0): string => contentOf(kind, bytes)[at]?.text ?? ''

const resource = async (uri: string): Promise<{ text?: string; blob?: string }[]> =>
  (await client.client.readResource({ uri })).contents

/** Every byte of a text, as a model would get it. */
async function readAll(handle: string, part = 0): Promise<string> {
  let whole = ''
  for (let offset: number | undefined = 0; offset !== undefined; ) {
    const [text = '', note = ''] = texts(await dig(handle, { op: 'read', part, offset }))
    whole += text
    const next = /offset (\d+)\.$/.exec(note)?.[1]
    offset = next === undefined ? undefined : Number(next)
  }
  return whole
}

describe('a result that is too large', () => {
  it('is shown by its sizes, its first and last lines, and says how to get at the rest', async () => {
    const text = original('lines', 100_000)
    const result = await flood('lines', 100_000)
    const [preview = ''] = texts(result)
    expect(preview).toContain(
      `too large to be shown: ${Math.round(Buffer.byteLength(text) / 1_024)} KB, ${(text.split('\n').length - 1).toLocaleString('en-US')} lines, about `,
    )
    expect(preview).toContain(`It begins:\n${text.split('\n').slice(0, 5).join('\n')}\n`)
    expect(preview.endsWith(text.trimEnd().split('\n').slice(-3).join('\n'))).toBe(true)
    const uri = `mcp-gw-result://${handleOf(result)}`
    expect(result.content[1]).toMatchObject({ type: 'resource_link', uri, mimeType: 'text/plain', size: Buffer.byteLength(text) })
    // What else the result says stays in it.
    expect(result._meta).toEqual({ big: 12_345 })
    expect(result).not.toHaveProperty('isError')
  })

  it('is the same to the byte for whoever reads all of it', async () => {
    const handle = handleOf(await flood('lines', 20_000))
    expect(await readAll(handle)).toBe(original('lines', 20_000))
  })

  it.each([
    ['lines', 1_000_000],
    ['plain', 1_000_000],
    ['json', 1_000_000],
  ])('of 1 MB of %s is a resource with the same bytes', async (kind, bytes) => {
    const uri = `mcp-gw-result://${handleOf(await flood(kind, bytes))}`
    const contents = await resource(uri)
    expect(contents).toHaveLength(1)
    expect(contents[0]).toMatchObject({ uri, mimeType: 'text/plain' })
    expect(contents[0]?.text === original(kind, bytes)).toBe(true)
  })

  it('shows the form of JSON', async () => {
    const [preview = ''] = texts(await flood('json', 60_000))
    expect(preview).toContain('[1,000 × { id: integer, name: string, tags: [2 × string], note: null | string }]')
  })

  it('stays a failure of the tool', async () => {
    const result = await flood('lines', 100_000, { isError: true })
    expect(result.isError).toBe(true)
    expect(texts(result)[0]).toContain('too large')
  })

  it('loses nothing but what is too large', async () => {
    const result = await flood('mixed', 100_000)
    const [text, image] = contentOf('mixed', 100_000)
    expect(result.content.slice(0, 2)).toEqual([text, image])
    expect(texts(result)[2]).toContain('too large')
    expect(await readAll(handleOf(await flood('mixed', 15_000)))).toBe(original('mixed', 15_000, 2))
  })

  it('of many blocks is kept as the JSON that it is', async () => {
    const result = await flood('many', 200_000)
    expect(result.content.map(({ type }) => type)).toEqual(['text', 'resource_link'])
    const answer = await dig(handleOf(result), { op: 'jq', query: '.content | length, .[7].text[0:12]' })
    expect(texts(answer)[0]).toBe('100\n"line 0 \\"quot"')
  })

  it('comes the same way from gateway_invoke', async () => {
    const args = { server: 'flooding', tool: 'flood', arguments: { bytes: 20_000 } }
    const result = (await client.client.callTool({ name: 'gateway_invoke', arguments: args })) as Result
    expect(await readAll(handleOf(result))).toBe(original('lines', 20_000))
  })

  it('that is not too large passes as it came', async () => {
    expect(texts(await flood('lines', 1_000))).toEqual([original('lines', 1_000)])
  })
})

describe('structured content that is too large', () => {
  it('is left out, and the list does not promise it', async () => {
    const { tools } = await client.client.listTools()
    expect(tools.find(({ name }) => name === 'flooding__structured')).not.toHaveProperty('outputSchema')
    // The client would throw where the structure was promised and is not there.
    const result = (await client.client.callTool({ name: 'flooding__structured', arguments: { bytes: 60_000 } })) as Result
    expect(result).not.toHaveProperty('structuredContent')
    expect(texts(result)[0]).toBe('see structuredContent')
    expect(texts(result)[1]).toContain('{ records: [1,000 × { id: integer')
    const answer = await dig(handleOf(result), { op: 'jq', query: '.records[500]' })
    expect(texts(answer)[0]).toBe(JSON.stringify(records(60_000)[500]))
  })

  it('that is not too large stays whole', async () => {
    const result = (await client.client.callTool({ name: 'flooding__structured', arguments: { bytes: 600 } })) as Result
    expect(result.structuredContent).toEqual({ records: records(600) })
  })
})

describe('a picture or a file that is too large', () => {
  it('is a resource with its size in pixels, and is shown to whoever asks for it', async () => {
    const [image] = contentOf('image', 50_000)
    const result = await flood('image', 50_000)
    expect(texts(result)[0]).toContain('too large to be shown: image/png, 49 KB, 2 × 3 pixels.')
    const handle = handleOf(result)
    const contents = await resource(`mcp-gw-result://${handle}`)
    expect(contents[0]).toMatchObject({ mimeType: 'image/png' })
    expect(contents[0]?.blob === image.data).toBe(true)
    const { content } = await dig(handle, { op: 'read' })
    expect(content).toEqual([image])
  })

  it('keeps every byte of a file', async () => {
    const [{ resource }] = contentOf('blob', 200_000)
    const handle = handleOf(await flood('blob', 200_000))
    const { content } = await dig(handle, { op: 'read' })
    const [shown] = content as unknown as { resource: { blob: string } }[]
    expect(shown?.resource.blob === resource.blob).toBe(true)
    expect(texts(await dig(handle, { op: 'grep', query: 'x' }))[0]).toBe(
      'It is application/zip of 195 KB, in which grep finds nothing; use read.',
    )
  })
})

describe('gateway_read_result', () => {
  let lines: string
  let json: string
  beforeAll(async () => {
    lines = handleOf(await flood('lines', 100_000))
    json = handleOf(await flood('json', 100_000))
  })

  it('finds lines, and goes on where it left off', async () => {
    const [found = '', note = ''] = texts(await dig(lines, { op: 'grep', query: 'line \\d*77 ', limit: 3 }))
    const hits = found.split('\n').map((hit) => /^(\d+): (line \d+) /.exec(hit) ?? [])
    expect(hits.map(([, , line]) => line)).toEqual(['line 77', 'line 177', 'line 277'])
    const next = /^(\d+) more hits; go on with offset (\d+)\.$/.exec(note)
    expect(Number(next?.[1])).toBe((original('lines', 100_000).match(/line \d*77 /g)?.length as number) - 3)
    const [rest = ''] = texts(await dig(lines, { op: 'grep', query: 'line \\d*77 ', offset: next?.[2], limit: 1 }))
    expect(rest).toMatch(/^\d+: line 377 /)
    // An offset of a hit is one for reading, too.
    const [read = ''] = texts(await dig(lines, { op: 'read', offset: hits[2]?.[1], limit: 40 }))
    expect(read.startsWith('line 277 ')).toBe(true)
  })

  it('finds places in a line that is very long', async () => {
    const [found = ''] = texts(await dig(json, { op: 'grep', query: '"id":12\\d\\d,', limit: 2 }))
    const text = original('json', 100_000)
    const [first = ''] = found.split('\n')
    expect(first).toContain('"id":1200,"name":"name 1200"')
    expect(text.slice(Number(first.split(':')[0])).startsWith('"id":1200,')).toBe(true)
  })

  it('runs jq', async () => {
    expect(texts(await dig(json, { op: 'jq', query: 'map(select(.note == null)) | length' }))[0]).toBe('239')
    const [cut = '', note = ''] = texts(await dig(json, { op: 'jq', query: '.' }))
    expect(original('json', 100_000).startsWith(cut)).toBe(true)
    expect(note).toMatch(/^That is the beginning of \d\d KB of output; make the filter narrower/)
  })

  it('shows the form, the beginning and the end', async () => {
    expect(texts(await dig(json, { op: 'outline' }))[0]).toMatch(/^\[1,667 × { id: integer/)
    const all = original('lines', 100_000).split('\n')
    expect(texts(await dig(lines, { op: 'head', limit: 2 }))[0]).toBe(`${all.slice(0, 2).join('\n')}\n`)
    expect(texts(await dig(lines, { op: 'tail', limit: 2 }))[0]).toBe(all.slice(-3).join('\n'))
  })

  it.each([
    ['grep', 'a pattern that sends others back and forth', '(a+)+$', 'Nothing matches.'],
    ['jq', 'a filter that needs all memory', '[range(1e9)] | length', /ran out of memory|took longer than 6 s/],
    ['jq', 'a filter that never ends', 'def f: f; f', 'jq took longer than 6 s and was ended; ask for less at once.'],
    ['jq', 'a filter whose output never ends', 'repeat(1)', /ran out of memory|took longer than 6 s/],
  ])('ends %s for %s', async (op, _what, query, answer) => {
    const handle = op === 'grep' ? handleOf(await flood('lines', 1_000_000)) : json
    const [text = ''] = texts(await dig(handle, { op, query }))
    expect(text).toMatch(answer)
  })

  it.each([
    [{ op: 'grep', query: '(a' }, 'The pattern is no RE2 expression: missing closing ): `(a`.'],
    [{ op: 'grep', query: '(?=a)' }, 'RE2 has no look-around and no back references.'],
    [{ op: 'grep' }, 'Say what to look for: query is an RE2 pattern.'],
    [{ op: 'jq', query: '.a |' }, 'syntax error'],
    [{ op: 'jq', query: '.' }, 'This is no JSON, so that jq cannot read it; use grep or read.'],
    [{ op: 'outline' }, 'This is no JSON, so that it has no outline; use head, tail, grep or read.'],
    [{ op: 'delete' }, 'op must be one of read, grep, jq, head, tail, outline, not "delete".'],
    [{ op: 'read', part: 3 }, 'The result has the parts 0 to 0, and no part 3.'],
  ])('answers %j with what is wrong', async (args, problem) => {
    const result = await dig(lines, args)
    expect(result.isError).toBe(true)
    expect(texts(result)[0]).toContain(problem)
  })

  it('refuses an offset that is no number, and says what is behind the end', async () => {
    await expect(dig(lines, { op: 'read', offset: 'x' })).rejects.toThrow('offset must be a whole number from 0 on, not "x"')
    expect(texts(await dig(lines, { op: 'read', offset: 1e9 }))[0]).toMatch(/^There is nothing at offset/)
  })

  it('answers in no more than a quarter of the limit', async () => {
    const bytesMax = (LIMIT / 4) * 5
    for (const args of [
      { op: 'read' },
      { op: 'head', limit: 1e6 },
      { op: 'tail', limit: 1e6 },
      { op: 'grep', query: '.', limit: 1e6 },
    ]) {
      expect(Buffer.byteLength(texts(await dig(lines, args))[0] ?? '')).toBeLessThan(bytesMax)
    }
  })
})

describe('a handle', () => {
  it('is good for the session that got it; for another one it is like one that never was', async () => {
    const handle = handleOf(await flood('lines', 20_000))
    const invented = '0'.repeat(32)
    const other = await TestClient.http(gateway.url())
    const [foreign, unknown] = [await dig(handle, { op: 'read' }, other), await dig(invented, { op: 'read' }, other)]
    expect(foreign.isError).toBe(true)
    expect(texts(foreign)[0]?.replace(handle, invented)).toBe(texts(unknown)[0])
    const read = (one: string) =>
      other.client.readResource({ uri: `mcp-gw-result://${one}` }).then(String, (error) => error.message)
    expect((await read(handle)).replace(handle, invented)).toBe(await read(invented))
    await other.close()
  })

  it.each(['../../etc/passwd', '%2e%2e', '', '0'.repeat(100_000)])('that is no handle is refused', async (handle) => {
    expect((await dig(handle, { op: 'read' })).isError).toBe(true)
    await expect(client.client.readResource({ uri: `mcp-gw-result://${handle.slice(0, 1_000)}` })).rejects.toThrow(
      'Resource not found',
    )
  })
})

describe('the tool that reads results', () => {
  it('is listed for a session that has a handle, which is told so, and for no other', async () => {
    const one = await TestClient.http(gateway.url())
    const before = await one.toolNames()
    expect(before).not.toContain(READ)
    await one.call('flooding__flood', { bytes: 100_000 })
    await one.heard('notifications/tools/list_changed')
    // What a client had in its cache stays a beginning of what it has now.
    expect(await one.toolNames()).toEqual([...before, READ])
    const two = await TestClient.http(gateway.url())
    expect(await two.toolNames()).toEqual(before)
    await one.close()
    await two.close()
  })

  it('can be called by a client that does not read its list again', async () => {
    const handle = handleOf(await flood('lines', 20_000))
    const args = { tool: READ, arguments: { handle, op: 'head', limit: 1 } }
    const result = (await client.client.callTool({ name: 'gateway_invoke', arguments: args })) as Result
    expect(texts(result)[0]).toBe(`${original('lines', 20_000).split('\n')[0]}\n`)
  })
})

describe('the files of kept results', () => {
  const files = (): string[] => {
    const folder = join(gateway.env.XDG_STATE_HOME, 'mcp-gw', 'results')
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name))
  }

  it('are for their owner only, and go with the session', async () => {
    const one = await TestClient.http(gateway.url())
    const before = new Set(files())
    await one.call('flooding__flood', { bytes: 100_000 })
    const own = files().filter((file) => !before.has(file))
    expect(own).toHaveLength(3)
    for (const file of own) expect(statSync(file).mode & 0o777).toBe(statSync(file).isDirectory() ? 0o700 : 0o600)
    await one.close()
    await expect.poll(() => files().filter((file) => own.includes(file))).toEqual([])
  })
})
