/**
 * Keeps the gateway small while it has little to do. What V8 makes room for so that long runs are fast costs nine megabytes, and
 * the start alone is enough to call for it.
 */
import { setFlagsFromString } from 'node:v8'

const LOOK_MS = 1_000
/** So many calls between two looks are work that should be done fast. */
const BUSY_CALLS = 20

/** Before most of the program is loaded. */
export function runLean(): void {
  // Loading makes much that is garbage a moment later, for which the young generation would grow.
  setFlagsFromString('--semi-space-growth-factor=1')
  // What runs once need not be optimized, and the compilers that would do it take four megabytes, and one for the quick one.
  setFlagsFromString('--no-opt')
  setFlagsFromString('--no-sparkplug')
}

/** Has V8 do what it does by default as soon as there is real work; `calls` tells how many there have been. */
export function runFastWhenBusy(calls: () => number): void {
  let before = calls()
  const timer = setInterval(() => {
    const now = calls()
    const busy = now - before >= BUSY_CALLS
    before = now
    if (!busy) return
    clearInterval(timer)
    setFlagsFromString('--semi-space-growth-factor=2')
    setFlagsFromString('--sparkplug')
    setFlagsFromString('--opt')
  }, LOOK_MS)
  timer.unref()
}
