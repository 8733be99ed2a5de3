/** Keeps the start of the gateway small: V8 takes nine megabytes more for good where it takes a start for heavy work. */
import { setFlagsFromString } from 'node:v8'

/** Before most of the program is loaded. */
export async function startLean(): Promise<void> {
  // Loading makes much that is garbage a moment later, for which the young generation would grow.
  setFlagsFromString('--semi-space-growth-factor=1')
  // Twice the default: what a start does a few thousand times does not call in the optimizing compiler, which takes four
  // megabytes; what clients do soon does.
  setFlagsFromString('--interrupt-budget=135168')
  await import('../std/parse-once.ts')
}

/** From here on the young generation grows with the work, as it does by default. */
export function runFast(): void {
  setFlagsFromString('--semi-space-growth-factor=2')
}
