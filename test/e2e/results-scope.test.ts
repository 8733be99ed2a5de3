import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestClient } from '../support/clients.ts'
import { fixtureServer, Gateway, mcpGw, temporaryFolder, writeConfig } from '../support/gateway.ts'
import { childrenOf, until } from '../support/processes.ts'
import { RawSession } from '../support/raw-http.ts'
import { apply } from '../support/reload.ts'
import * as stateless from '../support/stateless.ts'

const BYTES = 200_000
const READ = 'gateway_read_result'

const servers = { flooding: fixtureServer('flooding.mjs') }
let gateway: Gateway

beforeAll(async () => {
  gateway = await Gateway.start({ servers, surface: { mode: 'auto' } })
})
afterAll(() => gateway.stop())

const flood = async (session: RawSession, name = 'flooding__flood'): Promise<string> =>
  (await session.call('7', name, { bytes: BYTES })).at(-1) ?? ''

function isApart(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('apart.cjs')
  } catch {
    // It is gone.
    return false
  }
}

const isPreview = (answer: string): boolean => answer.includes('too large to be shown')

const results = (): string => join(gateway.env.XDG_STATE_HOME, 'mcp-gw', 'results')

describe('results are kept', () => {
  it('on the search surface, and on no other', async () => {
    const search = await RawSession.open(`${gateway.url()}?surface=search`)
    expect(isPreview(await flood(search))).toBe(true)
    expect(isPreview(await flood(await RawSession.open(gateway.url())))).toBe(false)
    expect(isPreview(await flood(await RawSession.open(gateway.url('flooding')), 'flood'))).toBe(false)
  })

  it('for no client that keeps them itself', async () => {
    const info = { name: 'claude-code', version: '2.1.0' }
    expect(isPreview(await flood(await RawSession.open(`${gateway.url()}?surface=search`, { info })))).toBe(false)
  })

  it('for clients of older revisions, without blocks that they do not know', async () => {
    const old = await RawSession.open(`${gateway.url()}?surface=search`, { version: '2025-03-26' })
    const answer = await flood(old)
    expect(isPreview(answer)).toBe(true)
    expect(answer).not.toContain('resource_link')
  })

  it('for clients without sessions, who find them again with their next request', async () => {
    const url = `${gateway.url()}?surface=search`
    const names = async (): Promise<string[]> =>
      (await stateless.ask(url, 'tools/list')).last.result.tools.map(({ name }: { name: string }) => name)
    expect(await names()).not.toContain(READ)
    const text = stateless.textOf(await stateless.call(url, 'flooding__flood', { bytes: BYTES }))
    const handle = /"handle":"(\w+)"/.exec(text)?.[1]
    expect(await names()).toContain(READ)
    const head = await stateless.call(url, READ, { handle, op: 'head', limit: 1 })
    expect(stateless.textOf(head)).toMatch(/^line 0 /)
    const other = await stateless.call(url, READ, { handle, op: 'head' }, {}, { capabilities: { sampling: {} } })
    expect(stateless.textOf(other)).toContain('No result is kept under the handle')
  })

  it('where a client asks for the tool that reads them in the only way it can', async () => {
    const info = { name: 'forgetful', version: '1' }
    await apply(gateway, { servers, surface: { mode: 'auto' }, clients: { forgetful: { list_changes: 'ignored' } } })
    const answer = await flood(await RawSession.open(`${gateway.url()}?surface=search`, { info }))
    expect(answer).toContain(`Look into it with gateway_invoke {\\"tool\\":\\"${READ}\\",\\"arguments\\":{\\"handle\\":`)
  })
})

describe('a client that was promised structured content', () => {
  it('gets it whole, until it has read the list that does not promise it', async () => {
    await apply(gateway, { servers, surface: { mode: 'direct' } })
    const client = await TestClient.http(gateway.url())
    const call = () => client.client.callTool({ name: 'flooding__structured', arguments: { bytes: BYTES } })
    const listed = async () => (await client.client.listTools()).tools.find(({ name }) => name === 'flooding__structured')
    expect(await listed()).toHaveProperty('outputSchema')
    await apply(gateway, { servers, surface: { mode: 'search', pin: ['flooding__*'] } })
    // The client throws where the structure is promised and is not there.
    expect(await call()).toHaveProperty('structuredContent')
    expect(await listed()).not.toHaveProperty('outputSchema')
    expect(await call()).not.toHaveProperty('structuredContent')
    await client.close()
  })

  it('is offered resources where results may be kept, whatever the servers have', async () => {
    const offered = async (url: string) => (await RawSession.open(url)).initialized.capabilities
    expect(await offered(gateway.url())).toHaveProperty('resources')
    expect(await offered(`${gateway.url()}?surface=direct`)).not.toHaveProperty('resources')
  })
})

