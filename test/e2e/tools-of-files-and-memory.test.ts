/** Every tool of server-filesystem and server-memory through the gateway and directly: equal results, equal effects. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestClient } from '../support/clients.ts'
import { Gateway, packageServer, temporaryFolder } from '../support/gateway.ts'

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

const folder = temporaryFolder()
/** Both servers see a folder of the same length of name, so that even what they say about paths is alike. */
const ways = { gateway: join(folder.path, 'gated'), direct: join(folder.path, 'plain') }

let gateway: Gateway
let gated: TestClient
let plain: TestClient
let gatedMemory: TestClient
let plainMemory: TestClient

function memoryServer(way: 'gateway' | 'direct') {
  return { ...packageServer('memory'), env: { MEMORY_FILE_PATH: join(folder.path, `${way}.jsonl`) } }
}

beforeAll(async () => {
  mkdirSync(join(ways.direct, 'sub'), { recursive: true })
  writeFileSync(join(ways.direct, 'lines.txt'), 'one\ntwo\nthree\nvier 日本語\n')
  writeFileSync(join(ways.direct, 'pixel.png'), Buffer.from(PIXEL, 'base64'))
  writeFileSync(join(ways.direct, 'sub', 'deep.md'), '# deep\n')
  cpSync(ways.direct, ways.gateway, { recursive: true, preserveTimestamps: true })
  const servers = { filesystem: packageServer('filesystem', ways.gateway), memory: memoryServer('gateway') }
  gateway = await Gateway.start({ servers })
  gated = await TestClient.http(gateway.url())
  gatedMemory = gated
  plain = await TestClient.stdio(packageServer('filesystem', ways.direct))
  plainMemory = await TestClient.stdio(memoryServer('direct'))
})

afterAll(async () => {
  await Promise.all([gated?.close(), plain?.close(), plainMemory?.close()])
  await gateway?.stop()
  folder.remove()
})

/** In this order: what one call writes, the next ones read. `~` stands for the folder that the server may see. */
const FILE_CALLS: [string, Record<string, unknown>][] = [
  ['list_allowed_directories', {}],
  ['read_file', { path: '~/lines.txt' }],
  ['read_text_file', { path: '~/lines.txt', head: 2 }],
  ['read_text_file', { path: '~/lines.txt', tail: 1 }],
  ['read_media_file', { path: '~/pixel.png' }],
  ['read_multiple_files', { paths: ['~/lines.txt', '~/sub/deep.md', '~/missing.txt'] }],
  ['write_file', { path: '~/new.txt', content: 'new "text" \\ with\ttabs 🙂\n' }],
  ['edit_file', { path: '~/new.txt', edits: [{ oldText: 'text', newText: 'words' }], dryRun: true }],
  ['edit_file', { path: '~/new.txt', edits: [{ oldText: 'text', newText: 'words' }] }],
  ['read_text_file', { path: '~/new.txt' }],
  ['create_directory', { path: '~/made/by/tool' }],
  ['move_file', { source: '~/new.txt', destination: '~/made/moved.txt' }],
  ['list_directory', { path: '~' }],
  ['list_directory_with_sizes', { path: '~', sortBy: 'size' }],
  ['directory_tree', { path: '~', excludePatterns: ['sub'] }],
  ['search_files', { path: '~', pattern: '**/*.txt' }],
  ['read_text_file', { path: '/etc/hostname' }],
  ['read_text_file', { path: '~/missing.txt' }],
]

function inFolder<Value>(value: Value, path: string): Value {
  return JSON.parse(JSON.stringify(value).replaceAll('~', path)) as Value
}

function outOfFolder(value: unknown, path: string): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll(path, '~'))
}

async function outcome(call: Promise<unknown>): Promise<unknown> {
  return call.catch(({ code, message, data }) => ({ code, message, data }))
}

describe('server-filesystem', () => {
  it.each(FILE_CALLS)('%s %j gives the same result as without the gateway', async (tool, args) => {
    const expected = await outcome(plain.call(tool, inFolder(args, ways.direct)))
    const result = await outcome(gated.call(`filesystem__${tool}`, inFolder(args, ways.gateway)))
    expect(outOfFolder(result, ways.gateway)).toEqual(outOfFolder(expected, ways.direct))
  })

  it('get_file_info tells of the file that is meant', async () => {
    const path = join(ways.gateway, 'lines.txt')
    expect(await gated.text('filesystem__get_file_info', { path })).toMatch(/^size: \d+\n.*isFile: true/s)
  })

  it('has written what was asked', () => {
    expect(readFileSync(join(ways.gateway, 'made', 'moved.txt'), 'utf8')).toBe('new "words" \\ with\ttabs 🙂\n')
  })

  it('has no tool that is not called here', async () => {
    const own = (await plain.toolNames()).sort()
    expect([...new Set([...FILE_CALLS.map(([tool]) => tool), 'get_file_info'])].sort()).toEqual(own)
  })
})

const entity = (name: string, ...observations: string[]) => ({ name, entityType: 'person', observations })
const relation = { from: 'Ada', to: 'Grace', relationType: 'knows' }

const MEMORY_CALLS: [string, Record<string, unknown>][] = [
  ['create_entities', { entities: [entity('Ada', 'writes notes', 'schreibt Zürich'), entity('Grace'), entity('Gone')] }],
  ['create_relations', { relations: [relation, { from: 'Ada', to: 'Gone', relationType: 'forgot' }] }],
  ['add_observations', { observations: [{ entityName: 'Grace', contents: ['found a moth', 'wrote a compiler'] }] }],
  ['search_nodes', { query: 'moth' }],
  ['open_nodes', { names: ['Ada', 'Grace'] }],
  ['delete_observations', { deletions: [{ entityName: 'Grace', observations: ['found a moth'] }] }],
  ['delete_relations', { relations: [relation] }],
  ['delete_entities', { entityNames: ['Gone'] }],
  ['read_graph', {}],
  ['add_observations', { observations: [{ entityName: 'Nobody', contents: ['x'] }] }],
]

describe('server-memory', () => {
  it.each(MEMORY_CALLS)('%s %j gives the same result as without the gateway', async (tool, args) => {
    const expected = await outcome(plainMemory.call(tool, args))
    expect(await outcome(gatedMemory.call(`memory__${tool}`, args))).toEqual(expected)
  })

  it('has remembered the same', () => {
    const [one, two] = ['gateway', 'direct'].map((way) => readFileSync(join(folder.path, `${way}.jsonl`), 'utf8'))
    expect(one).toBe(two)
    expect(one).toContain('wrote a compiler')
  })

  it('has no tool that is not called here', async () => {
    const own = (await plainMemory.toolNames()).sort()
    expect([...new Set(MEMORY_CALLS.map(([tool]) => tool))].sort()).toEqual(own)
  })
})
