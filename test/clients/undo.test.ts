import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { FormatName, KeyPath } from '../../src/clients/formats/format.ts'
import { formats } from '../../src/clients/formats/formats.ts'
import { type History, historyIn } from '../../src/clients/journal.ts'
import { type RecordedEdit, recordedEdit } from '../../src/clients/recorded-edit.ts'
import { listUndo, undo } from '../../src/clients/undo.ts'
import { EditPlace } from '../support/edit-place.ts'

const GATEWAY = ['mcpServers', 'mcp-gw']
const OLD = ['mcpServers', 'old']
const entry = { url: 'http://127.0.0.1:39400/mcp', headers: { a: 'b' } }
const lines = (...text: string[]): string => `${text.join('\n')}\n`
const original = lines(
  '{',
  '  // mine',
  '  "mcpServers": {',
  '    "old": { "command": "x" }, // why',
  '    "theirs": {}',
  '  }',
  '}',
)

let place: EditPlace
let history: History
beforeEach(() => {
  place = new EditPlace()
  history = historyIn(place.state, place.system)
})
afterEach(() => place.remove())

/** Adds the gateway and takes the old server away, as an export does. */
const moved = (text = '', format: FormatName = 'jsonc'): string =>
  formats[format].set(formats[format].remove(text, OLD), GATEWAY, entry)
const record = (wish: Partial<RecordedEdit> = {}) =>
  recordedEdit(history, {
    path: place.file,
    runId: 'run-1',
    client: 'cursor',
    reason: 'init',
    format: 'jsonc',
    keys: [GATEWAY, OLD],
    edit: (text) => moved(text),
    ...wish,
  })
const results = async (wish = {}) => (await undo(history, wish)).map(({ result }) => result)
const change = (from: string, to: string): void => writeFileSync(place.file, place.read().replace(from, to))

describe('a file that nobody has changed since', () => {
  test('is byte for byte what it was, also its mode', async () => {
    writeFileSync(place.file, `\uFEFF${original.replaceAll('\n', '\r\n').trimEnd()}`)
    chmodSync(place.file, 0o644)
    const before = readFileSync(place.file)
    await record({ modeOf: () => 0o600 })
    expect([place.mode(), place.read().includes('39400')]).toEqual([0o600, true])
    expect(await results()).toEqual(['restored'])
    expect([readFileSync(place.file).equals(before), place.mode()]).toEqual([true, 0o644])
  })

  test('goes where it was ours alone, with the folders that we made', async () => {
    place.file = join(place.home, 'a', 'b', 'c.json')
    await record()
    expect(await results()).toEqual(['deleted'])
    expect(readdirSync(place.home)).toEqual([])
  })

  test('leaves a folder in which somebody has put something since', async () => {
    place.file = join(place.home, 'a', 'b', 'c.json')
    await record()
    writeFileSync(join(place.home, 'a', 'theirs'), '')
    expect(await results()).toEqual(['deleted'])
    expect(readdirSync(join(place.home, 'a'))).toEqual(['theirs'])
  })

  test('goes back over many edits at one stroke, also where backups in between are gone', async () => {
    writeFileSync(place.file, original)
    for (let i = 0; i < 9; i++) await record({ runId: `run-${i}`, edit: (text = '') => formats.jsonc.set(text, GATEWAY, i) })
    expect(await results()).toEqual(['restored'])
    expect(place.read()).toBe(original)
  })

  test('comes back where the edit removed it', async () => {
    writeFileSync(place.file, original, { mode: 0o640 })
    await record({ edit: () => undefined })
    expect(existsSync(place.file)).toBe(false)
    expect(await results()).toEqual(['restored'])
    expect([place.read(), place.mode() & 0o700]).toEqual([original, 0o600])
  })

  test('is reached through its link, which stays', async () => {
    mkdirSync(join(place.home, 'dotfiles'))
    const real = join(place.home, 'dotfiles', 'client.json')
    writeFileSync(real, original)
    symlinkSync(real, place.file)
    await record()
    expect(await results()).toEqual(['restored'])
    expect(place.read(real)).toBe(original)
  })

  test('can be of no format at all', async () => {
    writeFileSync(place.file, 'A=1\n')
    const { format: _, ...plain } = { path: place.file, runId: 'r', client: 'mcp-gw', reason: 'init', format: 'none', keys: [] }
    await recordedEdit(history, { ...plain, edit: (text) => `${text}B=2\n` })
    expect(await results()).toEqual(['restored'])
    expect(place.read()).toBe('A=1\n')
  })
})

