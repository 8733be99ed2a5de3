/** Which servers are put to sleep when all of them together take more memory than the config allows. */
import { beforeEach, describe, expect, test } from 'vitest'
import { type Housed, MemoryBudget } from '../../src/gateway/memory-budget.ts'
import { createLog, type Log } from '../../src/observe/log.ts'
import { Redactor } from '../../src/std/secret.ts'
import { parseSize } from '../../src/std/size.ts'

const MB = 1_048_576
const NOW = Date.parse('2026-01-02T03:04:05Z')

interface Line {
  level: number
  message: string
  server?: string
}

interface House extends Housed {
  asleep: boolean
}

let lines: Line[]
let log: Log
let houses: House[]
let sizes: Map<number, number>
/** What the budget asked to be measured. */
let measured: number[][]
let time: number

beforeEach(() => {
  lines = []
  log = createLog('info', new Redactor(), { terminal: false, write: (line) => lines.push(JSON.parse(line) as Line) })
  houses = []
  sizes = new Map()
  measured = []
  time = 0
})

/** A server with one instance that takes so much and was last used so many seconds ago. */
function house(name: string, mb: number, usedAgo: number, more: { busy?: boolean; keep?: boolean; idle?: 'never' } = {}): House {
  const pid = houses.length + 100
  const instance = { connection: { pid }, usage: { last: NOW - usedAgo * 1_000 } }
  sizes.set(pid, mb * MB)
  const one: House = {
    name,
    asleep: false,
    options: { keep: more.keep ?? false, idle: more.idle ?? 300_000 },
    get instances() {
      return one.asleep ? [] : [instance]
    },
    get idle() {
      return one.asleep || more.busy ? [] : [{ instance }]
    },
    sleep() {
      one.asleep = true
    },
  }
  houses.push(one)
  return one
}

function budget(limit: string | undefined, measure?: () => void): MemoryBudget {
  return new MemoryBudget(limit === undefined ? undefined : parseSize(limit), {
    log,
    servers: () => houses,
    measure: async (pids) => {
      measured.push([...pids])
      measure?.()
      return new Map(pids.map((pid) => [pid, sizes.get(pid) ?? 0]))
    },
    clock: () => time,
  })
}

const asleep = (): string[] => houses.filter((one) => one.asleep).map(({ name }) => name)
const said = (level: number): string[] => lines.filter((line) => line.level === level).map(({ message }) => message)

/** Looks again after the pause. */
async function again(memory: MemoryBudget, laterMs = 5_000): Promise<void> {
  time += laterMs
  await memory.sweep(NOW + time)
}

describe('servers that take more than the budget', () => {
  test('sleep in the order in which they were used last, and no more of them than must', async () => {
    for (const [name, mb, ago] of [
      ['new', 50, 1],
      ['oldest', 50, 90],
      ['old', 50, 60],
      ['recent', 50, 5],
    ] as const)
      house(name, mb, ago)
    await budget('100MB').sweep(NOW)
    expect(asleep()).toEqual(['oldest', 'old'])
    expect(said(40)).toEqual([])
  })

  test('are told one by one in the log, each with the reason', async () => {
    house('memory', 61, 125)
    house('everything', 80, 3)
    await budget('100MB').sweep(NOW)
    expect(lines).toEqual([
      expect.objectContaining({
        level: 30,
        server: 'memory',
        pid: 100,
        rssBytes: 61 * MB,
        message:
          'put to sleep to free 61 MB: the servers take 141 MB, memory allows 100 MB, and it is unused for longest (2m 5s)',
      }),
    ])
  })

  test('are left alone where they are in use or to be kept, and sleep last where idle is never', async () => {
    house('busy', 50, 500, { busy: true })
    house('kept', 50, 400, { keep: true })
    house('never', 50, 300, { idle: 'never' })
    house('plain', 50, 1)
    const memory = budget('150MB')
    await memory.sweep(NOW)
    expect(asleep()).toEqual(['plain'])
    memory.limit = 110 * MB
    await again(memory)
    expect(asleep()).toEqual(['never', 'plain'])
  })

  test('stay awake where somebody began to use them while they were measured', async () => {
    const one = house('one', 50, 60)
    house('two', 50, 30)
    await budget('60MB', () => Object.defineProperty(one, 'idle', { value: [] })).sweep(NOW)
    expect(asleep()).toEqual(['two'])
  })
})

describe('a budget that cannot be met', () => {
  test('is told once, and not again while nothing changes', async () => {
    house('busy', 200, 0, { busy: true })
    house('idle', 50, 9)
    const memory = budget('100MB')
    for (let i = 0; i < 500; i++) await again(memory)
    expect(asleep()).toEqual(['idle'])
    expect(said(40)).toEqual([
      'the servers take 200 MB where memory allows 100 MB, and those that are left are in use or have keep: true; ' +
        'see mcp-gw ps, and raise memory or keep fewer',
    ])
  })

  test('is told once where it is met and missed in turns, and anew when that is long past', async () => {
    house('busy', 200, 0, { busy: true })
    const memory = budget('100MB')
    for (let i = 0; i < 20; i++) {
      sizes.set(100, (i % 2 === 0 ? 200 : 20) * MB)
      await again(memory)
    }
    expect(said(40)).toHaveLength(1)
    await again(memory, 600_000)
    expect(said(40)).toHaveLength(1)
    sizes.set(100, 20 * MB)
    await again(memory)
    sizes.set(100, 200 * MB)
    await again(memory)
    expect(said(40)).toHaveLength(2)
  })
})

describe('the measurement', () => {
  test('does not happen without a budget, and begins when a reload brings one', async () => {
    house('one', 50, 60)
    const memory = budget(undefined)
    await memory.sweep(NOW)
    expect(measured).toEqual([])
    memory.limit = 10 * MB
    await again(memory)
    expect(measured).toEqual([[100]])
    expect(asleep()).toEqual(['one'])
  })

  test('is made every five seconds, and seldom where it takes long', async () => {
    house('one', 50, 60)
    let took = 0
    const memory = budget('100MB', () => {
      time += took
    })
    for (let i = 0; i < 20; i++) await again(memory, 1_000)
    expect(measured).toHaveLength(4)
    took = 250
    for (let i = 0; i < 60; i++) await again(memory, 1_000)
    expect(measured).toHaveLength(6)
  })

  test('is not begun while one is under way, and one that fails does not end them all', async () => {
    house('one', 50, 60)
    let fail = true
    const memory = budget('100MB', () => {
      if (fail) throw new Error('no such system')
    })
    const first = memory.sweep(NOW)
    await memory.sweep(NOW)
    await expect(first).rejects.toThrow('no such system')
    fail = false
    await again(memory)
    expect(measured).toHaveLength(2)
  })
})
