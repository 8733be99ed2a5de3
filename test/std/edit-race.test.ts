import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundled, run } from '../support/edit-faults.ts'
import { temporaryFolder } from '../support/gateway.ts'

const TIMES = 6

const folder = temporaryFolder()
let program: string
beforeAll(async () => {
  program = await bundled(join(import.meta.dirname, '../fixtures/edit-often.ts'), folder.path)
})
afterAll(() => folder.remove())

test.each([
  ['several gateways at once', { one: 'ours', two: 'ours', three: 'ours' }],
  ['a gateway and a program that takes the lock', { one: 'ours', two: 'theirs', three: 'theirs' }],
])('%s lose no change of one another', { timeout: 60_000 }, async (name, writers) => {
  const home = join(folder.path, name)
  const path = join(home, 'client.json')
  mkdirSync(home)
  writeFileSync(path, '')
  const runs = Object.entries(writers).map(([writer, how]) =>
    run(program, { home, path, backups: join(folder.path, `${name} backups`), name: writer, times: TIMES, how }),
  )
  for (const { stderr } of await Promise.all(runs)) expect(stderr).toBe('')
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  const expected = Object.keys(writers).flatMap((writer) => Array.from({ length: TIMES }, (_, i) => `${writer} ${i}`))
  expect(lines.sort()).toEqual(expected.sort())
  expect(readdirSync(home)).toEqual(['client.json'])
})