describe('a file that somebody has changed since', () => {
  test('loses what is ours, gets back what we took, and keeps what is theirs', async () => {
    writeFileSync(place.file, original)
    await record()
    change('{\n', '{\n  "theme": "dark", // new\n')
    expect(await results()).toEqual(['cleaned'])
    expect(place.read()).toBe(
      lines(
        '{',
        '  "theme": "dark", // new',
        '  // mine',
        '  "mcpServers": {',
        '    "theirs": {},',
        '    "old": { "command": "x" } // why',
        '  }',
        '}',
      ),
    )
  })

  test('and written anew is understood by what it says', async () => {
    writeFileSync(place.file, original)
    await record()
    const said = formats.jsonc.read(place.read())
    writeFileSync(place.file, JSON.stringify('value' in said && said.value))
    expect(await results()).toEqual(['cleaned'])
    expect(JSON.parse(place.read())).toEqual({ mcpServers: { theirs: {}, old: { command: 'x' } } })
  })

  test('keeps a server of theirs that has the name of one that we took', async () => {
    writeFileSync(place.file, original)
    await record()
    change('"theirs"', '"old": 1,\n    "theirs"')
    expect(await results()).toEqual(['cleaned'])
    expect(formats.jsonc.read(place.read())).toEqual({ value: { mcpServers: { old: 1, theirs: {} } } })
  })

  test('is refused where our entry was edited by hand, unless it is to be overwritten', async () => {
    writeFileSync(place.file, original)
    await record()
    change('39400', '39999')
    const drifted = place.read()
    const [refused] = await undo(history, {})
    expect(refused).toMatchObject({ result: 'refused', client: 'cursor', path: place.file, error: { code: 'customised' } })
    expect(String(refused?.error)).toContain(
      'Entry "mcp-gw" in ~/.client.json was edited by hand. Keep it, or overwrite with --force.',
    )
    expect([place.read(), (await listUndo(history)).length]).toEqual([drifted, 1])
    expect(await results({ customised: 'overwrite' })).toEqual(['cleaned'])
    expect(formats.jsonc.read(place.read())).toEqual({ value: { mcpServers: { theirs: {}, old: { command: 'x' } } } })
  })

  test('that has lost our entry gets back what we took', async () => {
    writeFileSync(place.file, original)
    await record()
    writeFileSync(place.file, formats.jsonc.remove(place.read(), GATEWAY))
    expect(await results()).toEqual(['cleaned'])
    expect(place.read()).toContain('"old": { "command": "x" } // why')
  })

  test('gets back an entry that we changed', async () => {
    const before = lines('{', '  "mcpServers": {', '    "mcp-gw": { "command": "older" } // c', '  }', '}')
    writeFileSync(place.file, before)
    await record()
    change('{\n', '{\n  "theme": 1,\n')
    expect(await results()).toEqual(['cleaned'])
    expect(place.read()).toContain('"mcp-gw": { "command": "older" }')
  })

  test('loses the parents that we made, unless there is something in them now', async () => {
    writeFileSync(place.file, '{\n  "a": 1\n}\n')
    await record()
    change('"a": 1', '"a": 2')
    expect(await results()).toEqual(['cleaned'])
    expect(place.read()).toBe('{\n  "a": 2\n}\n')

    await record()
    writeFileSync(place.file, formats.jsonc.set(place.read(), ['mcpServers', 'new'], 1))
    expect(await results()).toEqual(['cleaned'])
    expect(formats.jsonc.read(place.read())).toEqual({ value: { a: 2, mcpServers: { new: 1 } } })
  })

  test('and was ours alone goes when nothing is left in it, and stays otherwise', async () => {
    await record()
    writeFileSync(place.file, JSON.stringify(JSON.parse(place.read())))
    expect(await results()).toEqual(['deleted'])

    await record()
    writeFileSync(place.file, formats.jsonc.set(place.read(), ['theme'], 'dark'))
    expect(await results()).toEqual(['cleaned'])
    expect(formats.jsonc.read(place.read())).toEqual({ value: { theme: 'dark' } })
  })

  test('between two of our edits keeps what was changed then', async () => {
    writeFileSync(place.file, original)
    await record({ runId: 'run-1', keys: [GATEWAY], edit: (text = '') => formats.jsonc.set(text, GATEWAY, 1) })
    change('// mine', '// still mine')
    await record({ runId: 'run-2', keys: [OLD], edit: (text = '') => formats.jsonc.remove(text, OLD) })
    expect(await results()).toEqual(['cleaned'])
    expect(place.read()).toBe(original.replace('// mine', '// still mine'))
  })

  test('is refused where it cannot be read any more, and is as it was', async () => {
    writeFileSync(place.file, original)
    await record()
    writeFileSync(place.file, '{ broken')
    const [refused] = await undo(history, {})
    expect([refused?.result, String(refused?.error), place.read()]).toEqual([
      'refused',
      'FormatRefusal: line 1, column 3: unexpected "broken"',
      '{ broken',
    ])
  })

  test('is refused where it is of no format, with the place of its backup', async () => {
    writeFileSync(place.file, 'A=1\n')
    const { backup } = await recordedEdit(history, {
      path: place.file,
      runId: 'r',
      client: 'mcp-gw',
      reason: 'init',
      keys: [],
      edit: (text) => `${text}B=2\n`,
    })
    writeFileSync(place.file, 'C=3\n')
    const [refused] = await undo(history, {})
    expect(String(refused?.error)).toContain(`it can only be restored as a whole. Compare it with its backup, ${backup}.`)
  })

  test('and is gone stays gone', async () => {
    writeFileSync(place.file, original)
    await record()
    rmSync(place.file)
    expect(await results()).toEqual(['unchanged'])
    expect(existsSync(place.file)).toBe(false)
  })

  test('whose backup was damaged is mended with care instead', async () => {
    writeFileSync(place.file, original)
    const { backup = '' } = await record()
    writeFileSync(backup, 'damaged')
    expect(await results()).toEqual(['cleaned'])
    expect(formats.jsonc.read(place.read())).toEqual({ value: { mcpServers: { theirs: {}, old: { command: 'x' } } } })
  })
})

