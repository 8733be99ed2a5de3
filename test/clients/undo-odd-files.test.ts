import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc, { type Arbitrary } from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { type FormatName, FormatRefusal, type Tree } from '../../src/clients/formats/format.ts'
import { formats } from '../../src/clients/formats/formats.ts'
import { historyIn } from '../../src/clients/journal.ts'
import { recordedEdit } from '../../src/clients/recorded-edit.ts'
import { undo } from '../../src/clients/undo.ts'
import { realEditSystem } from '../../src/std/edit-system.ts'
import { aSecondLater } from '../support/edit-faults.ts'
import { temporaryFolder } from '../support/gateway.ts'
import { type OddFile, oddJsonc, oddToml, oddYaml } from '../support/odd-files.ts'

const GATEWAY = ['servers', 'mcp-gw']
const folder = temporaryFolder()
afterAll(() => folder.remove())

const path = join(folder.path, 'client')
const state = join(folder.path, 'state')
const history = historyIn(state, aSecondLater(realEditSystem(folder.path)))

const files: [FormatName, Arbitrary<OddFile>][] = [
  ['jsonc', oddJsonc],
  ['toml', oddToml],
  ['yaml', oddYaml],
]

describe.each(files)('%s', (name, arbitrary) => {
  const format = formats[name]
  const withServers = arbitrary.filter(({ servers }) => servers !== undefined && servers.length > 0)

  /** Takes the first server away and adds the gateway; undefined where the file is one in which that would do more. */
  async function exported({ text, servers }: OddFile): Promise<'done' | undefined> {
    rmSync(state, { recursive: true, force: true })
    writeFileSync(path, text)
    const key = ['servers', servers?.[0] ?? '']
    const edit = (before = '') => format.set(format.remove(before, key), GATEWAY, { url: 'u', args: ['a'] })
    try {
      await recordedEdit(history, { path, runId: 'run', client: 'x', reason: 'init', format: name, keys: [GATEWAY, key], edit })
      return 'done'
    } catch (error) {
      expect(error).toBeInstanceOf(FormatRefusal)
      expect(readFileSync(path, 'utf8')).toBe(text)
      return undefined
    }
  }

  const read = (text: string): Tree => {
    const result = format.read(text)
    return 'value' in result ? result.value : {}
  }

  test('undo is the identity', async () => {
    await fc.assert(
      fc.asyncProperty(withServers, async (file) => {
        if (!(await exported(file))) return
        expect(await undo(history, {})).toMatchObject([{ result: 'restored' }])
        expect(readFileSync(path, 'utf8')).toBe(file.text)
      }),
      { numRuns: 25 },
    )
  })

  test('undo in a file that got one more server keeps that, and says else what it said', async () => {
    await fc.assert(
      fc.asyncProperty(withServers, async (file) => {
        if (!(await exported(file))) return
        writeFileSync(path, format.set(readFileSync(path, 'utf8'), ['servers', 'new'], { command: 'n' }))
        expect(await undo(history, {})).toMatchObject([{ result: 'cleaned' }])
        const { servers, ...rest } = read(file.text)
        expect(read(readFileSync(path, 'utf8'))).toEqual({ ...rest, servers: { ...(servers as Tree), new: { command: 'n' } } })
      }),
      { numRuns: 25 },
    )
  })
})