describe('what is kept', () => {
  it('is gone when the gateway has ended in order, and when the next one starts after it was killed', async () => {
    const folder = temporaryFolder()
    const env = { XDG_STATE_HOME: folder.path }
    const config = { servers, surface: { mode: 'search' } }
    const kept = join(folder.path, 'mcp-gw', 'results')
    const left = (): string[] => readdirSync(kept)

    const one = await Gateway.start(config, { env })
    expect(isPreview(await flood(await RawSession.open(one.url())))).toBe(true)
    await one.stop()
    expect(left()).toEqual([])

    const file = writeConfig(folder.path, { listen: { port: 0 }, ...config } as never)
    const two = await Gateway.start({ file }, { env })
    await flood(await RawSession.open(two.url()))
    const [dead] = left()
    two.running.child.kill('SIGKILL')
    await two.running.exited
    expect(left()).toEqual([dead])
    const three = await Gateway.start({ file }, { env })
    await until(() => (left().includes(dead as string) ? undefined : true), 'what was left behind is not removed')
    await three.stop()
  })

  it('is answered like what never was when its files are gone', async () => {
    const session = await RawSession.open(`${gateway.url()}?surface=search`)
    const before = new Set(readdirSync(results(), { recursive: true, encoding: 'utf8' }))
    const uri = /mcp-gw-result:..(\w+)/.exec(await flood(session)) ?? []
    for (const name of readdirSync(results(), { recursive: true, encoding: 'utf8' })) {
      if (!before.has(name)) rmSync(join(results(), name), { recursive: true, force: true })
    }
    for (const op of ['read', 'grep']) {
      const [answer = ''] = await session.call('2', READ, { handle: uri[1], op, query: 'x' })
      expect(answer).toMatch(/No result is kept under the handle|The result is not kept any more/)
      expect(answer).not.toContain(gateway.env.XDG_STATE_HOME)
    }
    const params = JSON.stringify({ uri: uri[0] })
    const read = await session.post(`{"jsonrpc":"2.0","id":3,"method":"resources/read","params":${params}}`)
    expect(read.text).toContain('Resource not found')
  })

  it('counts among what mcp-gw tokens shows', async () => {
    const { running, env, file } = gateway
    expect(running.child.exitCode).toBeNull()
    const look = async () => {
      const child = mcpGw(['tokens', '--json', '--config', file], { env })
      await child.exited
      const { recorded } = JSON.parse(child.stdout()) as { recorded: { kept: { count: number; tokens: number } } }
      return recorded.kept.count > 0 ? recorded.kept : undefined
    }
    // It is written every ten seconds.
    const kept = await until(look, 'it is not counted', { ms: 15_000 })
    expect(kept.tokens).toBeGreaterThan((kept.count * BYTES) / 8)
  })

  it('is never written by commands', async () => {
    const before = existsSync(results()) ? readdirSync(results()) : []
    const child = mcpGw(['call', 'flooding__flood', `bytes:=${BYTES}`, '--config', gateway.file], { env: gateway.env })
    expect(await child.exited).toBe(0)
    expect(isPreview(child.stdout())).toBe(false)
    expect(existsSync(results()) ? readdirSync(results()) : []).toEqual(before)
  })

  it('is looked into by no process that outlives a killed gateway', async () => {
    const folder = temporaryFolder()
    const one = await Gateway.start({ servers, surface: { mode: 'search' } }, { env: { XDG_STATE_HOME: folder.path } })
    const session = await RawSession.open(one.url())
    const [answer = ''] = await session.call('1', 'flooding__flood', { kind: 'json', bytes: BYTES })
    const handle = /[0-9a-f]{32}/.exec(answer)?.[0]
    session.call('2', READ, { handle, op: 'jq', query: 'def f: f; f' }).catch(() => undefined)
    const workers = (): number[] => childrenOf(one.running.child.pid as number).filter(isApart)
    const pids = await until(() => (workers().length > 0 ? workers() : undefined), 'nothing looks into it')
    one.running.child.kill('SIGKILL')
    // What it does never ends by itself, and its own limit comes later than this.
    await until(() => (pids.some(isApart) ? undefined : true), 'it goes on without the gateway', { ms: 3_000 })
  })
})
