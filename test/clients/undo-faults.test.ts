import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { formats } from '../../src/clients/formats/formats.ts'
import { type History, historyIn } from '../../src/clients/journal.ts'
import { recordedEdit } from '../../src/clients/recorded-edit.ts'
import { listUndo, undo } from '../../src/clients/undo.ts'
import { realEditSystem } from '../../src/std/edit-system.ts'
import { aSecondLater, stoppingAt } from '../support/edit-faults.ts'
import { temporaryFolder } from '../support/gateway.ts'

const GATEWAY = ['mcpServers', 'mcp-gw']
const OLD = ['mcpServers', 'old']
const before = '{\n  // mine\n  "mcpServers": {\n    "old": { "command": "x" }\n  }\n}\n'
/** More than an edit takes, or an undo. */
const OPERATIONS_MAX = 200

const folder = temporaryFolder()
afterAll(() => folder.remove())
let places = 0

interface Scenario {
  name: string
  text: string | undefined
  format?: 'jsonc'
}
const scenarios: Scenario[] = [
  { name: 'a change', text: before, format: 'jsonc' },
  { name: 'a new file in a new folder', text: undefined, format: 'jsonc' },
  { name: 'a change of a file of no format', text: before },
]

function prepare({ text }: Scenario) {
  const home = join(folder.path, String(places++))
  const path = join(home, 'client', 'config.json')
  mkdirSync(home)
  if (text !== undefined) {
    mkdirSync(join(home, 'client'))
    writeFileSync(path, text)
  }
  const state = join(home, 'state')
  const now = (): string | undefined => (existsSync(path) ? readFileSync(path, 'utf8') : undefined)
  return { path, now, home, state, history: historyIn(state, aSecondLater(realEditSystem(home))) }
}
type Place = ReturnType<typeof prepare>

const record = (history: History, { path }: Place, { format }: Scenario) =>
  recordedEdit(history, {
    path,
    runId: 'run',
    client: 'cursor',
    reason: 'init',
    ...(format && { format }),
    keys: [GATEWAY, OLD],
    edit: (text = '') => formats.jsonc.set(formats.jsonc.remove(text, OLD), GATEWAY, { url: 'u' }),
  })

/** Does it up to the n-th operation. False where it is done by then. */
async function stopsAt(n: number, { state, home }: Place, work: (history: History) => Promise<unknown>): Promise<boolean> {
  const { system, stopped } = stoppingAt(realEditSystem(home), n)
  const end = await Promise.race([stopped, work(historyIn(state, system))])
  // Ten seconds later nobody believes in these any more.
  for (const name of readdirSync(home, { recursive: true, encoding: 'utf8' }))
    if (name.endsWith('.lock')) rmSync(join(home, name), { recursive: true })
  return end === 'stopped'
}

describe.each(scenarios)('$name', (scenario) => {
  test('that was cut off anywhere is undone', async () => {
    for (let n = 1; n < OPERATIONS_MAX; n++) {
      const place = prepare(scenario)
      const cut = await stopsAt(n, place, (history) => record(history, place, scenario))
      const written = place.now()
      expect(written === scenario.text || written?.includes('"url": "u"')).toBe(true)
      const isKnown = (await listUndo(place.history)).length === 1
      // What nobody remembers was not done.
      expect(isKnown || written === scenario.text).toBe(true)
      const results = await undo(place.history, {})
      expect([place.now(), await listUndo(place.history)]).toEqual([scenario.text, []])
      if (isKnown)
        expect(results[0]?.result).toBe(written === scenario.text ? 'unchanged' : scenario.text ? 'restored' : 'deleted')
      if (isKnown && scenario.text === undefined) expect(readdirSync(place.home)).toEqual(['state'])
      if (!cut) return expect(n).toBeGreaterThan(40)
    }
    expect.fail('the edit has no end')
  })

  test('is undone at last, wherever undoing it was cut off', async () => {
    for (let n = 1; n < OPERATIONS_MAX; n++) {
      const place = prepare(scenario)
      await record(place.history, place, scenario)
      const after = place.now()
      const cut = await stopsAt(n, place, (history) => undo(history, {}))
      expect([after, scenario.text]).toContain(place.now())
      await undo(place.history, {})
      expect([place.now(), await listUndo(place.history)]).toEqual([scenario.text, []])
      if (scenario.text === undefined) expect(readdirSync(place.home)).toEqual(['state'])
      if (!cut) return expect(n).toBeGreaterThan(40)
    }
    expect.fail('undo has no end')
  })
})