describe.each([
  [
    'toml',
    ['mcp_servers', 'mcp-gw'],
    ['mcp_servers', 'old'],
    lines('# mine', '[mcp_servers.old]', 'command = "x" # c', '', '[tui]', 'a = 1'),
  ],
  [
    'yaml',
    ['extensions', 'mcp-gw'],
    ['extensions', 'old'],
    lines('# mine', 'extensions:', '  old: # c', '    command: x', '  b: 1'),
  ],
] as [FormatName, KeyPath, KeyPath, string][])('%s', (format, gateway, old, text) => {
  const both = (body = ''): string => formats[format].set(formats[format].remove(body, old), gateway, entry)

  test('is restored byte for byte, and mended with care', async () => {
    writeFileSync(place.file, text)
    await record({ format, keys: [gateway, old], edit: both })
    expect(await results()).toEqual(['restored'])
    expect(place.read()).toBe(text)

    await record({ format, keys: [gateway, old], edit: both })
    change('# mine', '# not mine')
    expect(await results()).toEqual(['cleaned'])
    expect(formats[format].read(place.read())).toEqual(formats[format].read(text))
    expect(place.read()).toContain(formats[format].slice(text, old)?.trim())
  })
})

describe('what is undone', () => {
  test('is listed, the newest first, until it is undone', async () => {
    await record({ runId: 'one', path: join(place.home, '1') })
    await record({ runId: 'two', path: join(place.home, '2'), client: 'zed' })
    await record({ runId: 'two', path: join(place.home, '2'), client: 'zed' })
    expect((await listUndo(history)).map(({ runId, client, state }) => [runId, client, state])).toEqual([
      ['two', 'zed', 'done'],
      ['one', 'cursor', 'done'],
    ])
    await undo(history, { client: 'zed' })
    expect((await listUndo(history)).map(({ runId }) => runId)).toEqual(['one'])
    expect([existsSync(join(place.home, '1')), existsSync(join(place.home, '2'))]).toEqual([true, false])
  })

  test('may be one run, or the last', async () => {
    for (const run of ['one', 'two', 'three']) await record({ runId: run, path: join(place.home, run) })
    await undo(history, { run: 'one' })
    await undo(history, { run: 'last' })
    expect(readdirSync(place.home)).toEqual(['two'])
    expect(await undo(history, { run: 'one' })).toEqual([])
  })

  test('does not end at a file that cannot be undone', async () => {
    for (const name of ['1', '2', '3']) await record({ path: join(place.home, name) })
    writeFileSync(join(place.home, '2'), '{ broken')
    expect(await results()).toEqual(['deleted', 'refused', 'deleted'])
  })

  test('is undone once', async () => {
    writeFileSync(place.file, original)
    await record()
    expect([await results(), await results(), place.read()]).toEqual([['restored'], [], original])
  })
})

