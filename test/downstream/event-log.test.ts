/** A stream survives its connection: what a client missed is sent again, once, within bounds. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EventLog, parseEventId } from '../../src/downstream/event-log.ts'
import { FakeResponse } from './fake-response.ts'

const message = (text: string): Buffer[] => [Buffer.from(text)]
const MB = 1_048_576

function attached(log: EventLog, after?: number, priming = false): FakeResponse {
  const res = new FakeResponse()
  log.attach(res.asResponse, priming, after)
  return res
}

/** Lets the close of a response be heard. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('resumption', () => {
  test('what was sent before anybody listened comes first, in order', () => {
    const log = new EventLog('s')
    log.send(message('1'))
    log.send(message('2'))
    const res = attached(log)
    log.send(message('3'))
    expect(res.data).toEqual(['1', '2', '3'])
    expect(res.ids).toEqual(['s_1', 's_2', 's_3'])
  })

  test('a client gets what stands behind the event it names, and nothing twice', () => {
    const count = fc.nat(30)
    fc.assert(
      fc.property(count, count, count, (before, between, seen) => {
        const log = new EventLog('r1')
        const first = attached(log)
        for (let i = 1; i <= before; i++) log.send(message(String(i)))
        first.destroy()
        const after = Math.min(seen, before)
        const second = new FakeResponse()
        for (let i = 1; i <= between; i++) log.send(message(String(before + i)))
        log.attach(second.asResponse, false, after)
        log.send(message('last'))
        const rest = Array.from({ length: before + between - after }, (_, at) => String(after + at + 1))
        expect(second.data).toEqual([...rest, 'last'])
      }),
    )
  })

  test('without an event id a client gets what no connection has carried yet', async () => {
    const log = new EventLog('s')
    const first = attached(log)
    log.send(message('1'))
    first.destroy()
    await settled()
    log.send(message('2'))
    expect(attached(log).data).toEqual(['2'])
  })

  test('an ended stream can still be fetched, and ends again', () => {
    const log = new EventLog('r1')
    const first = attached(log, undefined, true)
    log.end(message('the answer'))
    expect([first.ended, first.data]).toEqual([true, ['the answer']])
    const second = attached(log, 0)
    expect([second.ended, second.data]).toEqual([true, ['the answer']])
    expect(attached(log, 1).data).toEqual([])
  })

  test('a second connection takes the place of the first', async () => {
    const log = new EventLog('s')
    const first = attached(log)
    const second = attached(log)
    await settled()
    log.send(message('1'))
    expect([first.ended, first.data, second.data, log.attached]).toEqual([true, [], ['1'], true])
  })

  test('the first event names a place to resume from before anything was sent', () => {
    const res = attached(new EventLog('r7'), undefined, true)
    expect(res.text).toMatch(/^id: r7_0\nretry: \d+\ndata: \n\n$/)
  })
})

describe('bounds', () => {
  test('of many events the last thousand are kept', () => {
    const log = new EventLog('s')
    for (let i = 1; i <= 2_500; i++) log.send(message(String(i)))
    const { data } = attached(log, 0)
    expect([data.length, data[0], data.at(-1)]).toEqual([1_000, '1501', '2500'])
  })

  test('of large events no more than a few megabytes are kept, but the newest always', () => {
    const log = new EventLog('s')
    for (let i = 1; i <= 10; i++) log.send(message(String(i).repeat(MB)))
    expect(attached(log, 0).data.length).toBeLessThanOrEqual(4)
    log.send(message('x'.repeat(20 * MB)))
    expect(attached(log, 0).data.map(({ length }) => length)).toEqual([20 * MB])
  })

  test('a large answer is no reason to cut a client off', () => {
    const log = new EventLog('r1')
    const res = new FakeResponse()
    res.reads = false
    log.attach(res.asResponse, true)
    log.send(message('progress'))
    log.end(message('x'.repeat(20 * MB)))
    expect([res.destroyed, res.ended, res.data.length]).toEqual([false, true, 2])
  })

  test('a client that does not read is cut off, and resumes where it stopped', async () => {
    const log = new EventLog('s')
    const res = new FakeResponse()
    res.reads = false
    log.attach(res.asResponse, false)
    for (let i = 1; i <= 1_000; i++) log.send(message(`${i} ${'x'.repeat(100_000)}`))
    await settled()
    expect(res.destroyed).toBe(true)
    expect(res.writableLength).toBeLessThan(17 * MB)
    expect(log.attached).toBe(false)
    expect(attached(log, 990).data.map((one) => Number.parseInt(one, 10))).toEqual([
      991, 992, 993, 994, 995, 996, 997, 998, 999, 1_000,
    ])
  })
})

test('an event id names a stream and an event, and arbitrary text names nothing', () => {
  expect(parseEventId('r12_345')).toEqual({ stream: 'r12', n: 345 })
  for (const id of ['', 'r1', 'r1_', '_1', 'r1_x', 'r1_-1', ' r1_1', 'r1_1\n', '__proto__'])
    expect(parseEventId(id)).toBeUndefined()
  fc.assert(fc.property(fc.string(), (id) => void parseEventId(id)))
})
