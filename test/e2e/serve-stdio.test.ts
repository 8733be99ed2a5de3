/** The gateway as a stdio server: nothing but JSON-RPC on stdout, and it goes when its client goes. */
import { afterAll, describe, expect, it } from 'vitest'
import { TestClient } from '../support/clients.ts'
import { expectGone, fixtureServer, packageServer, temporaryFolder, writeConfig } from '../support/gateway.ts'
import { stop, until } from '../support/processes.ts'
import { Line } from '../support/stdio-line.ts'

const folder = temporaryFolder()
const servers = {
  odd: fixtureServer('misbehaving.mjs', '--garbage', '--early', '--chatter', '50'),
  dead: fixtureServer('misbehaving.mjs', '--crash'),
  everything: packageServer('everything'),
}
const config = writeConfig(folder.path, { servers })
const difficult = temporaryFolder()
/** It takes four seconds to end a server that does not want to. */
const stubborn = writeConfig(difficult.path, {
  servers: { ...servers, stubborn: fixtureServer('misbehaving.mjs', '--stubborn', '--grandchild') },
})

afterAll(() => {
  folder.remove()
  difficult.remove()
})

/** The pids of the servers that tell theirs. */
async function pidsOf(line: Line): Promise<number[]> {
  const found: number[] = []
  for (const [id, server] of ['odd', 'stubborn'].entries()) {
    const { result } = (await line.call(`"pid ${id}"`, `${server}__whoami`)) as { result: { content: [{ text: string }] } }
    const { pid, grandchild } = JSON.parse(result.content[0].text) as { pid: number; grandchild?: number }
    found.push(pid, ...(grandchild ? [grandchild] : []))
  }
  return found
}

describe('mcp-gw serve --stdio', () => {
  it('writes nothing but JSON-RPC on stdout, one message a line, whatever its servers do', async () => {
    const line = new Line(config)
    await line.open()
    for (const [id, tool, args] of [
      ['1', 'odd__garbage', {}],
      ['2', 'odd__broken-json', {}],
      ['3', 'odd__unknown-ids', {}],
      ['4', 'odd__twice', {}],
      ['5', 'odd__chunked', { size: 7 }],
      ['6', 'odd__log', { count: 5 }],
      ['7', 'odd__raw-result', { json: '{"content":[],\r"x":\t[1]}' }],
      ['8', 'odd__die', {}],
      ['9', 'dead__anything', {}],
      ['10', 'everything__echo', { message: 'line\nbreak' }],
    ] as const)
      await line.call(id, tool, args)
    line.write('this is no JSON')
    line.write('{"jsonrpc":"2.0","id":11}')
    line.write('')
    await line.call('12', 'odd__echo', { text: 'still here' })
    expect(await line.close()).toBe(0)
    for (const text of line.lines) expect(JSON.parse(text)).toMatchObject({ jsonrpc: '2.0' })
    expect(line.running.stdout().endsWith('\n')).toBe(true)
    const ids = line.lines.map((text) => (JSON.parse(text) as { id?: unknown }).id).filter((id) => id !== undefined)
    expect(ids).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, null, 11, 12])
  })

  it('ends when stdin closes, and leaves no child', async () => {
    const line = new Line(stubborn)
    await line.open()
    const pids = await pidsOf(line)
    expect(pids).toHaveLength(3)
    expect(await line.close()).toBe(0)
    await expectGone(pids)
  })

  it('ends on SIGTERM, and leaves no child', async () => {
    const line = new Line(stubborn)
    await line.open({ roots: {} })
    const pids = await pidsOf(line)
    expect(await stop(line.running)).toBe(0)
    await expectGone(pids)
  })

  it('ends when stdin closes before a word was said', async () => {
    const line = new Line(config)
    expect(await line.close()).toBe(0)
    expect(line.lines).toEqual([])
  })

  it('finishes a call that was sent before stdin closed', async () => {
    const line = new Line(config)
    await line.open()
    line.write('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"odd__late","arguments":{"delayMs":500}}}')
    expect(await line.close()).toBe(0)
    expect(line.lines.at(-1)).toContain('"id":1')
    expect(line.lines.at(-1)).toContain('"text":"late"')
  })

  it('refuses what comes before initialize, and a probe for the stateless era', async () => {
    const line = new Line(config)
    line.write('{"jsonrpc":"2.0","id":"a","method":"tools/list"}')
    line.write('{"jsonrpc":"2.0","id":"b","method":"server/discover"}')
    expect(await line.answer('"a"')).toMatchObject({ id: 'a', error: { code: -32600 } })
    expect(await line.answer('"b"')).toMatchObject({ id: 'b', error: { code: -32601 } })
    await line.open()
    await line.close()
  })

  it('serves the SDK client, questions of servers included', async () => {
    const bin = new URL('../../bin/mcp-gw.js', import.meta.url).pathname
    const server = { command: process.execPath, args: [bin, 'serve', '--stdio', '--config', config] }
    const sample = { model: 'm', role: 'assistant', content: { type: 'text', text: 'sampled' } }
    const client = await TestClient.stdio(server, { sampling: {} }, { 'sampling/createMessage': () => sample })
    expect(client.client.getServerVersion()?.name).toBe('mcp-gw')
    const look = async () => (await client.toolNames()).includes('everything__echo') || undefined
    await until(look, 'everything is not listed')
    expect(await client.toolNames()).toContain('odd__echo')
    expect(await client.text('everything__trigger-sampling-request', { prompt: 'p' })).toContain('"sampled"')
    await client.close()
  })
})
