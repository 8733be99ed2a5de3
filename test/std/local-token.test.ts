import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { localToken, localTokenFile } from '../../src/std/local-token.ts'
import { temporaryFolder } from '../support/gateway.ts'

let folder: ReturnType<typeof temporaryFolder>
let file: string

beforeEach(() => {
  folder = temporaryFolder()
  file = join(folder.path, 'state', 'mcp-gw', 'token')
})
afterEach(() => folder.remove())

const mode = (path: string): number => statSync(path).mode & 0o777

test('the file lies in the state folder of the environment', () => {
  expect(localTokenFile({ HOME: '/home/ann', XDG_STATE_HOME: '/state' })).toBe(join('/state', 'mcp-gw', 'token'))
})

test('the first to ask makes it, for its owner only', async () => {
  const token = await localToken(file)
  expect(token).toMatch(/^[\w-]{43}$/)
  expect(readFileSync(file, 'utf8')).toBe(`${token}\n`)
  expect([mode(file), mode(dirname(file))]).toEqual([0o600, 0o700])
})

test('whoever asks later gets the same', async () => {
  expect(await localToken(file)).toBe(await localToken(file))
})

test('forty who ask at once get the same, and leave nothing else behind', async () => {
  const tokens = await Promise.all(Array.from({ length: 40 }, () => localToken(file)))
  expect(new Set(tokens).size).toBe(1)
  expect(readFileSync(file, 'utf8').trim()).toBe(tokens[0])
  expect(readdirSync(dirname(file))).toEqual(['token'])
})

test('half a file is replaced', async () => {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, 'abc')
  const token = await localToken(file)
  expect(token).toMatch(/^[\w-]{43}$/)
  expect(await localToken(file)).toBe(token)
  expect(mode(file)).toBe(0o600)
})

test('a file that others could read is closed to them', async () => {
  const token = await localToken(file)
  chmodSync(file, 0o644)
  expect(await localToken(file)).toBe(token)
  expect(mode(file)).toBe(0o600)
})

test('where no file can be made, it says so', async () => {
  mkdirSync(dirname(dirname(file)), { recursive: true })
  writeFileSync(dirname(file), 'a file where the folder belongs')
  await expect(localToken(file)).rejects.toThrow(/ENOTDIR|EEXIST/)
})
