/** When an instance is asked whether it still answers, when it is given up, and when its server is well again. */
import { beforeEach, describe, expect, test } from 'vitest'
import { createLog } from '../../src/observe/log.ts'
import { GatewayError } from '../../src/protocol/errors.ts'
import { Redactor } from '../../src/std/secret.ts'
import { Checkup, type Patient } from '../../src/upstream/checkup.ts'
import type { ServerOptions } from '../../src/upstream/options.ts'

type Health = ServerOptions['health']

const SECOND = 1_000
/** The moments of the tests count from here. */
const START = Date.parse('2026-01-02T03:04:05Z')
const EVERY_10: Health = { interval: 10 * SECOND, timeout: SECOND, failures: 3, successes: 1 }
const silent = new GatewayError('timeout', 'it did not answer')
const refused = new GatewayError('unavailable', 'it cannot be reached')

class FakeInstance implements Patient {
  lastContact = START
  readonly usage = { since: START }
  closed = false
  paused = false
  connection = { transport: 'stdio', stderr: ['the disk is full'] }
  readonly pings: number[] = []
  givenUp: GatewayError | undefined
  /** What comes of a ping. */
  answer: () => Promise<void> = async () => undefined

  ping(timeoutMs: number): Promise<void> {
    this.pings.push(timeoutMs)
    return this.answer()
  }

  giveUp(error: GatewayError): void {
    this.givenUp = error
    this.closed = true
  }
}

let options: Health
let instances: FakeInstance[]
let checkup: Checkup
let said: string[]

beforeEach(() => {
  options = EVERY_10
  instances = [new FakeInstance()]
  said = []
  const write = (line: string): unknown => said.push((JSON.parse(line) as { message: string }).message)
  checkup = new Checkup({
    name: 'odd',
    log: createLog('info', new Redactor(), { terminal: false, write: (line) => void write(line) }),
    options: () => options,
    instances: () => instances.filter(({ closed }) => !closed),
  })
})

/** Looks at every second from one to the other, and lets each ping come to its end. */
async function pass(from: number, to: number): Promise<void> {
  for (let second = from; second <= to; second++) {
    checkup.sweep(START + second * SECOND)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const only = (): FakeInstance => instances[0] as FakeInstance

describe('a ping', () => {
  test('is sent to whom was silent for the interval, with the timeout, and not to others', async () => {
    await pass(1, 9)
    expect(only().pings).toEqual([])
    await pass(10, 10)
    expect(only().pings).toEqual([SECOND])
    only().lastContact = START + 15 * SECOND
    await pass(11, 24)
    expect(only().pings).toHaveLength(1)
    await pass(25, 39)
    expect(only().pings).toHaveLength(2)
  })

  test('is sent each interval to whom has nothing else to answer', async () => {
    only().answer = async () => {
      only().lastContact = START + only().pings.length * 10 * SECOND + 5
    }
    await pass(1, 100)
    expect(only().pings).toHaveLength(10)
  })

  test('is never sent where the config asks for none, and is from a reload on that does', async () => {
    options = undefined
    await pass(1, 60)
    expect([only().pings, checkup.state]).toEqual([[], undefined])
    options = EVERY_10
    await pass(61, 61)
    expect([only().pings, checkup.state]).toEqual([[SECOND], 'healthy'])
  })

  test('is not followed by another while it is under way', async () => {
    let answered = (): void => undefined
    only().answer = () =>
      new Promise<void>((resolve) => {
        answered = resolve
      })
    await pass(1, 60)
    expect(only().pings).toHaveLength(1)
    answered()
    await pass(61, 62)
    expect(only().pings).toHaveLength(2)
  })

  test('is not sent to whom nobody listens', async () => {
    only().paused = true
    await pass(1, 100)
    expect([only().pings, only().givenUp]).toEqual([[], undefined])
  })
})

describe('an instance', () => {
  test('is given up after so many pings in a row without an answer, with its last words', async () => {
    only().answer = () => Promise.reject(silent)
    await pass(1, 29)
    expect([only().givenUp, checkup.missed(only()), checkup.state]).toEqual([undefined, 2, 'healthy'])
    await pass(30, 30)
    expect(only().givenUp).toMatchObject({
      code: 'interrupted',
      message:
        'odd has not answered 3 pings in a row within 1s (servers.odd.health); its last words on stderr:\n  the disk is full',
    })
    expect(checkup.state).toBe('unhealthy')
  })

  test('over HTTP is given up with the reason why it could not be asked', async () => {
    options = { ...EVERY_10, failures: 1 }
    only().connection = { transport: 'streamable', stderr: [] }
    only().answer = () => Promise.reject(refused)
    await pass(1, 10)
    expect(only().givenUp?.message).toBe('odd has not answered a ping, at last because it cannot be reached (servers.odd.health)')
  })

  test('that answers once in a while is not given up', async () => {
    for (let round = 1; round <= 12; round++) {
      only().answer = round % 3 === 0 ? async () => undefined : () => Promise.reject(silent)
      await pass(round * 10, round * 10)
    }
    expect([only().givenUp, only().pings.length]).toEqual([undefined, 12])
  })

  test('that sends something while it owes the answer is not given up', async () => {
    for (let round = 1; round <= 12; round++) {
      only().answer = () => {
        only().lastContact = START + round * 10 * SECOND + 500
        return Promise.reject(silent)
      }
      await pass(round * 10, round * 10)
    }
    expect([only().givenUp, checkup.missed(only())]).toEqual([undefined, 0])
  })

  test('does not answer for another one', async () => {
    const other = new FakeInstance()
    instances.push(other)
    other.answer = () => Promise.reject(silent)
    await pass(1, 30)
    expect([only().givenUp, other.givenUp?.code]).toEqual([undefined, 'interrupted'])
  })
})

describe('a server whose instance was given up', () => {
  const giveUp = async (): Promise<void> => {
    only().answer = () => Promise.reject(silent)
    await pass(1, 30)
    const next = new FakeInstance()
    next.lastContact = START + 31 * SECOND
    instances = [next]
  }

  test('is healthy again as soon as another one is up', async () => {
    await giveUp()
    checkup.started()
    expect([checkup.state, said]).toEqual(['healthy', ['healthy again']])
  })

  test('is so after as many good checks in a row as the config asks for, traffic included', async () => {
    options = { ...EVERY_10, successes: 3 }
    await giveUp()
    checkup.started()
    await pass(31, 40)
    expect([checkup.state, only().pings]).toEqual(['unhealthy', []])
    only().answer = () => Promise.reject(silent)
    await pass(41, 50)
    only().answer = async () => undefined
    await pass(51, 70)
    expect(checkup.state).toBe('unhealthy')
    await pass(71, 80)
    expect([checkup.state, said]).toEqual(['healthy', ['healthy again']])
  })

  test('is not talked about any more where a reload takes the checks away', async () => {
    await giveUp()
    options = undefined
    await pass(31, 31)
    options = EVERY_10
    expect(checkup.state).toBe('healthy')
  })
})