describe('the journal', () => {
  test('is for its owner only', async () => {
    await record()
    expect([place.mode(join(place.state, 'edits.jsonl')), statSync(dirname(place.backups)).mode & 0o777]).toEqual([0o600, 0o700])
  })

  test('knows of an edit before it is made, with what was removed', async () => {
    writeFileSync(place.file, original)
    await record({
      verify: () => {
        throw new Error('wrong')
      },
    }).catch(() => undefined)
    const [known] = await history.journal.entries()
    expect(known).toMatchObject({
      state: 'failed',
      client: 'cursor',
      reason: 'init',
      path: place.file,
      format: 'jsonc',
      createdFile: false,
    })
    expect(known?.changes).toEqual([
      { key: GATEWAY, after: { source: expect.stringContaining('39400'), value: entry }, parents: 1 },
      { key: OLD, before: { source: '"old": { "command": "x" } // why', value: { command: 'x' } }, parents: 1 },
    ])
    expect([await listUndo(history), place.read()]).toEqual([[], original])
  })

  test('outlives half a line', async () => {
    await record({ path: join(place.home, '1') })
    const file = join(place.state, 'edits.jsonl')
    writeFileSync(file, '{"type":"intended","entry":{"id":"x', { flag: 'a' })
    await record({ path: join(place.home, '2') })
    writeFileSync(file, 'nonsense\n{"type":"done"}\n{"type":"done","id":"unknown"}\n{"type":"intended"}\n[]\n', { flag: 'a' })
    expect((await history.journal.entries()).map(({ path, state }) => [path, state])).toEqual([
      [join(place.home, '1'), 'done'],
      [join(place.home, '2'), 'done'],
    ])
  })

  test('takes an edit that mends a file nobody could read', async () => {
    writeFileSync(place.file, '{ broken')
    await record({ edit: () => moved('{}') })
    expect(await results()).toEqual(['restored'])
    expect(place.read()).toBe('{ broken')
  })

  test('remembers by what it says an entry that cannot be cut out', async () => {
    writeFileSync(place.file, '? old\n: a\n')
    await record({ format: 'yaml', keys: [['old']], edit: () => 'new: 1\n' })
    writeFileSync(place.file, 'new: 2\n')
    expect(await results()).toEqual(['cleaned'])
    expect(formats.yaml.read(place.read())).toEqual({ value: { new: 2, old: 'a' } })
  })

  test('says nothing of an edit that changed nothing', async () => {
    writeFileSync(place.file, original)
    expect(await record({ edit: (text) => text })).toMatchObject({ changed: false })
    expect(await history.journal.entries()).toEqual([])
  })
})
