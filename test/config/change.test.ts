/** A change of the config is loaded before it is written: nothing that would break the config gets into the file. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { makeChange, planChange, type WriteFile } from '../../src/config/change.ts'
import { addServer, removeServers, setKey } from '../../src/config/edit/edit.ts'
import { contextOf } from '../../src/config/load.ts'
import { formatProblem } from '../../src/config/problem.ts'
import { editFile } from '../../src/std/edit-file.ts'
import { temporaryFolder } from '../support/gateway.ts'

const folder = temporaryFolder()
afterAll(() => folder.remove())
const path = join(folder.path, 'mcp-gw.yaml')
const target = { path, fresh: '# fresh\nservers: {}\n' }
const context = contextOf({ cwd: folder.path, env: { HOME: folder.path } })
const write: WriteFile = (edit) => editFile({ ...edit, backups: join(folder.path, 'backups') })

const GOOD = 'servers:\n  a: { url: "http://x" } # mine\n'
beforeEach(() => writeFileSync(path, GOOD))

const problems = (planned: object): string[] => ('problems' in planned ? (planned.problems as never[]).map(formatProblem) : [])

test('is planned without being made, and then made', async () => {
  const edit = addServer('b', { command: 'x' })
  const planned = await planChange(target, edit, context)
  expect(planned).toMatchObject({ before: GOOD, after: `${GOOD}  b:\n    command: x\n`, problems: [] })
  expect(readFileSync(path, 'utf8')).toBe(GOOD)
  await makeChange(target, edit, { context, write })
  expect(readFileSync(path, 'utf8')).toBe(`${GOOD}  b:\n    command: x\n`)
})

test('begins a new file from the fresh text', async () => {
  const elsewhere = { ...target, path: join(folder.path, 'new', 'mcp-gw.yaml') }
  await makeChange(elsewhere, addServer('b', { command: 'x' }), { context, write })
  expect(readFileSync(elsewhere.path, 'utf8')).toBe('# fresh\nservers:\n  b:\n    command: x\n')
})

test('is refused, at its place, where the config would no longer load', async () => {
  const wrong = await planChange(target, addServer('b', { command: 'x', url: 'http://y', timeout: '2 minutes' }), context)
  expect(problems(wrong)).toEqual([
    'mcp-gw.yaml:5:5 servers.b: has both command and url; keep the one that is meant',
    'mcp-gw.yaml:6:14 servers.b.timeout: expected a duration such as 250ms, 30s, 5m or 2h, got "2 minutes"',
  ])
  const unset = await planChange(target, addServer('b', { command: 'x', env: { A: '${NOT_SET}' } }), context)
  expect(problems(unset)).toEqual([expect.stringContaining('server b needs ${NOT_SET}, which is not set')])
})

test('of a config that has problems already is allowed where it adds none, and mends', async () => {
  writeFileSync(path, `servers:\n  bad: { url: "http://x", headrs: {} }\n  a: { url: "http://x" }\n`)
  const other = await planChange(target, setKey('a', 'disabled', true), context)
  expect(other).toMatchObject({
    after: expect.stringContaining('disabled: true'),
    settled: undefined,
    problems: [{ key: 'servers.bad.headrs' }],
  })
  const mended = await planChange(target, removeServers(['bad']), context)
  expect(mended).toMatchObject({ after: 'servers:\n  a: { url: "http://x" }\n', problems: [] })
})

test('keeps a byte order mark and the line breaks of the file', async () => {
  writeFileSync(path, '\uFEFFservers:\r\n  a: { url: "http://x" }\r\n')
  await makeChange(target, addServer('b', { command: 'x' }), { context, write })
  expect(readFileSync(path, 'utf8')).toBe('\uFEFFservers:\r\n  a: { url: "http://x" }\r\n  b:\r\n    command: x\r\n')
})

test('is planned anew where somebody else was faster', async () => {
  let raced = false
  const slow: WriteFile = (edit) => {
    if (!raced) writeFileSync(path, `${GOOD}# theirs\n`)
    raced = true
    return write(edit)
  }
  await makeChange(target, addServer('b', { command: 'x' }), { context, write: slow })
  expect(readFileSync(path, 'utf8')).toBe(`${GOOD}  b:\n    command: x\n# theirs\n`)
})

test('gives up on a file that never rests, and says so', async () => {
  let n = 0
  const racing: WriteFile = (edit) => {
    writeFileSync(path, `${GOOD}# ${n++}\n`)
    return write(edit)
  }
  await expect(makeChange(target, addServer('b', { command: 'x' }), { context, write: racing })).rejects.toThrow(
    'the config keeps changing while it is edited',
  )
})
