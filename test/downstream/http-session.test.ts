/** The streams of answered requests can be fetched again for a while, and take no more room than that needs. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { HttpSession } from '../../src/downstream/http-session.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

function answered(http: HttpSession): string {
  const log = http.open()
  log.end([Buffer.from('{}')])
  http.finished()
  return log.id
}

it('an answered stream is forgotten after a minute, one that is open is not', () => {
  const http = new HttpSession()
  const open = http.open()
  const first = answered(http)
  vi.advanceTimersByTime(30_000)
  const second = answered(http)
  vi.advanceTimersByTime(29_000)
  expect([first, second].map((id) => http.stream(id) !== undefined)).toEqual([true, true])
  vi.advanceTimersByTime(10_000)
  expect([first, second].map((id) => http.stream(id) !== undefined)).toEqual([false, true])
  vi.advanceTimersByTime(30_000)
  expect(http.stream(second)).toBeUndefined()
  expect([http.stream(open.id), http.stream('s')]).toEqual([open, http.push])
  expect(vi.getTimerCount()).toBe(0)
})

it('of many answered streams the last hundred are kept, with one timer', () => {
  const http = new HttpSession()
  const open = http.open()
  const ids = Array.from({ length: 1_000 }, () => answered(http))
  expect(ids.filter((id) => http.stream(id)).length).toBeLessThanOrEqual(100)
  expect(http.stream(ids.at(-1) as string)).toBeDefined()
  expect(http.stream(open.id)).toBe(open)
  expect(vi.getTimerCount()).toBe(1)
})
