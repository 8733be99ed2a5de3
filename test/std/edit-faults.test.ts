import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { editFile } from '../../src/std/edit-file.ts'
import { realEditSystem } from '../../src/std/edit-system.ts'
import { aSecondLater, bundled, interrupted, run } from '../support/edit-faults.ts'
import { temporaryFolder } from '../support/gateway.ts'

const OLD = `${'an old line\n'.repeat(500)}`
const NEW = `${'a new line\n'.repeat(700)}`
/** More than any edit takes. */
const OPERATIONS_MAX = 150

const folder = temporaryFolder()
let program: string
beforeAll(async () => {
  program = await bundled(join(import.meta.dirname, '../fixtures/edit-and-die.ts'), folder.path)
})
afterAll(() => folder.remove())

interface Scenario {
  name: string
  before: string | undefined
  after: string | undefined
}
const scenarios: Scenario[] = [
  { name: 'a change behind a link', before: OLD, after: NEW },
  { name: 'a new file in a new folder', before: undefined, after: NEW },
  { name: 'a removal', before: OLD, after: undefined },
]

/** A home folder as it is before the edit. */
function prepare({ name, before }: Scenario, n: number) {
  const home = join(folder.path, `${name} ${n}`)
  const path = join(home, 'folder', 'client.json')
  mkdirSync(home, { recursive: true })
  if (before !== undefined) {
    mkdirSync(join(home, 'folder'))
    writeFileSync(join(home, 'real.json'), before, { mode: 0o640 })
    if (name.includes('link')) symlinkSync(join('..', 'real.json'), path)
    else writeFileSync(path, before, { mode: 0o640 })
  }
  return { home, path, backups: join(home, 'state', 'backups') }
}

const textOf = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, 'utf8') : undefined)

/** What no edit may leave for good: drafts, halves of backups, locks. */
function clutter(home: string): string[] {
  return readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(tmp|lock)$/.test(name))
}

/** Makes the locks of a killed program as old as they are ten seconds later. */
function age(home: string): void {
  const longAgo = new Date(Date.now() - 11_000)
  for (const name of clutter(home)) if (name.endsWith('.lock')) utimesSync(join(home, name), longAgo, longAgo)
}

function expectWhole(path: string, { before, after }: Scenario): void {
  const text = textOf(path)
  // Compared first, because thousands of lines say less than this.
  expect([before, after].includes(text), `the file holds ${text?.length} characters`).toBe(true)
  if (before !== undefined && text !== undefined) expect(statSync(path).mode & 0o777).toBe(0o640)
}

/** After whatever happened, the next run does it, and cleans up. */
async function expectMendable({ home, path, backups }: ReturnType<typeof prepare>, { after, before }: Scenario): Promise<void> {
  age(home)
  await editFile({ path, backups, locks: [path], edit: () => `${after ?? ''}!` }, aSecondLater(realEditSystem(home)))
  expect(textOf(path)).toBe(`${after ?? ''}!`)
  expect(clutter(home)).toEqual([])
  const kept = existsSync(backups)
    ? readdirSync(backups, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.bak'))
    : []
  for (const name of kept) expect([before, after, ''].includes(textOf(join(backups, name)))).toBe(true)
}

// A removal is one operation of the system; the others are made of many.
test.each(scenarios.slice(0, 2))(
  '$name leaves a whole file when the process is killed at any operation',
  { timeout: 120_000 },
  async (scenario) => {
    for (let dieAt = 1; dieAt < OPERATIONS_MAX; dieAt++) {
      const place = prepare(scenario, dieAt)
      const { home, path, backups } = place
      const { signal, stderr } = await run(program, { home, backups, text: scenario.after, dieAt })
      expect(stderr).toBe('')
      if (signal === null) {
        expect(dieAt).toBeGreaterThan(30)
        expect(textOf(path) === scenario.after).toBe(true)
        return
      }
      expectWhole(path, scenario)
      await expectMendable(place, scenario)
    }
    expect.fail('the edit has no end')
  },
)

describe.each(scenarios)('$name', (scenario) => {
  test.each(['fails', 'fails halfway'])('leaves a whole file when any operation %s', async (how) => {
    for (let failAt = 1; failAt < OPERATIONS_MAX; failAt++) {
      const place = prepare(scenario, 1_000 + failAt + (how === 'fails' ? 0 : 500))
      const { home, path, backups } = place
      let operations = 0
      const system = interrupted(aSecondLater(realEditSystem(home)), async (operation, half) => {
        if (++operations !== failAt) return
        if (how === 'fails halfway') await half()
        throw Object.assign(new Error(`${operation} failed`), { code: 'EIO' })
      })
      const failure = await editFile({ path, backups, locks: [path], edit: () => scenario.after }, system).then(
        () => undefined,
        (error: unknown) => error as Error,
      )
      expectWhole(path, scenario)
      // What was said to have happened has happened.
      if (!failure) expect(textOf(path) === scenario.after).toBe(true)
      if (operations < failAt) return
      await expectMendable(place, scenario)
    }
    expect.fail('the edit has no end')
  })
})
