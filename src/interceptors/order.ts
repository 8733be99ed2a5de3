/** THE list: everything that is done to a call, outermost first, each with the reason for its place. */
import type { Interceptor } from '../call/call.ts'
import type { Traffic } from '../observe/traffic.ts'
import { measure } from './measure.ts'

export interface Services {
  traffic: Traffic
}

export function interceptors(services: Services): readonly (Interceptor | undefined)[] {
  return [
    // First, because it is the client's view: it counts what every later step refuses or delays.
    measure(services.traffic),
  ]
}
