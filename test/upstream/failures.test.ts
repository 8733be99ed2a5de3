/** How long a server is left alone after it failed, and what makes that be forgotten. */
import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../src/protocol/errors.ts'
import { Failures } from '../../src/upstream/failures.ts'

const error = new GatewayError('unavailable', 'it broke')

/** An instance that has lived for so long, and whether a client has asked it something, and has had an answer. */
const lived = (ms: number, { used = false, proven = false } = {}) => {
  const since = Date.now() - ms
  return { proven, usage: { since, last: used ? since + 1 : since }, connection: { stderr: ['starting', 'it is broken'] } }
}

const failures = (attempts = 3): Failures => new Failures(() => ({ base: 1, max: 1, attempts }))
const givenUp = /^given up after 3 failures in a row, until mcp-gw reconnect or a reload that changes it: it broke$/

describe('a server that comes up and dies before it has served anybody', () => {
  test('is given up like one that does not come up at all', async () => {
    const one = failures()
    for (let i = 0; i < 3; i++) {
      await one.pass()
      const instance = lived(0)
      one.up(instance)
      expect(one.failing).toBe(false)
      one.died(error, instance)
      expect(one.failing).toBe(true)
    }
    await expect(one.pass()).rejects.toThrow(givenUp)
  })
})

describe('earlier failures are forgotten', () => {
  test.each([
    ['when an instance has served somebody', lived(1, { used: true, proven: true }), 0],
    ['when an instance has died of what a client asked', lived(1, { used: true }), 1],
    ['when an instance has lived for a minute', lived(61_000), 1],
  ])('%s', (_when, instance, left) => {
    const one = failures(2)
    one.unstarted(error, undefined)
    one.up(instance)
    one.died(error, instance)
    expect(one.failing).toBe(left === 1)
    // With one more failure, two in a row would be too many.
    return expect(one.pass()).resolves.toBeUndefined()
  })

  test('also where the stable one was put to sleep, and the next does not start', async () => {
    const one = failures(2)
    one.unstarted(error, undefined)
    one.up(lived(1, { used: true, proven: true }))
    one.unstarted(error, undefined)
    await expect(one.pass()).resolves.toBeUndefined()
    one.unstarted(error, undefined)
    await expect(one.pass()).rejects.toThrow('given up after 2 failures')
  })
})

test('an instance that is up is used, whatever others did', async () => {
  const one = failures()
  for (let i = 0; i < 3; i++) one.unstarted(error, undefined)
  one.up(lived(0))
  await expect(one.pass()).resolves.toBeUndefined()
  expect(one.last).toBeUndefined()
})

test('the last lines of an instance outlive it', () => {
  const one = failures()
  one.unstarted(error, lived(0))
  expect(one.last).toMatchObject({ message: 'it broke', stderr: ['starting', 'it is broken'] })
})
