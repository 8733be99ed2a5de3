/** Brings up one instance of a server over the transport it speaks, in the era it speaks. */
import { isStateless } from '../protocol/versions.ts'
import type { Eras, StartSetup } from './attempt.ts'
import { NotSession } from './identity.ts'
import type { Instance } from './instance.ts'
import { startProgram } from './start-program.ts'
import { startRemote } from './start-remote.ts'

/** So long it is believed that a server has sessions only. */
const VERDICT_MS = 7 * 24 * 60 * 60 * 1_000

export async function startInstance(setup: StartSetup): Promise<Instance> {
  const { options, met } = setup
  const eras = erasFor(setup, Date.now())
  const begin = options.command === undefined ? startRemote : startProgram
  const instance = await begin(setup, eras).catch((error) => {
    // It has sessions no more.
    if (!(error instanceof NotSession) || options.protocol !== 'auto' || !setup.wanted()) throw error
    return begin(setup, ['stateless'])
  })
  const { identity } = instance
  const probedAt = identity?.probedAt ?? (eras.length > 1 ? Date.now() : met?.probedAt)
  if (identity && !isStateless(identity.version)) instance.identity = { ...identity, probedAt }
  return instance
}

function erasFor({ options: { protocol }, met }: StartSetup, now: number): Eras {
  if (protocol !== 'auto') return [protocol]
  const believed = met && !isStateless(met.version) && now - (met.probedAt ?? 0) < VERDICT_MS
  return believed ? ['session'] : ['stateless', 'session']
}
