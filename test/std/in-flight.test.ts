import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { InFlight } from '../../src/std/in-flight.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('what is idle needs no waiting', async () => {
  await new InFlight().idle(1_000)
  expect(vi.getTimerCount()).toBe(0)
})

test('everybody who waits is told when the last one leaves, and no timer stays behind', async () => {
  const work = new InFlight()
  work.enter()
  work.enter()
  let told = 0
  for (let i = 0; i < 2; i++) void work.idle(1_000).then(() => told++)
  work.leave()
  await Promise.resolve()
  expect([told, work.count]).toEqual([0, 1])
  work.leave()
  await Promise.resolve()
  expect([told, work.count, vi.getTimerCount()]).toEqual([2, 0, 0])
})

test('nobody waits longer than they said', async () => {
  const work = new InFlight()
  work.enter()
  let told = false
  void work.idle(1_000).then(() => {
    told = true
  })
  await vi.advanceTimersByTimeAsync(999)
  expect(told).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(told).toBe(true)
})
