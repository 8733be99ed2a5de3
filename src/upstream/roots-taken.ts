/** Waits until a server that has just started knows its roots, so that its first call does not meet one without any. */
import { isStateless } from '../protocol/versions.ts'
import type { Instance } from './instance.ts'

/** Longer than this nobody waits for a server to answer a ping. */
const PING_MS = 1_000

/** Whoever asks as soon as it may has asked before it answers the second ping; the first may overtake the question. */
const PINGS_TO_ASK = 2

/**
 * Servers look at the folders that they are told before they go by them, and none says when it has. By then it has had so much
 * time, and has answered so many pings, which take the longer the slower the machine is.
 */
const TAKING_IN_MS = 50
const PINGS_TO_TAKE_IN = 10

export async function rootsTaken(instance: Instance): Promise<void> {
  // Without sessions, roots are asked for in a call and told with its answer.
  if (!instance.roots || isStateless(instance.identity?.version)) return
  await pings(instance, PINGS_TO_ASK)
  if (!instance.link.rootsTold) return
  await new Promise((resolve) => setTimeout(resolve, TAKING_IN_MS))
  await pings(instance, PINGS_TO_TAKE_IN)
}

async function pings(instance: Instance, count: number): Promise<void> {
  try {
    for (let left = count; left > 0; left--) await instance.ask('ping', undefined, PING_MS)
  } catch (error) {
    // A server that does not answer this may answer all that matters; one that has ended will not.
    if (instance.closed) throw error
  }
}
