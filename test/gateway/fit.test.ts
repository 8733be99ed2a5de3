/** Clients are shown tools as they can take them; calls go to the server as they were made. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { health } from '../../src/downstream/health.ts'
import type { Session } from '../../src/gateway/session.ts'
import { createLog } from '../../src/observe/log.ts'
import { Redactor } from '../../src/std/secret.ts'
import { fixtureServer, temporaryFolder } from '../support/gateway.ts'
import { InProcess, type OpenOptions } from '../support/in-process.ts'
import { until } from '../support/processes.ts'

interface Tool {
  name: string
  description?: string
  inputSchema: Record<string, unknown>
  _meta?: object
}

const PLAIN: Tool = { name: 'plain', inputSchema: { type: 'object', properties: { a: { type: 'string' } } } }
const CHOICE: Tool = {
  name: 'choice',
  inputSchema: {
    type: 'object',
    anyOf: [{ $ref: '#/$defs/A' }, { properties: { b: { type: 'string' } }, required: ['b'] }],
    $defs: { A: { properties: { a: { type: 'number' } }, required: ['a'] } },
  },
}
const REFUSED: Tool = {
  name: 'refused',
  inputSchema: { type: 'object', properties: { $filter: { type: 'string' } }, required: ['$filter'] },
}

const folder = temporaryFolder()
const file = join(folder.path, 'tools.json')
const offer = (tools: Tool[], instructions?: string): void => writeFileSync(file, JSON.stringify({ tools, instructions }))

let gateway: InProcess | undefined
let lines: Record<string, unknown>[] = []
let states = 0

async function start(config: object = {}): Promise<InProcess> {
  lines = []
  const log = createLog('warn', new Redactor(), { terminal: false, write: (line) => lines.push(JSON.parse(line)) })
  const servers = { s: fixtureServer('listing.mjs', file) }
  gateway = new InProcess({ servers, surface: { budget: 100_000 }, ...config }, join(folder.path, `state-${states++}`), log)
  await gateway.engine.start()
  return gateway
}

async function open(name: string, options: OpenOptions = {}): Promise<Session> {
  const session = await (gateway as InProcess).open({ client: { name, version: '99.0' }, ...options })
  await session.settled
  return session
}

async function toolsOf(session: Session): Promise<Tool[]> {
  return JSON.parse(await (gateway as InProcess).request('tools/list', {}, session)).result.tools
}

const namesOf = async (session: Session): Promise<string[]> => (await toolsOf(session)).map(({ name }) => name)
const warnings = (part: string): Record<string, unknown>[] => lines.filter(({ message }) => String(message).includes(part))

beforeEach(() => offer([PLAIN, CHOICE, REFUSED]))
afterEach(async () => {
  await gateway?.close()
  gateway = undefined
})

describe('a client', () => {
  it('of which nothing is known is shown the very list of the catalog', async () => {
    const { engine } = await start()
    const session = await open('somebody')
    await toolsOf(session)
    expect(engine.surfaces.list(session, 'tools')).toBe(session.endpoint.catalog(session).list('tools'))
  })

  it('that is known shares that list where no tool stands in its way', async () => {
    offer([PLAIN])
    const { engine } = await start()
    const session = await open('claude-code')
    await toolsOf(session)
    expect(engine.surfaces.list(session, 'tools')).toBe(session.endpoint.catalog(session).list('tools'))
  })

  it('is shown one object where a root is composed, in the same message as others that need the same', async () => {
    const { engine } = await start()
    const [first, second] = [await open('claude-code'), await open('Claude-Code')]
    const shown = (await toolsOf(first)).find(({ name }) => name === 's__choice')
    expect(shown?.inputSchema).toMatchObject({
      type: 'object',
      properties: { a: { type: 'number' }, b: { type: 'string' } },
      description: 'Give at least one of these: a; b.',
    })
    expect(shown?.inputSchema).not.toHaveProperty('anyOf')
    expect(engine.surfaces.list(second, 'tools')).toBe(engine.surfaces.list(first, 'tools'))
    expect((await toolsOf(await open('somebody')))[1]?.inputSchema).toEqual(CHOICE.inputSchema)
  })

  it('calls the server with the arguments that it gave, whatever it was shown', async () => {
    const running = await start()
    const session = await open('claude-code')
    const given = { a: 1, b: 'both', more: [{ deep: null }] }
    const answer = JSON.parse(await running.request('tools/call', { name: 's__choice', arguments: given }, session))
    expect(JSON.parse(answer.result.content[0].text)).toEqual(given)
  })

  it('is not shown a tool that it refuses, which the log and the health tell; the others stay, and it can be called', async () => {
    const running = await start()
    const session = await open('claude-code')
    expect(await namesOf(session)).toEqual(['s__plain', 's__choice'])
    expect(await namesOf(await open('somebody'))).toContain('s__refused')
    const reason = 'it needs an argument whose name the client refuses: "$filter"'
    expect(warnings('tools are not shown')).toMatchObject([{ client: 'Claude Code', tools: [{ tool: 's__refused', reason }] }])
    expect(health(running.engine).leftOut).toEqual([{ client: 'claude-code', tool: 's__refused', reason }])
    const answer = JSON.parse(await running.request('tools/call', { name: 's__refused', arguments: { $filter: 'x' } }, session))
    expect(answer.result.content[0].text).toBe('{"$filter":"x"}')
  })

  it('is not shown names that are too long for it, and descriptions are cut', async () => {
    offer([PLAIN, { ...PLAIN, name: 'a-name-of-twenty-eight-chars', description: 'x'.repeat(300) }])
    await start({ clients: { short: { tool_name: 20 }, 'brief*': { description: 100 } } })
    expect(await namesOf(await open('short'))).toEqual(['s__plain'])
    expect(warnings('tools are not shown')[0]?.tools).toMatchObject([
      { reason: expect.stringContaining('lower catalog.name_length') },
    ])
    const [, brief] = await toolsOf(await open('Brief Client'))
    expect(brief?.description).toHaveLength(100)
  })

  it('is treated as the config says, where that is something else than what is known', async () => {
    await start({ clients: { 'claude-*': { schemas: [] } } })
    const shown = await toolsOf(await open('claude-code'))
    expect(shown.find(({ name }) => name === 's__choice')?.inputSchema).toEqual(CHOICE.inputSchema)
    expect(shown.map(({ name }) => name)).toContain('s__refused')
  })

  it('with more tools before it than it takes is shown the search surface', async () => {
    await start({ clients: { few: { tools: 2 } } })
    expect(await namesOf(await open('few'))).toContain('gateway_search_tools')
    expect(await namesOf(await open('somebody'))).not.toContain('gateway_search_tools')
    expect(warnings('more tools than it takes')).toEqual([])
  })

  it('that is to see all of them all the same is shown them, which is warned of once', async () => {
    await start({ clients: { few: { tools: 2 } } })
    const session = await open('few', { wishes: { surface: 'direct' } })
    expect(await namesOf(session)).toHaveLength(3)
    await namesOf(session)
    expect(warnings('more tools than it takes')).toMatchObject([{ tools: 3, toolsMax: 2 }])
  })

  it('with a search of its own has the meta-tools at hand, and pinned ones as it can take them', async () => {
    await start({ surface: { mode: 'search', pin: ['s__choice', 's__refused'] } })
    const shown = await toolsOf(await open('claude-code'))
    expect(shown.filter(({ name }) => name.startsWith('gateway_')).map(({ _meta }) => _meta)).toEqual(
      Array.from({ length: 4 }, () => ({ 'anthropic/alwaysLoad': true })),
    )
    const pinned = shown.filter(({ name }) => name.startsWith('s__'))
    expect(pinned).toHaveLength(1)
    expect(pinned[0]?.inputSchema).not.toHaveProperty('anyOf')
    const others = await toolsOf(await open('somebody'))
    expect(others.some(({ _meta }) => _meta)).toBe(false)
    expect(others).toHaveLength(6)
  })
})

describe('the meta-tools', () => {
  it('are shown as the client can take them, too', async () => {
    await start({ surface: { mode: 'search' }, clients: { picky: { schemas: ['properties', 'typed'] } } })
    const invoke = async (name: string): Promise<unknown> =>
      (await toolsOf(await open(name))).find((tool) => tool.name === 'gateway_invoke')?.inputSchema.properties
    expect(await invoke('picky')).toMatchObject({ arguments: { type: 'object', properties: {} } })
    expect(await invoke('somebody')).toMatchObject({ arguments: { type: 'object' } })
    expect(await invoke('somebody')).not.toHaveProperty('arguments.properties')
  })
})

describe('a list that changes', () => {
  it('stays as it was for a client that would have all approved anew, and is told to others', async () => {
    const touch = { ...PLAIN, name: 'touch' }
    offer([PLAIN, CHOICE, touch])
    const running = await start()
    const told: string[] = []
    const steady = await open('Visual Studio', { heard: (method) => told.push(`steady ${method}`) })
    const other = await open('somebody', { heard: (method) => told.push(`other ${method}`) })
    const before = await namesOf(steady)
    await namesOf(other)
    offer([PLAIN, touch])
    await running.request('tools/call', { name: 's__touch', arguments: {} }, other)
    await until(() => (told.length > 0 ? true : undefined), 'nobody is told of the new list')
    expect(told).toEqual(['other notifications/tools/list_changed'])
    expect(await namesOf(other)).toEqual(['s__plain', 's__touch'])
    expect(await namesOf(steady)).toEqual(before)
    expect(await namesOf(await open('Visual Studio'))).toEqual(['s__plain', 's__touch'])
  })
})

describe('instructions of servers', () => {
  const long = `Be kind. ${'Mind the gap. '.repeat(400)}`

  it('are cut to what the client keeps, and told in full where it asks', async () => {
    offer([PLAIN], long)
    const running = await start({ surface: { mode: 'search' } })
    const told = async (name: string): Promise<string> => (await introduction(name)).instructions
    expect(Buffer.byteLength(await told('somebody'))).toBeLessThanOrEqual(2_048 + 100)
    expect(await told('somebody')).toMatch(/^# s\nBe kind\. .* \[…\]\n\nWhat is cut here, gateway_list_servers tells in full/)
    expect(Buffer.byteLength(await told('codex-mcp-client'))).toBeLessThanOrEqual(512)
    const session = await open('somebody')
    const asked = { name: 'gateway_list_servers', arguments: { server: 's' } }
    const answer = JSON.parse(await running.request('tools/call', asked, session))
    expect(answer.result.content[0].text).toContain(long.trim())
  })

  it('are whole where they fit, and the direct surface names no tool that it does not list', async () => {
    offer([PLAIN], 'Be kind.')
    await start()
    expect((await introduction('somebody')).instructions).toBe('# s\nBe kind.')
    await gateway?.close()
    offer([PLAIN], long)
    await start()
    expect((await introduction('somebody')).instructions).toMatch(/ \[…\]$/)
  })

  it('take as much as the config says', async () => {
    offer([PLAIN], long)
    await start({ catalog: { instructions: '16KB' }, clients: { '*': { instructions: { server: '16KB' } } } })
    expect((await introduction('somebody')).instructions).toBe(`# s\n${long.trim()}`)
  })

  /** The result of `initialize`. */
  async function introduction(name: string): Promise<{ instructions: string }> {
    return (await (gateway as InProcess).introduce({ name })) as { instructions: string }
  }
})
