/** Waits until a server that has just started knows its roots, so that its first call does not meet one without any. */
import type { Instance } from './instance.ts'

/** Longer than this nobody waits for a server to answer a ping. */
const PING_MS = 1_000

/** Servers look at the folders that they are told before they go by them; none says when it has. */
const TAKING_IN_MS = 50

export async function rootsTaken(instance: Instance): Promise<void> {
  if (!instance.roots) return
  // Whoever asks as soon as it may has asked before it answers this.
  await ping(instance)
  if (!instance.link.rootsTold) return
  await new Promise((resolve) => setTimeout(resolve, TAKING_IN_MS))
  await ping(instance)
}

async function ping(instance: Instance): Promise<void> {
  try {
    await instance.ask('ping', undefined, PING_MS)
  } catch (error) {
    // A server that does not answer this may answer all that matters; one that has ended will not.
    if (instance.closed) throw error
  }
}
