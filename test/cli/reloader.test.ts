import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ReloadReport } from '../../src/cli/reload-report.ts'
import { Reloader } from '../../src/cli/reloader.ts'
import { defaults, type Loaded } from '../../src/config/load.ts'
import { configSchema } from '../../src/config/schema.ts'
import { Engine } from '../../src/gateway/engine.ts'
import { createLog } from '../../src/observe/log.ts'
import { Redactor } from '../../src/std/secret.ts'
import { Children } from '../../src/upstream/children.ts'

let engine: Engine
let reloader: Reloader
let loads: number
let told: ReloadReport[]
/** What loading gives at this moment, after some time. */
let lying: () => Loaded

const idle = (minutes: number): Loaded => defaults(configSchema.parse({ sessions: { idle: `${minutes}m` } }), 'the-file')
const problem = { file: 'the-file', line: 3, column: 5, key: 'servers.x', message: 'is wrong' }

beforeEach(() => {
  const redactor = new Redactor()
  const log = createLog('silent', redactor, { terminal: false, write: () => undefined })
  const config = configSchema.parse({ sessions: { idle: '1m' } })
  loads = 0
  told = []
  lying = () => idle(1)
  const children = new Children({ env: {}, stateDir: '/nowhere', log })
  engine = new Engine({ ...config, version: '0', children, log })
  const load = async (): Promise<Loaded> => {
    loads++
    const now = lying()
    await sleep(20)
    return now
  }
  const reloaded = (report: ReloadReport): void => void told.push(report)
  reloader = new Reloader({ engine, listener: undefined, log, redactor, flags: {}, load, reloaded }, { config, file: 'the-file' })
})
afterEach(() => engine.close())

test('whoever asks while a reload runs shares the next one, and that has the latest state', async () => {
  lying = () => idle(2)
  const first = reloader.request('a')
  lying = () => idle(3)
  const others = [reloader.request('b'), reloader.request('c')]
  lying = () => idle(4)
  expect(others[0]).toBe(others[1])
  await Promise.all([first, ...others])
  expect(loads).toBe(2)
  expect(told.map(({ keys }) => keys)).toEqual([['sessions.idle'], ['sessions.idle']])
  await reloader.request('d')
  expect(told.at(-1)).toMatchObject({ keys: [], last: 'changed sessions.idle' })
})

test('two reloads never run at once', async () => {
  let running = 0
  let most = 0
  lying = () => {
    most = Math.max(most, ++running)
    setTimeout(() => running--, 15)
    return idle(1)
  }
  for (let i = 0; i < 10; i++) {
    void reloader.request('x')
    await sleep(7)
  }
  await reloader.request('x')
  expect(most).toBe(1)
})

test('problems are shown until the file is in order, and what was in force stays so', async () => {
  const { loadedAt } = reloader.state
  lying = () => ({ problems: [problem] })
  expect(await reloader.request('x')).toEqual({ problems: [problem] })
  expect(reloader.state).toEqual({ file: 'the-file', loadedAt, problems: [problem] })
  lying = () => idle(1)
  expect(await reloader.request('x')).toMatchObject({ report: { keys: [], loadedAt } })
  expect(reloader.state).toEqual({ file: 'the-file', loadedAt, problems: [] })
  expect(told).toHaveLength(1)
})

test('a failure inside is a problem too, and the next reload is none the worse', async () => {
  lying = () => {
    throw new Error('no memory')
  }
  expect(await reloader.request('x')).toEqual({
    problems: [expect.objectContaining({ message: 'the reload failed: no memory' })],
  })
  lying = () => idle(2)
  expect(await reloader.request('x')).toMatchObject({ report: { keys: ['sessions.idle'] } })
})

test('after the end nothing is loaded any more, and the end waits for what runs', async () => {
  const last = reloader.request('x')
  await reloader.close()
  expect(told).toHaveLength(1)
  await last
  expect(await reloader.request('y')).toEqual({
    problems: [expect.objectContaining({ message: 'the gateway is shutting down' })],
  })
  expect(loads).toBe(1)
})
