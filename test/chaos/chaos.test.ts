/** A storm over the gateway: whatever is killed, forgotten, rewritten and restarted, calls get the answers that are theirs. */
import { expect, it } from 'vitest'
import { Storm } from './storm.ts'

const seconds = Number(process.env.CHAOS_SECONDS ?? 15)
const seed = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 2 ** 32))

it('harmless calls never fail in a storm, others only say that they may have run, and nothing hangs', {
  timeout: seconds * 1_000 + 90_000,
}, async () => {
  const report = await Storm.run({ seconds, seed })
  const { faults, runs, changed, left, inFlight, ...counts } = report
  console.log(`chaos: seed ${seed}, ${seconds} s: ${JSON.stringify({ ...counts, faults: faults.length })}`)
  expect({ seed, faults: faults.slice(0, 60) }).toEqual({ seed, faults: [] })
  const often = [...runs].filter(([, times]) => times > 1)
  expect({ seed, often }).toEqual({ seed, often: [] })
  expect(changed.filter((nonce) => !runs.has(nonce))).toEqual([])
  expect({ left, inFlight }).toEqual({ left: [], inFlight: 0 })
  expect(counts.answered).toBeGreaterThan(seconds * 10)
})
