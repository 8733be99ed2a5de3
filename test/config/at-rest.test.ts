import { appendFileSync, existsSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readAtRest } from '../../src/config/at-rest.ts'
import { temporaryFolder } from '../support/gateway.ts'

let folder: ReturnType<typeof temporaryFolder>
let file: string
let reads: number

beforeEach(() => {
  folder = temporaryFolder()
  file = join(folder.path, 'c.yaml')
  reads = 0
})
afterEach(() => folder.remove())

const read = async (): Promise<string | undefined> => {
  reads++
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

test('a file that rests is read at once', async () => {
  writeFileSync(file, 'one')
  await sleep(80)
  const begun = performance.now()
  expect(await readAtRest(file, read)).toBe('one')
  expect(performance.now() - begun).toBeLessThan(40)
})

test('a file that was emptied is read when it is filled', async () => {
  writeFileSync(file, '')
  setTimeout(() => writeFileSync(file, 'two'), 200)
  expect(await readAtRest(file, read)).toBe('two')
})

test('a file that was moved away is read when another one is there', async () => {
  writeFileSync(`${file}~`, 'two')
  setTimeout(() => renameSync(`${file}~`, file), 200)
  expect(await readAtRest(file, read)).toBe('two')
})

test('a file that is written bit by bit is read when it is whole', async () => {
  writeFileSync(file, 'a')
  const timer = setInterval(() => appendFileSync(file, 'a'), 10)
  setTimeout(() => clearInterval(timer), 300)
  const content = await readAtRest(file, read)
  expect(content).toBe(readFileSync(file, 'utf8'))
  expect(content?.length).toBeGreaterThan(5)
})

test('what was written while it was read is read again', async () => {
  writeFileSync(file, 'one')
  await sleep(80)
  const slowly = async () => {
    const content = await read()
    if (reads === 1) writeFileSync(file, 'two')
    return content
  }
  expect(await readAtRest(file, slowly)).toBe('two')
  expect(reads).toBe(2)
})

test.each([
  ['is empty', () => writeFileSync(file, ''), ''],
  ['is away', () => rmSync(file, { force: true }), undefined],
])('a file that %s and stays so is read as it is', async (_what, make, expected) => {
  make()
  const begun = performance.now()
  expect(await readAtRest(file, read)).toBe(expected)
  expect(performance.now() - begun).toBeGreaterThan(900)
})

test('a file that never rests is read in the end, and so is one from the future', async () => {
  writeFileSync(file, 'a')
  const timer = setInterval(() => appendFileSync(file, 'a'), 10)
  expect(await readAtRest(file, read).finally(() => clearInterval(timer))).toMatch(/^a{10,}$/)
  utimesSync(file, 4_000_000_000, 4_000_000_000)
  expect(await readAtRest(file, read)).toMatch(/^a+$/)
})
