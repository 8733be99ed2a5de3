/** What is generated from the schema, and the config that people start from. */
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'
import { difference, editorSchema, generated, type Json, referenceTable, withTable } from '../support/generate.ts'
import { bad, good } from './parsed.ts'

const ROOT = resolve(import.meta.dirname, '../..')

test('everything that is generated is up to date', async () => {
  const stale = (await generated(ROOT)).filter((file) => file.old !== file.content)
  expect(stale.map(difference)).toEqual([])
})

describe('the starter config', () => {
  const starter = (): Promise<string> => readFile(join(ROOT, 'templates/mcp-gw.yaml'), 'utf8')

  test('is valid, and needs no variable', async () => {
    const { config } = await good(await starter())
    expect(config.servers.memory).toMatchObject({ command: 'npx', args: ['-y', '@modelcontextprotocol/server-memory'] })
    expect(Object.values(config.servers).filter(({ disabled }) => disabled)).toHaveLength(2)
  })

  test('is valid with every server enabled, where the variables are set', async () => {
    const source = (await starter()).replaceAll('disabled: true', 'disabled: false')
    await good(source, { env: { GITHUB_TOKEN: 'sekret-123' } })
    expect(await bad(source)).toEqual([expect.stringContaining('server github needs ${GITHUB_TOKEN}')])
  })
})

describe('the JSON Schema', () => {
  const schema = z.fromJSONSchema(editorSchema() as z.core.JSONSchema.JSONSchema)
  const accepts = (source: string): boolean => schema.safeParse(parse(source)).success

  test('accepts what the loader accepts', async () => {
    expect(accepts(await readFile(join(ROOT, 'templates/mcp-gw.yaml'), 'utf8'))).toBe(true)
    for (const source of [
      'servers: { a: { command: x, env: { PORT: 8080, D: true, T: "${T:-}" }, args: [1], timeout: 30s } }',
      'listen: { port: "${PORT:-1}", body: 4MB, insecure: "${X:-true}" }',
      'log: { level: "${L:-info}" }\nsessions: { idle: "${I:-1m}" }',
      '$schema: x\nmcpServers: { a: { url: "http://x", type: http } }',
      'servers: { mcpServers: { a: { command: x } } }',
    ]) {
      expect({ source, accepted: accepts(source) }).toEqual({ source, accepted: true })
      expect(await bad(source)).toEqual([])
    }
  })

  test('refuses what the loader refuses', async () => {
    for (const source of [
      'sesions: {}',
      'listen: { prot: 1 }',
      'listen: { port: 70000 }',
      'listen: { port: "80" }',
      'listen: { body: 4 megabytes }',
      'log: { level: inof }',
      'shutdown: { grace: 30 }',
      'servers: { a: { command: x, timout: 1s } }',
      'servers: { a: { command: [x] } }',
      'servers: { "my server": { command: x } }',
      'servers: { mcpServers: { a: { comand: x } } }',
      'mcpServers: { a: { command: x, disabled: 3 } }',
    ]) {
      expect({ source, accepted: accepts(source) }).toEqual({ source, accepted: false })
      expect(await bad(source)).not.toEqual([])
    }
  })

  test('describes every key and keeps the defaults', () => {
    const missing: string[] = []
    const visit = (json: Json, path: string): void => {
      for (const [key, value] of Object.entries(json.properties ?? {})) {
        if (!value.description && !value.$ref) missing.push(`${path}.${key}`)
        visit(value, `${path}.${key}`)
      }
    }
    const json = editorSchema()
    visit(json, '')
    visit(json.definitions?.server as Json, 'server')
    expect(missing).toEqual([])
    expect(json.additionalProperties).toBe(false)
    expect(json.definitions?.server?.additionalProperties).toBe(false)
    expect(json.definitions?.server?.properties?.timeout).toMatchObject({ type: 'string', default: '60s' })
    expect(json.definitions?.server?.properties?.command).toMatchObject({ type: 'string' })
  })
})

describe('the reference table', () => {
  test('has a row for every key', () => {
    const rows = referenceTable().split('\n')
    expect(rows.slice(0, 3)).toEqual([
      '| key | default | what |',
      '|---|---|---|',
      '| `listen.host` | `127.0.0.1` | The address to listen on. |',
    ])
    expect(rows.find((row) => row.startsWith('| `servers.<name>.timeout` | `60s` |'))).toBeDefined()
    expect(rows.find((row) => row.startsWith('| `servers.<name>.quirks.normalize_sse_events` | `false` |'))).toBeDefined()
    for (const row of rows) expect(row.split(/(?<!\\)\|/)).toHaveLength(5)
  })

  test('goes between its markers and leaves the rest of the README alone', () => {
    const readme = 'before\n<!-- config:start -->\nold\n<!-- config:end -->\nafter'
    expect(withTable(readme)).toBe(`before\n<!-- config:start -->\n${referenceTable()}\n<!-- config:end -->\nafter`)
    expect(withTable(withTable(readme))).toBe(withTable(readme))
    expect(withTable('no markers')).toBe('no markers')
  })
})

describe('npm run generate', () => {
  let project: string
  beforeAll(async () => {
    project = await mkdtemp(join(tmpdir(), 'mcp-gw-'))
    await mkdir(join(project, 'templates'))
    await writeFile(join(project, 'README.md'), '<!-- config:start -->\n| old |\n<!-- config:end -->\n')
  })
  afterAll(() => rm(project, { recursive: true, force: true }))

  /** Runs the script in the folder of a project. */
  function run(...args: string[]): Promise<{ code: number | null; output: string }> {
    const tsx = ['--import', import.meta.resolve('tsx'), join(ROOT, 'test/support/generate.ts')]
    const child = spawn(process.execPath, [...tsx, ...args], { cwd: project })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    return new Promise((done) => child.on('close', (code) => done({ code, output })))
  }

  test('says with --check what is stale, then writes it', async () => {
    const stale = await run('--check')
    expect(stale.code).toBe(1)
    expect(stale.output).toContain('--- templates/mcp-gw.schema.json:1\n')
    expect(stale.output).toContain('--- README.md:2\n-| old |\n')
    expect(stale.output).toContain('+| key | default | what |')
    expect(stale.output).toContain('Run npm run generate.')
    expect(await run()).toEqual({ code: 0, output: 'wrote templates/mcp-gw.schema.json\nwrote README.md\n' })
    expect(await run('--check')).toEqual({ code: 0, output: '' })
    expect(JSON.parse(await readFile(join(project, 'templates/mcp-gw.schema.json'), 'utf8'))).toEqual(
      JSON.parse(JSON.stringify(editorSchema())),
    )
  })
})
