/** The `.env` beside a config: read where the environment lacks a variable, and edited without touching another line. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { parseVariables } from '../../src/config/env-file.ts'
import { setVariable, unsetVariable } from '../../src/config/env-text.ts'
import { envVariables, removeSecret, type SecretStore, storeSecret } from '../../src/config/secret-store.ts'
import { editFile } from '../../src/std/edit-file.ts'
import { reveal } from '../../src/std/secret.ts'
import { temporaryFolder } from '../support/gateway.ts'
import { bad, good } from './parsed.ts'

const CONFIG = 'servers: { a: { url: "https://x", headers: { A: "Bearer ${TOKEN}" } } }'
const header = async (world: Parameters<typeof good>[1]) => reveal((await good(CONFIG, world)).config.servers.a!.headers.A!)

describe('a .env beside the config', () => {
  test('gives what the environment lacks, and only that', async () => {
    const files = { '/project/.env': '\uFEFF# mine\nexport TOKEN="from file"\nHOME=/nowhere\n' }
    expect(await header({ files })).toBe('Bearer from file')
    expect(await header({ files, env: { TOKEN: 'from outside' } })).toBe('Bearer from outside')
    expect(await header({ files: { '/etc/.env': 'TOKEN=there' }, file: '/etc/mcp-gw.yaml' })).toBe('Bearer there')
    expect(await bad(CONFIG)).toEqual([expect.stringContaining('server a needs ${TOKEN}, which is not set')])
  })

  test('holds secrets: no log shows them', async () => {
    const { redactor } = await good(CONFIG, { files: { '/project/.env': 'TOKEN=sekret-123\n' } })
    expect(redactor.scrub('sent sekret-123')).toBe('sent ${TOKEN}')
  })

  test('does not change where a person is at home', async () => {
    const files = { '/project/.env': 'HOME=/nowhere\nP=1\n' }
    const { config } = await good('servers: { a: { command: ~/x } }', { files })
    expect(config.servers.a!.command).toBe('/home/anna/x')
  })
})

describe('editing a .env', () => {
  test.each([
    ['an empty one', '', 'A=b\n'],
    ['the end', 'X=1', 'X=1\nA=b\n'],
    ['the old place', 'X=1\r\n  export A = "old" # why\r\nY=2\r\n', 'X=1\r\nA=b\r\nY=2\r\n'],
    ['the last of several, which counts', 'A=1\nA=2\n', 'A=1\nA=b\n'],
  ])('sets a variable in %s', (_where, before, after) => {
    expect(setVariable(before, 'A', 'b')).toEqual({ text: after })
  })

  test('takes a variable away with its line', () => {
    expect(unsetVariable('X=1\nA=b\n# c\n', 'A')).toEqual({ text: 'X=1\n# c\n' })
    expect(unsetVariable('X=1\n', 'A')).toEqual({ text: 'X=1\n' })
  })

  test('refuses what it cannot change without harm', () => {
    expect(setVariable('A="one\ntwo"\n', 'A', 'x')).toEqual({
      error: 'A stands there in a form that cannot be edited; change it by hand',
    })
    expect(setVariable('X="\nA=in a value\n"\n', 'A', 'x')).toHaveProperty('error')
    expect(setVariable('', 'a-b', 'x')).toEqual({ error: 'a-b is no name of a variable; a name has letters, digits and _' })
    expect(setVariable('', 'A', `'"\``)).toHaveProperty('error')
  })

  test('any value comes back as it was, and other variables stay, or the edit is refused', () => {
    const value = fc.string({
      unit: fc.constantFrom('a', ' ', '"', "'", '`', '\\', 'n', '#', '$', '{', '=', '\n', '\r', 'é', '\t'),
    })
    fc.assert(
      fc.property(fc.array(value, { maxLength: 3 }), value, (others, fresh) => {
        let text = '# mine\n'
        for (const [i, other] of others.entries()) {
          const set = setVariable(text, `V${i}`, other)
          if ('text' in set) text = set.text
        }
        const before = parseVariables(text)
        const set = setVariable(text, 'A', fresh)
        if (!('text' in set)) {
          expect(fresh).toMatch(/['"`\r\\]/)
          return
        }
        expect(parseVariables(set.text)).toEqual({ ...before, A: fresh })
        expect(set.text.startsWith(text)).toBe(true)
        expect(unsetVariable(set.text, 'A')).toEqual(fresh.includes('\n') ? expect.anything() : { text })
      }),
    )
  })
})

describe('the store of secrets', () => {
  const folder = temporaryFolder()
  afterAll(() => folder.remove())
  const store = (name: string): SecretStore => {
    mkdirSync(join(folder.path, name))
    return {
      place: 'env',
      folder: join(folder.path, name),
      write: (edit) => editFile({ ...edit, backups: join(folder.path, 'backups') }),
      journal: join(folder.path, name, 'state', 'secrets.jsonl'),
      runId: 'run-1',
    }
  }

  test('keeps them in a file that only its owner can read, and gives what to write for them', async () => {
    const mine = store('fresh')
    expect(await storeSecret('TOKEN', 'sekret 123', mine)).toEqual({ text: '${TOKEN}' })
    expect(readFileSync(join(mine.folder, '.env'), 'utf8')).toBe("TOKEN='sekret 123'\n")
    expect(statSync(join(mine.folder, '.env')).mode & 0o777).toBe(0o600)
    expect(await envVariables(mine.folder)).toEqual({ TOKEN: 'sekret 123' })
  })

  test('closes a file that others could read', async () => {
    const mine = store('open')
    writeFileSync(join(mine.folder, '.env'), 'X=1\n', { mode: 0o644 })
    await storeSecret('TOKEN', 'sekret-123', mine)
    expect(statSync(join(mine.folder, '.env')).mode & 0o777).toBe(0o600)
  })

  test('remembers what it has stored and removed, and never the value', async () => {
    const mine = store('journal')
    await storeSecret('TOKEN', 'sekret-123', mine)
    expect(await removeSecret('TOKEN', mine)).toBe(true)
    expect(await removeSecret('TOKEN', mine)).toBe(false)
    const journal = readFileSync(mine.journal, 'utf8')
    const records = journal
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object)
    const file = join(mine.folder, '.env')
    expect(records).toEqual([
      { at: expect.any(String), runId: 'run-1', done: 'stored', place: 'env', name: 'TOKEN', file },
      { at: expect.any(String), runId: 'run-1', done: 'removed', place: 'env', name: 'TOKEN', file },
    ])
    expect(journal).not.toContain('sekret')
    expect(statSync(mine.journal).mode & 0o777).toBe(0o600)
  })

  test('says why a secret cannot be stored', async () => {
    const mine = store('refused')
    writeFileSync(join(mine.folder, '.env'), 'TOKEN="a\nb"\n')
    expect(await storeSecret('TOKEN', 'x', mine)).toEqual({
      error: expect.stringContaining('.env: TOKEN stands there in a form'),
    })
    expect(readFileSync(join(mine.folder, '.env'), 'utf8')).toBe('TOKEN="a\nb"\n')
  })
})
