/** Counts the calls to a server, those that failed, and the time the others took. */

import type { Interceptor } from '../call/call.ts'
import type { Traffic } from '../observe/traffic.ts'
import { clock } from '../std/clock.ts'

export function measure(traffic: Traffic, now: () => number = clock): Interceptor {
  return (next) => async (call) => {
    const from = now()
    traffic.calls++
    try {
      const reply = await next(call)
      traffic.answeredMs += now() - from
      return reply
    } catch (error) {
      traffic.failures++
      throw error
    }
  }
}
