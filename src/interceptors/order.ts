/** THE list: everything that is done to a call, outermost first, each with the reason for its place. */
import type { Call, Interceptor } from '../call/call.ts'
import type { Traffic } from '../observe/traffic.ts'
import type { InFlight } from '../std/in-flight.ts'
import { hold } from './hold.ts'
import { measure } from './measure.ts'
import { repeat } from './repeat.ts'

export interface Services {
  traffic: Traffic
  underWay: InFlight
  /** Whether a tool may be called twice, by what it says of itself. */
  harmless(call: Call): boolean
}

export function interceptors(services: Services): readonly (Interceptor | undefined)[] {
  return [
    // Around everything: a server must not go while any step, or the wait between two attempts, still needs it.
    hold(services.underWay),
    // First of those that do something, because it is the client's view: it counts what every later step refuses or delays.
    measure(services.traffic),
    // Next to the server: each attempt looks for an instance anew, and the client counts but one call.
    repeat((call) => services.harmless(call)),
  ]
}
