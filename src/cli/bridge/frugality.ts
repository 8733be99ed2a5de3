/** Keeps the process small: there is one for each client, and most of the time it waits. */
import { setFlagsFromString } from 'node:v8'

/** So much work makes the optimizing compiler worth its memory. */
const WORK_MICROS = 5_000_000
const LOOK_MS = 10_000

export function beFrugal(): void {
  // Garbage is collected in small portions rather than in large ones.
  setFlagsFromString('--semi-space-growth-factor=1')
  // The optimizing compiler takes 4 MB as soon as it looks at anything, and carrying messages for one client hardly needs it.
  setFlagsFromString('--no-opt')
  const look = setInterval(() => {
    const { user, system } = process.cpuUsage()
    if (user + system < WORK_MICROS) return
    setFlagsFromString('--opt')
    clearInterval(look)
  }, LOOK_MS).unref()
}
