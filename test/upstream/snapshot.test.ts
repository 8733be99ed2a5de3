/** What is known of a server comes back from disk to the byte, or not at all. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Known } from '../../src/upstream/knowledge.ts'
import { EMPTY_LISTING, type Item, readItem } from '../../src/upstream/listing.ts'
import { serverOptions } from '../../src/upstream/options.ts'
import { SnapshotFolder } from '../../src/upstream/snapshot.ts'
import { temporaryFolder } from '../support/gateway.ts'
import { until } from '../support/processes.ts'
import { quietLog } from '../support/quiet-log.ts'

const folder = temporaryFolder()
afterAll(() => folder.remove())

const options = serverOptions.parse({ command: 'server' })
const store = (at: string) => new SnapshotFolder(join(folder.path, at), quietLog()).of('one', () => options)

/** Entries with what JSON allows: spaces, numbers that no parser keeps, characters of several bytes, keys in any place. */
const TOOLS = [
  '{ "name" : "plain", "big": 12345678901234567890.10 }',
  '{"description":"grüezi 日本 🙂 \\u00e9","name":"späť \\"quoted\\" 🙂"}',
  '{"inputSchema":{"properties":{"name":{"type":"string"}}},"name":""}',
]

async function kept(at: string): Promise<Known> {
  const tools = TOOLS.map((text) => readItem(Buffer.from(text), 'name') as Item)
  const identity = { initialize: { serverInfo: { name: 'x' } }, version: '2025-11-25', capabilities: {}, instructions: undefined }
  const known = { identity, listing: { ...EMPTY_LISTING, tools } }
  store(at).write([['{}', known]])
  await until(() => (files(at).length === 1 ? true : undefined), 'nothing is written')
  return known
}

function files(at: string): string[] {
  try {
    return readdirSync(join(folder.path, at)).filter((name) => name.endsWith('.json'))
  } catch {
    return []
  }
}

test('every entry comes back with its bytes, and with the place of what identifies it', async () => {
  const known = await kept('sound')
  expect(await store('sound').read()).toEqual([['{}', known]])
})

test('a file whose places do not fit its texts is as good as none', async () => {
  await kept('damaged')
  const file = join(folder.path, 'damaged', files('damaged')[0] as string)
  const text = readFileSync(file, 'utf8')
  // The place of the first name, one byte further.
  const moved = text.replace(/",11,18\]/, '",12,19]')
  expect(moved).not.toBe(text)
  writeFileSync(file, moved)
  expect(await store('damaged').read()).toEqual([])
  writeFileSync(file, '{')
  expect(await store('damaged').read()).toEqual([])
})
