/** THE list: everything that is done to a call, outermost first, each with the reason for its place. */
import type { Interceptor } from '../call/call.ts'
import type { Traffic } from '../observe/traffic.ts'
import type { InFlight } from '../std/in-flight.ts'
import { hold } from './hold.ts'
import { measure } from './measure.ts'

export interface Services {
  traffic: Traffic
  underWay: InFlight
}

export function interceptors(services: Services): readonly (Interceptor | undefined)[] {
  return [
    // Around everything: a server must not go while any step, or the wait between two attempts, still needs it.
    hold(services.underWay),
    // First of those that do something, because it is the client's view: it counts what every later step refuses or delays.
    measure(services.traffic),
  ]
}
