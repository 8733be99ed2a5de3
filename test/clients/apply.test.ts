/** What happens when a plan meets the files as they are by then. */
import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { Client } from '../../src/clients/client.ts'
import { applyExport } from '../../src/clients/export/apply.ts'
import { planExport } from '../../src/clients/export/plan.ts'
import type { ExportRequest } from '../../src/clients/export/request.ts'
import { findClients } from '../../src/clients/find.ts'
import { formats } from '../../src/clients/formats/formats.ts'
import { importServers } from '../../src/clients/import/import.ts'
import { historyIn } from '../../src/clients/journal.ts'
import { CLIENTS, clientById } from '../../src/clients/known/clients.ts'
import { everyPath, type Machine, thisMachine } from '../../src/clients/machine.ts'
import { undo } from '../../src/clients/undo.ts'
import { realEditSystem } from '../../src/std/edit-system.ts'
import { Secret } from '../../src/std/secret.ts'
import { ownFile } from './fixtures.ts'

const folders: string[] = []
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))))

/** A person with one client, whose file says this. */
async function person(id: string, text: string) {
  const home = await mkdtemp(join(tmpdir(), 'mcp-gw-apply-'))
  folders.push(home)
  const machine: Machine = { ...thisMachine({ HOME: home }, join(home, 'project')), system: 'linux' }
  const client = clientById(id) as Client
  const path = everyPath(ownFile(client).at, machine)[0] as string
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text, { mode: 0o644 })
  const history = historyIn(join(home, 'state'), realEditSystem(home))
  const plan = (wish: Partial<ExportRequest> = {}) => planExport({ ...WISH, client, machine, ...wish })
  const options = { history, machine, runId: 'run', reason: 'init', wait: async () => undefined }
  return { client, machine, path, history, plan, options }
}

const WISH = {
  gateway: { url: 'http://127.0.0.1:39400/mcp' },
  bridge: { command: '/usr/bin/node', args: ['/opt/mcp-gw.js', 'connect'] },
  ...({ mode: 'http', scope: 'user', originals: 'keep' } as const),
}

describe('a file', () => {
  test('that others have changed elsewhere meanwhile keeps their change', async () => {
    const { path, plan, options } = await person('cursor', '{ "mcpServers": {} }')
    const planned = await plan()
    await writeFile(path, '{ "mcpServers": { "new": { "command": "x" } } }')
    expect(await applyExport(planned, options)).toMatchObject([{ edited: { changed: true } }])
    expect(Object.keys(JSON.parse(await readFile(path, 'utf8')).mcpServers)).toEqual(['new', 'mcp-gw'])
  })

  test('in which the very entry has changed meanwhile is left alone', async () => {
    const text = '{ "mcpServers": { "a": { "command": "a" } } }'
    const { path, plan, options } = await person('cursor', text)
    const origin = { client: 'cursor', name: 'a', path, keyPath: ['mcpServers', 'a'], scope: 'user' } as const
    const planned = await plan({ originals: 'move', taken: [origin] })
    const changed = text.replace('"command": "a"', '"command": "b"')
    await writeFile(path, changed)
    const [applied] = await applyExport(planned, options)
    expect(applied?.error).toBe('~/.cursor/mcp.json changed while we were working. Nothing written. Re-run.')
    expect(await readFile(path, 'utf8')).toBe(changed)
  })

  test('that is broken by then is left alone', async () => {
    const { path, plan, options } = await person('cursor', '{}')
    const planned = await plan()
    await writeFile(path, '{ "mcpServers": ')
    expect((await applyExport(planned, options))[0]?.error).toMatch(/^line 1, column/)
    expect(await readFile(path, 'utf8')).toBe('{ "mcpServers": ')
  })

  test('that is a link stays a link', async () => {
    const { path, plan, options } = await person('cursor', '{}')
    const dotfile = join(dirname(path), 'dotfile.json')
    await writeFile(dotfile, '{}')
    await rm(path)
    await symlink(dotfile, path)
    await applyExport(await plan(), options)
    expect(await readFile(dotfile, 'utf8')).toContain('mcp-gw')
    expect(await readFile(path, 'utf8')).toContain('mcp-gw')
  })

  test('that gets a token is for its owner only, until undo', async () => {
    const { path, plan, options, history } = await person('lm-studio', '{}')
    await chmod(path, 0o644)
    await applyExport(await plan({ gateway: { ...WISH.gateway, token: { value: new Secret('token-1', 'it') } } }), options)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    await undo(history, {})
    expect((await stat(path)).mode & 0o777).toBe(0o644)
    expect(await readFile(path, 'utf8')).toBe('{}')
  })

  test('that was made for the gateway goes with undo, and its folder too', async () => {
    const { machine, path, plan, options, history } = await person('cursor', '{}')
    await rm(dirname(path), { recursive: true })
    await applyExport(await plan({ create: true }), options)
    expect(await machine.files.kind(path)).toBe('file')
    expect(await undo(history, {})).toMatchObject([{ result: 'deleted' }])
    expect(await machine.files.kind(dirname(path))).toBeUndefined()
  })
})

