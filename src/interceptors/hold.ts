/** Counts the calls that a server works on, so that a server which is to go can wait for them. */
import type { Interceptor } from '../call/call.ts'
import type { InFlight } from '../std/in-flight.ts'

export function hold(underWay: InFlight): Interceptor {
  return (next) => async (call) => {
    underWay.enter()
    try {
      return await next(call)
    } finally {
      underWay.leave()
    }
  }
}