describe('a file that running sessions rewrite', () => {
  const text = '{\n  "mcpServers": {},\n  "numStartups": 1\n}\n'

  test('gets the entry once more where a session has lost it', async () => {
    const { path, plan, options } = await person('claude-code', text)
    let looks = 0
    const wait = async () => {
      if (looks++ === 0) await writeFile(path, text.replace('1', '2'))
    }
    expect(await applyExport(await plan(), { ...options, wait })).toMatchObject([{ edited: { changed: true } }])
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ numStartups: 2, mcpServers: { 'mcp-gw': { type: 'http' } } })
  })

  test('is given up where the entry is lost again, and the person is told', async () => {
    const { path, plan, options } = await person('claude-code', text)
    const wait = () => writeFile(path, text)
    const [applied] = await applyExport(await plan(), { ...options, wait })
    expect(applied?.error).toBe(
      'A running Claude Code keeps writing its old copy of ~/.claude.json. Close it and run this again.',
    )
  })
})

test('import, export and undo together change nothing, whatever a client and its file are like', async () => {
  const clients = CLIENTS.filter(({ tier, files }) => tier === 'full' && everyPath(files[0]?.at ?? [], LINUX).length > 0)
  const originals = fc.constantFrom('move', 'disable', 'keep' as const)
  const entry = fc.oneof(
    fc.record(
      { command: word, args: fc.array(word, { maxLength: 3 }), env: fc.dictionary(word, word, { maxKeys: 2 }) },
      { requiredKeys: ['command'] },
    ),
    fc.record(
      { type: fc.constant('http'), url: fc.webUrl(), headers: fc.dictionary(word, word, { maxKeys: 2 }) },
      { requiredKeys: ['url'] },
    ),
  )
  const servers = fc.dictionary(word, entry, { maxKeys: 4 })
  const rest = fc.dictionary(word, fc.oneof(word, fc.integer(), fc.boolean(), fc.dictionary(word, word, { maxKeys: 2 })), {
    maxKeys: 3,
  })
  const layout = fc.record({
    indent: fc.constantFrom(0, 1, 2, 4, '\t'),
    crlf: fc.boolean(),
    end: fc.boolean(),
    comment: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...clients),
      servers,
      rest,
      layout,
      originals,
      async (client, servers, rest, layout, originals) => {
        const text = written(client, { ...rest, [ownFile(client).key[0] as string]: servers }, layout)
        const { machine, path, history, plan, options } = await person(client.id, text)
        const found = await findClients(machine, { clients: [client] })
        const imported = await importServers(found, machine)
        const taken = imported.servers.flatMap(({ origins }) => origins)
        const results = await applyExport(await plan({ originals, taken, mode: 'auto' }), options)
        for (const { error } of results) expect(error).toBeUndefined()
        await undo(history, {})
        expect(await readFile(path, 'utf8')).toBe(text)
      },
    ),
    { numRuns: 40 },
  )
})

const LINUX: Machine = { ...thisMachine({ HOME: '/home/anna' }, '/'), system: 'linux' }
const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,7}$/)

/** A config as somebody may have written it. */
function written(
  client: Client,
  tree: object,
  layout: { indent: string | number; crlf: boolean; end: boolean; comment: boolean },
): string {
  const { format } = ownFile(client)
  const comment = layout.comment && format !== 'json' ? (format === 'yaml' || format === 'toml' ? '# mine\n' : '// mine\n') : ''
  const text = comment + body(format, tree, layout.indent) + (layout.end ? '\n' : '')
  return layout.crlf ? text.replace(/\r?\n/g, '\r\n') : text
}

function body(format: keyof typeof formats, tree: object, indent: string | number): string {
  if (format === 'yaml') return stringify(tree).trimEnd()
  if (format !== 'toml') return JSON.stringify(tree, null, indent)
  // Each entry is set by the format itself: there is no other writer of TOML here.
  return Object.entries(tree)
    .reduce((text, [key, value]) => formats.toml.set(text, [key], value), '')
    .trimEnd()
}
